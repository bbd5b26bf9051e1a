//! `jeton keys`: the service's keyring.

use clap::Subcommand;
use jeton::Timestamp;
use jeton_session::{KeySummary, Keyring};
use serde_json::{Value, json};

use crate::cli::{Console, Failure, Place};
use crate::keys;

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
    /// What it has signed is refused, everywhere, within a second; if the service does not run, once
    /// it does. Another key signs at once. What a refresh key has signed can refresh no more.
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
        let (keyring, json) = match self {
            Self::List { json } => (keys::read(&settings)?, json),
            Self::Generate => (keys::generate(&settings, now)?, false),
            Self::Rotate => (keys::rotate(&settings, now)?, false),
            Self::Withdraw { kid } => (keys::withdraw(&settings, &kid, now)?, false),
        };
        list(&keyring, json, console, now)
    }
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
