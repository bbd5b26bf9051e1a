//! The keyring changes while the service runs.
//!
//! Verifiers hear of a key before anything is signed with it, and that one was withdrawn when nothing
//! more is. In a fleet any node may be asked about a token that another has just signed with a new
//! key: one that meets a key it does not know looks whether there is one, before it says no.

use std::sync::atomic::{AtomicU64, Ordering};

use jeton::jws::Compact;
use jeton_session::{Keyring, StoreError};
use jeton_store::RedisDocuments;
use tokio::sync::Mutex;
use tokio::time::{Duration, Instant, sleep, sleep_until};
use tracing::{info, warn};

use crate::app::App;
use crate::keys::shared::{Held, SharedKeys};
use crate::keys::{self, KeyFileError};

/// How soon one look at the shared keyring follows another, whoever asks for it.
const BETWEEN: Duration = Duration::from_millis(20);

/// Between following the keyring and telling verifiers that a key is withdrawn: the other nodes look
/// more often than that, and what they sign with it until they do is not dead when it is born. Here it
/// is refused at once, for nobody knows it any more.
const TO_FOLLOW: Duration = Duration::from_millis(250);

/// The keyring of a fleet, and how far this node has followed it.
#[derive(Debug)]
pub(super) struct FleetKeys {
    shared: SharedKeys<RedisDocuments>,
    following: Mutex<Following>,
    /// The number of the revision that was taken.
    number: AtomicU64,
}

#[derive(Debug)]
struct Following {
    /// When the last look began, and what became of it.
    looked: Option<(Instant, Result<(), StoreError>)>,
    /// The revision of which everything is done that follows from it.
    taken: String,
}

impl FleetKeys {
    /// Follows on from what the service was started with.
    pub(super) fn new(shared: SharedKeys<RedisDocuments>, taken: &Held) -> Self {
        let following = Following { looked: None, taken: taken.revision.clone() };
        let number = AtomicU64::new(taken.number());
        Self { shared, following: Mutex::new(following), number }
    }
}

impl App {
    /// Whether the keyring is shared with others.
    pub(crate) fn shares_keys(&self) -> bool {
        self.parts.keys.is_some()
    }

    /// Before a token is judged: looks at the shared keyring, if the token names a key that is not
    /// known here.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if nobody can say whether there is such a key.
    pub(crate) async fn know_key_of(&self, token: &str) -> Result<(), StoreError> {
        if !self.shares_keys() {
            return Ok(());
        }
        let Ok(token) = Compact::parse(token) else { return Ok(()) };
        match token.header().key_id() {
            Some(id) if !self.sessions().knows_key(id) => self.look_at_keys(Instant::now()).await,
            _ => Ok(()),
        }
    }

    /// Looks at the shared keyring, if nobody has since `asked`: one look serves all who wait for it,
    /// and there are no more than fifty in a second. What has changed is done before it answers.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if nobody can say what the keyring is; that of before stays.
    pub(crate) async fn look_at_keys(&self, asked: Instant) -> Result<(), StoreError> {
        let Some(keys) = &self.parts.keys else { return Ok(()) };
        let mut following = keys.following.lock().await;
        if let Some((looked, outcome)) = &following.looked {
            if *looked >= asked {
                return outcome.clone();
            }
            sleep_until(*looked + BETWEEN).await;
        }
        let begun = Instant::now();
        let outcome = self.follow(keys, &mut following.taken).await.map_err(|error| match error {
            KeyFileError::Store(error) => error,
            other => StoreError::new(other.to_string()),
        });
        following.looked = Some((begun, outcome.clone()));
        outcome
    }

    async fn follow(&self, keys: &FleetKeys, taken: &mut String) -> Result<(), KeyFileError> {
        let held = keys.shared.look(self.now()).await?;
        if held.revision != *taken {
            if let Err(error) = keys::write_copy(self.settings(), &held.keyring) {
                // A key that was withdrawn must not wait for a disk.
                warn!(%error, "this node has no copy of the changed keyring");
            }
            let withdrawn = held.keyring.withdrawn().to_vec();
            self.set_keyring(Keyring::clone(&held.keyring))?;
            if withdrawn.iter().any(|key| !self.guard().revocations().withdraws(&key.id)) {
                sleep(TO_FOLLOW).await;
            }
            self.withdraw_keys(&withdrawn).await?;
            info!(event = "keyring_changed", revision = held.revision);
            keys.number.store(held.number(), Ordering::Relaxed);
            *taken = held.revision;
        }
        Ok(())
    }

    /// Makes this the keyring.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`] if not everything is done that follows from it.
    pub(crate) async fn take_keyring(&self, keyring: Keyring) -> Result<(), KeyFileError> {
        let withdrawn = keyring.withdrawn().to_vec();
        self.set_keyring(keyring)?;
        // Only now, when nothing more is signed with them.
        self.withdraw_keys(&withdrawn).await?;
        Ok(())
    }

    /// Signs and verifies with this keyring from now on.
    fn set_keyring(&self, keyring: Keyring) -> Result<(), KeyFileError> {
        let usable = keyring.access_keys().and_then(|_| keyring.refresh_keys());
        usable.map_err(|error| KeyFileError::Shared(error.into()))?;
        // Verifiers first: what is signed with a new key must not be unknown to them.
        self.feed().publish_keys(&keyring.jwks());
        let set = self.sessions().set_keyring(keyring);
        set.map_err(|error| KeyFileError::Shared(error.into()))
    }

    /// How often the shared keyring was changed, as far as this node has followed.
    pub(crate) fn keyring_revision(&self) -> Option<u64> {
        let keys = self.parts.keys.as_ref()?;
        Some(keys.number.load(Ordering::Relaxed))
    }
}
