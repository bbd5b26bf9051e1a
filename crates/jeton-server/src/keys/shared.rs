//! The keyring that the nodes of a fleet share.
//!
//! It lies sealed where all of them see it, under a revision that changes with it. Each node holds a
//! copy and looks whether the revision is another. Then both are merged: a keyring only gains keys and
//! takes some out for good, so what Redis has lost comes back from whoever holds it, what an old backup
//! has brought back goes again, and all nodes end up with the same.

use std::future::Future;
use std::sync::Arc;

use jeton::{Algorithm, Timestamp};
use jeton_session::{KeyTimes, Keyring, KeyringError, StoreError};
use tokio::sync::Mutex;

use crate::app::random;
use crate::keys::KeyFileError;
use crate::keys::seal::Seal;

/// How often somebody else may come first.
const TRIES: usize = 16;

/// What lies on a [`Shelf`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Another one whenever the contents are others.
    pub revision: String,
    /// The sealed keyring.
    pub bytes: Vec<u8>,
}

/// A place for one document that every node of a fleet sees.
pub trait Shelf: Send + Sync {
    /// The revision of what lies there.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    fn revision(&self) -> impl Future<Output = Result<Option<String>, StoreError>> + Send;

    /// What lies there.
    ///
    /// # Errors
    ///
    /// [`StoreError`]
    fn read(&self) -> impl Future<Output = Result<Option<Sealed>, StoreError>> + Send;

    /// Puts this in the place of the revision that is expected there; answers whether it was there.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if nobody knows what lies there now.
    fn replace(
        &self,
        expected: Option<&str>,
        new: &Sealed,
    ) -> impl Future<Output = Result<bool, StoreError>> + Send;
}

/// What keyrings are made and kept by.
#[derive(Clone, Copy, Debug)]
pub struct Habits {
    /// The algorithm of new access keys.
    pub algorithm: Algorithm,
    /// How long keys are kept around their use.
    pub times: KeyTimes,
}

/// The shared keyring, as one process sees it.
#[derive(Debug)]
pub struct SharedKeys<S> {
    shelf: S,
    seal: Seal,
    habits: Habits,
    held: Mutex<Option<Held>>,
}

/// A keyring and its revision.
#[derive(Clone, Debug)]
pub struct Held {
    /// Where it lies, under which revision.
    pub revision: String,
    /// What it is.
    pub keyring: Arc<Keyring>,
}

impl Held {
    /// How often it was changed, by its revision.
    #[must_use]
    pub fn number(&self) -> u64 {
        number_of(&self.revision)
    }
}

impl<S: Shelf> SharedKeys<S> {
    /// What lies on this shelf, under this seal.
    pub fn new(shelf: S, seal: Seal, habits: Habits) -> Self {
        Self { shelf, seal, habits, held: Mutex::new(None) }
    }

    /// The keyring to start with: what lies on the shelf and this node's copy together; the first
    /// node of a fleet makes one.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`]
    pub async fn start(&self, copy: Option<Keyring>, now: Timestamp) -> Result<Held, KeyFileError> {
        let mut held = self.held.lock().await;
        let found = self.together(copy.as_ref(), now).await?;
        *held = Some(found.clone());
        Ok(found)
    }

    /// The keyring as it is now. What the shelf has lost is put back.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`]; the keyring of before is still good.
    pub async fn look(&self, now: Timestamp) -> Result<Held, KeyFileError> {
        let mut held = self.held.lock().await;
        let revision = self.shelf.revision().await?;
        if let Some(held) = held.as_ref().filter(|held| Some(&held.revision) == revision.as_ref()) {
            return Ok(held.clone());
        }
        let known = held.as_ref().map(|held| Arc::clone(&held.keyring));
        let found = self.together(known.as_deref(), now).await?;
        *held = Some(found.clone());
        Ok(found)
    }

    /// The keyring on the shelf, for a command.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::NotStored`] if there is none.
    pub async fn read(&self) -> Result<Held, KeyFileError> {
        let sealed = self.shelf.read().await?.ok_or(KeyFileError::NotStored)?;
        self.opened(sealed)
    }

    /// Makes the keyring, if there is none.
    ///
    /// # Errors
    ///
    /// [`KeyFileError::Stored`] if there is one.
    pub async fn generate(&self, now: Timestamp) -> Result<Held, KeyFileError> {
        if self.shelf.read().await?.is_some() {
            return Err(KeyFileError::Stored);
        }
        let made = Keyring::generate(self.habits.algorithm, now)?;
        self.put(None, made).await?.ok_or(KeyFileError::Stored)
    }

    /// Publishes the next keys, which every node knows long before they sign.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`]
    pub async fn rotate(&self, now: Timestamp) -> Result<Held, KeyFileError> {
        let Habits { algorithm, times } = self.habits;
        self.change(|keyring| keyring.rotate(algorithm, times, now)).await
    }

    /// Changes the keyring, from whatever it is by then.
    ///
    /// # Errors
    ///
    /// [`KeyFileError`]
    pub async fn change(
        &self,
        change: impl Fn(&Keyring) -> Result<Keyring, KeyringError>,
    ) -> Result<Held, KeyFileError> {
        for _ in 0..TRIES {
            let before = self.read().await?;
            let changed = change(&before.keyring)?;
            if changed.is_alike(&before.keyring) {
                return Ok(before);
            }
            if let Some(after) = self.put(Some(&before.revision), changed).await? {
                return Ok(after);
            }
        }
        Err(KeyFileError::Contended)
    }

    /// How long keys are kept around their use.
    #[must_use]
    pub const fn times(&self) -> KeyTimes {
        self.habits.times
    }

    /// What lies on the shelf and what is known here, made one in both places.
    async fn together(
        &self,
        known: Option<&Keyring>,
        now: Timestamp,
    ) -> Result<Held, KeyFileError> {
        for _ in 0..TRIES {
            let stored = match self.shelf.read().await? {
                Some(sealed) => Some(self.opened(sealed)?),
                None => None,
            };
            let merged = match (&stored, known) {
                (Some(stored), None) => return Ok(stored.clone()),
                (Some(stored), Some(known)) => {
                    let merged = known.merge(&stored.keyring, self.habits.times, now)?;
                    if merged.is_alike(&stored.keyring) {
                        return Ok(stored.clone());
                    }
                    merged
                }
                (None, Some(known)) => known.clone(),
                (None, None) => Keyring::generate(self.habits.algorithm, now)?,
            };
            let expected = stored.as_ref().map(|stored| stored.revision.as_str());
            if let Some(held) = self.put(expected, merged).await? {
                return Ok(held);
            }
        }
        Err(KeyFileError::Contended)
    }

    /// Puts a keyring onto the shelf; `None` if somebody else came first.
    async fn put(
        &self,
        expected: Option<&str>,
        keyring: Keyring,
    ) -> Result<Option<Held>, KeyFileError> {
        let revision = revision_after(expected)?;
        let bytes = self.seal.seal(&keyring, &revision)?;
        let sealed = Sealed { revision, bytes };
        let is_put = self.shelf.replace(expected, &sealed).await?;
        let held = Held { revision: sealed.revision, keyring: Arc::new(keyring) };
        Ok(is_put.then_some(held))
    }

    fn opened(&self, Sealed { revision, bytes }: Sealed) -> Result<Held, KeyFileError> {
        let keyring = Arc::new(self.seal.open(&bytes, &revision)?);
        Ok(Held { revision, keyring })
    }
}

fn number_of(revision: &str) -> u64 {
    revision.split('-').next().and_then(|number| number.parse().ok()).unwrap_or_default()
}

/// A number for people, and so much randomness that no two are the same.
fn revision_after(before: Option<&str>) -> Result<String, KeyFileError> {
    let mut bytes = [0; 8];
    random(&mut bytes).map_err(|_| KeyFileError::Randomness)?;
    let number = before.map_or(0, number_of).saturating_add(1);
    Ok(format!("{number}-{:016x}", u64::from_be_bytes(bytes)))
}

#[cfg(test)]
mod tests;
