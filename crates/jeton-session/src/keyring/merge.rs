//! Two copies of a keyring as one.
//!
//! Nodes of a fleet share a keyring, and each keeps a copy. Where the shared one is lost, or an older
//! one came back, copies differ. Keys are only ever added or taken out, and what was taken out is
//! remembered: so there is one keyring that has what all of them have, whoever merges, in any order.

use std::collections::BTreeSet;

use jeton::{KeyId, Timestamp};

use crate::keyring::ring::{Ring, RingKey};
use crate::keyring::{KeyTimes, Keyring, KeyringError, WithdrawnKey};

/// How many keys that were taken out are remembered. Each is a theft, so there are few.
const GONE: usize = 64;

impl Keyring {
    /// What this copy and another one know together: every key of either, but for those that either
    /// has taken out, without the dead. Merging is done when the two have become
    /// [alike](Self::is_alike).
    ///
    /// # Errors
    ///
    /// [`KeyringError::Key`], also when [too many](jeton::limits::KEYS) keys are alive.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, Timestamp};
    /// use jeton_session::{Keyring, Terms};
    ///
    /// let now = Timestamp::from_secs(0);
    /// let times = Terms::new("https://login.example", "https://api.example").key_times();
    /// let old = Keyring::generate(Algorithm::Es256, now)?;
    /// let new = old.rotate(Algorithm::Es256, times, now)?;
    /// assert!(old.merge(&new, times, now)?.is_alike(&new));
    /// assert!(new.merge(&old, times, now)?.is_alike(&new));
    /// # Ok::<(), jeton_session::KeyringError>(())
    /// ```
    pub fn merge(
        &self,
        other: &Self,
        times: KeyTimes,
        now: Timestamp,
    ) -> Result<Self, KeyringError> {
        let gone = union(&self.gone, &other.gone);
        let merged = Self {
            access: self.access.merge(&other.access, &gone, now)?,
            refresh: self.refresh.merge(&other.refresh, &gone, now)?,
            withdrawn: union(&self.withdrawn, &other.withdrawn),
            gone,
        };
        let alive = merged.without_dead(times, now);
        alive.access_keys()?;
        alive.refresh_keys()?;
        Ok(alive)
    }

    /// Whether this is the same keyring: the same keys, and the same ones taken out.
    #[must_use]
    pub fn is_alike(&self, other: &Self) -> bool {
        let ids = |ring: &Ring| ring.keys().map(|key| key.id().to_owned()).collect::<BTreeSet<_>>();
        ids(&self.access) == ids(&other.access)
            && ids(&self.refresh) == ids(&other.refresh)
            && union(&self.withdrawn, &[]) == union(&other.withdrawn, &[])
            && union(&self.gone, &[]) == union(&other.gone, &[])
    }

    /// Whether a key of this keyring has this `kid`.
    #[must_use]
    pub fn has(&self, id: &KeyId) -> bool {
        self.access.keys().chain(self.refresh.keys()).any(|key| key.id() == id.as_str())
    }

    /// The keyring with somebody who takes over from this key, published ahead, if there is nobody
    /// yet. So that a key can be withdrawn of which all verifiers already know the successor.
    ///
    /// # Errors
    ///
    /// [`KeyringError::NoSuchKey`], [`KeyringError::Key`]
    pub fn with_successor_of(
        &self,
        id: &KeyId,
        times: KeyTimes,
        now: Timestamp,
    ) -> Result<Self, KeyringError> {
        if !self.has(id) {
            return Err(KeyringError::NoSuchKey);
        }
        let (access, refresh) = (&self.access, &self.refresh);
        let from = now.after(times.lead);
        Ok(Self {
            access: access.with_successor_of(id, now, from)?,
            refresh: refresh.with_successor_of(id, now, from)?,
            ..self.clone()
        })
    }
}

impl Ring {
    /// Every key of both but the gone ones; a new one if none is left.
    fn merge(
        &self,
        other: &Self,
        gone: &[WithdrawnKey],
        now: Timestamp,
    ) -> Result<Self, KeyringError> {
        let mut keys: Vec<&RingKey> = self.keys().collect();
        for key in other.keys() {
            if keys.iter().all(|known| known.id() != key.id()) {
                keys.push(key);
            }
        }
        // Whoever merges, the same one signs.
        keys.sort_by(|one, other| one.id().cmp(other.id()));
        let is_left = |key: &&RingKey| gone.iter().all(|gone| gone.id.as_str() != key.id());
        match Self::from_keys(keys.into_iter().filter(is_left).cloned().collect()) {
            Some(ring) => Ok(ring),
            None => RingKey::generate(self.algorithm(), now, now).map(Self::new),
        }
    }

    fn with_successor_of(
        &self,
        id: &KeyId,
        now: Timestamp,
        from: Timestamp,
    ) -> Result<Self, KeyringError> {
        if self.keys().all(|key| key.id() == id.as_str()) {
            Ok(self.clone().with(RingKey::generate(self.algorithm(), now, from)?))
        } else {
            Ok(self.clone())
        }
    }
}

/// All of both, each once, as it was first taken out; the latest, in the order of their times.
pub(super) fn union(some: &[WithdrawnKey], others: &[WithdrawnKey]) -> Vec<WithdrawnKey> {
    let mut all: Vec<WithdrawnKey> = some.iter().chain(others).cloned().collect();
    all.sort_by(|one, other| (one.at, one.id.as_str()).cmp(&(other.at, other.id.as_str())));
    let mut union: Vec<WithdrawnKey> = Vec::with_capacity(all.len());
    for key in all {
        if union.iter().all(|known| known.id != key.id) {
            union.push(key);
        }
    }
    let excess = union.len().saturating_sub(GONE);
    union.split_off(excess)
}
