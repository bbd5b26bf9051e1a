//! `jeton keys`: the service's keyring.

use std::time::Duration;

use clap::Subcommand;
use jeton::{KeyId, Timestamp};
use jeton_session::{KeySummary, Keyring, KeyringError};
use serde_json::{Value, json};
use tokio::time::sleep;

use crate::app::shared_keys;
use crate::cli::{Console, Failure, Place, block_on};
use crate::keys::shared::{Held, SharedKeys, Shelf};
use crate::keys::{self, KeyFileError};
use crate::settings::Settings;

/// Nodes look ten times a second, and tell their verifiers at once.
const TO_LEARN: Duration = Duration::from_millis(500);

#[derive(Debug, Subcommand)]
pub(super) enum Keys {
    /// Show the keys: what they sign, and when. Never what they are.
    List {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make the keyring before the first start does.
    Generate,
    /// Publish the next keys; they take over ten minutes later. A running service follows.
    Rotate,
    /// Take out a key that may have been stolen.
    ///
    /// What it has signed is refused, everywhere, within a second; if no service runs, once one
    /// does. Another key signs at once. What a refresh key has signed can refresh no more.
    Withdraw {
        /// Its `kid`, as `jeton keys list` shows it.
        #[arg(allow_hyphen_values = true)]
        kid: String,
    },
}

impl Keys {
    pub(super) fn run(
        self,
        place: &Place,
        console: &mut Console<'_>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        let settings = place.settings()?;
        let json = matches!(self, Self::List { json: true });
        let keyring = if settings.fleet.is_on() {
            block_on(self.shared(&settings, now))??
        } else {
            self.own(&settings, now)?
        };
        list(&keyring, json, console, now)
    }

    /// On the keyring in the data folder.
    fn own(self, settings: &Settings, now: Timestamp) -> Result<Keyring, Failure> {
        Ok(match self {
            Self::List { .. } => keys::read(settings)?,
            Self::Generate => keys::generate(settings, now)?,
            Self::Rotate => keys::rotate(settings, now)?,
            Self::Withdraw { kid } => keys::withdraw(settings, &kid, now)?,
        })
    }

    /// On the one that a fleet shares. Every node follows.
    async fn shared(self, settings: &Settings, now: Timestamp) -> Result<Keyring, Failure> {
        let shared = shared_keys(settings).await?;
        let held = match self {
            Self::List { .. } => shared.read().await?,
            Self::Generate => shared.generate(now).await?,
            Self::Rotate => shared.rotate(now).await?,
            Self::Withdraw { kid } => withdraw(&shared, &kid, now).await?,
        };
        Ok(Keyring::clone(&held.keyring))
    }
}

/// Where a key has no successor yet, all nodes and their verifiers learn one first: what the first
/// node signs with it, the others must not refuse.
async fn withdraw<S: Shelf>(
    shared: &SharedKeys<S>,
    kid: &str,
    now: Timestamp,
) -> Result<Held, KeyFileError> {
    let id = KeyId::new(kid).map_err(|_| KeyringError::NoSuchKey)?;
    let before = shared.read().await?;
    if before.keyring.has(&id) {
        let prepared =
            shared.change(|keyring| keyring.with_successor_of(&id, shared.times(), now)).await?;
        if prepared.revision != before.revision {
            sleep(TO_LEARN).await;
        }
    }
    shared.change(|keyring| keyring.without_dead(shared.times(), now).withdraw(&id, now)).await
}

fn list(
    keyring: &Keyring,
    json: bool,
    console: &mut Console<'_>,
    now: Timestamp,
) -> Result<(), Failure> {
    let keys = keyring.summary();
    if json {
        return console.line(Value::Array(keys.iter().map(|key| as_json(key, now)).collect()));
    }
    for key in &keys {
        let KeySummary { purpose, id, algorithm, active_from, .. } = key;
        let (name, state) = (algorithm.name(), state(key, now));
        console.line(format_args!("{purpose:<8} {name:<9} {state:<8} from {active_from}  {id}"))?;
    }
    Ok(())
}

fn as_json(key: &KeySummary, now: Timestamp) -> Value {
    json!({
        "purpose": key.purpose,
        "kid": key.id.as_str(),
        "alg": key.algorithm.name(),
        "state": state(key, now),
        "created_at": key.created_at,
        "active_from": key.active_from,
        "active_until": key.active_until,
    })
}

fn state(key: &KeySummary, now: Timestamp) -> &'static str {
    match key.active_until {
        _ if key.active_from > now => "next",
        Some(until) if until <= now => "retiring",
        _ => "active",
    }
}
