//! The set of revocations that a verifier holds.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher as _, Hash, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::claims::AccessClaims;
use crate::error::Refusal;
use crate::id::{SessionId, SubjectKey};
use crate::key::KeyId;
use crate::revocation::{Reason, Revocation, Target};
use crate::timestamp::Timestamp;

/// So many parts that a sweep holds up only a few checks at a time.
const SHARDS: usize = 64;

/// What is refused, shared by every check of a process.
///
/// Entries leave when they have expired and in no other way; there is no eviction and nothing
/// un-revokes. Merging is union and maximum, so order and duplicates do not matter.
///
/// Sessions and tokens are held as 64-bit fingerprints under a key of this list's own, 25 bytes an
/// entry and the spare room of a hash map. Two of them coincide once in 2^64; then a good token is
/// refused and a login mends it. Nothing revoked is ever accepted.
pub struct RevocationList {
    shards: [RwLock<Shard>; SHARDS],
    /// Few, ever: one for each signing key withdrawn within the life of a token.
    keys: RwLock<HashMap<KeyId, (Timestamp, ())>>,
    entries: AtomicUsize,
    hasher: RandomState,
}

#[derive(Default)]
struct Shard {
    sessions: HashMap<u64, (Timestamp, Reason)>,
    tokens: HashMap<u64, (Timestamp, Reason)>,
    subjects: HashMap<SubjectKey, (Timestamp, u64)>,
}

impl RevocationList {
    /// An empty list.
    #[must_use]
    pub fn new() -> Self {
        Self {
            shards: std::array::from_fn(|_| RwLock::default()),
            keys: RwLock::default(),
            entries: AtomicUsize::new(0),
            hasher: RandomState::new(),
        }
    }

    /// Adds a revocation. One that is known already makes it last until the later of the two.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Reason, Revocation, RevocationList, SessionId, SubjectKey, Target, Timestamp};
    ///
    /// let list = RevocationList::new();
    /// let session = SessionId::new(SubjectKey::of("alice"), [1; 8]);
    /// list.add(&Revocation {
    ///     target: Target::Session(session, Reason::LoggedOut),
    ///     until: Timestamp::from_secs(700),
    /// });
    ///
    /// assert_eq!(list.ended(session), Some(Reason::LoggedOut));
    /// list.sweep(Timestamp::from_secs(700));
    /// assert!(list.is_empty());
    /// ```
    pub fn add(&self, revocation: &Revocation) {
        let until = revocation.until;
        // Counted before it is there, so that the count is never too low: at zero, `check` looks no
        // further, and a sweep may drop the entry before this function ends.
        self.entries.fetch_add(1, Ordering::AcqRel);
        let added = match &revocation.target {
            Target::Session(session, reason) => {
                let mut shard = self.write(session.subject());
                merge(&mut shard.sessions, self.fingerprint(session), (until, *reason))
            }
            Target::Token(id, reason) => {
                let fingerprint = self.fingerprint(id.as_str());
                merge(&mut self.write(fingerprint).tokens, fingerprint, (until, *reason))
            }
            Target::Subject(subject, version) => {
                merge(&mut self.write(*subject).subjects, *subject, (until, *version))
            }
            Target::Key(id) => {
                let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
                merge(&mut keys, id.clone(), (until, ()))
            }
        };
        if !added {
            self.entries.fetch_sub(1, Ordering::AcqRel);
        }
    }

    /// Whether a token with these claims is refused, and why: four probes at most.
    ///
    /// # Errors
    ///
    /// [`Refusal::KeyWithdrawn`], [`Refusal::Ended`] or [`Refusal::Recalled`]
    pub fn check(&self, claims: &AccessClaims) -> Result<(), Refusal> {
        if self.is_empty() {
            return Ok(());
        }
        if claims.key_id.as_ref().is_some_and(|id| self.is_withdrawn(id)) {
            return Err(Refusal::KeyWithdrawn);
        }
        if let Some(session) = &claims.session {
            let shard = self.read(session.subject());
            if let Some((_, reason)) = shard.sessions.get(&self.fingerprint(session)) {
                return Err(Refusal::Ended(*reason));
            }
        }
        let subject =
            claims.session.map_or_else(|| SubjectKey::of(&claims.subject), |s| s.subject());
        if self.read(subject).subjects.get(&subject).is_some_and(|(_, v)| claims.version < *v) {
            return Err(Refusal::Recalled);
        }
        let token = self.fingerprint(claims.token_id.as_str());
        match self.read(token).tokens.get(&token) {
            Some((_, reason)) => Err(Refusal::Ended(*reason)),
            None => Ok(()),
        }
    }

    /// Why this session ended, while any of its access tokens could still live.
    #[must_use]
    pub fn ended(&self, session: SessionId) -> Option<Reason> {
        let shard = self.read(session.subject());
        shard.sessions.get(&self.fingerprint(&session)).map(|(_, reason)| *reason)
    }

    /// Forgets what has expired. Holds up one of 64 parts of the list at a time.
    pub fn sweep(&self, now: Timestamp) {
        let mut dropped = 0;
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            dropped += retain(&mut shard.sessions, |(until, _)| *until > now);
            dropped += retain(&mut shard.tokens, |(until, _)| *until > now);
            dropped += retain(&mut shard.subjects, |(until, _)| *until > now);
        }
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        dropped += retain(&mut keys, |(until, ())| *until > now);
        self.entries.fetch_sub(dropped, Ordering::AcqRel);
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.load(Ordering::Acquire)
    }

    /// Whether nothing is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    fn is_withdrawn(&self, id: &KeyId) -> bool {
        self.keys.read().unwrap_or_else(PoisonError::into_inner).contains_key(id)
    }

    fn fingerprint<T: Hash + ?Sized>(&self, of: &T) -> u64 {
        self.hasher.hash_one(of)
    }

    fn read(&self, place: impl Place) -> RwLockReadGuard<'_, Shard> {
        self.shard(place).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, place: impl Place) -> RwLockWriteGuard<'_, Shard> {
        self.shard(place).write().unwrap_or_else(PoisonError::into_inner)
    }

    fn shard(&self, place: impl Place) -> &RwLock<Shard> {
        let [first, rest @ ..] = &self.shards;
        let index = usize::from(place.byte()) % SHARDS;
        index.checked_sub(1).and_then(|index| rest.get(index)).unwrap_or(first)
    }
}

impl Default for RevocationList {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationList").field("entries", &self.len()).finish_non_exhaustive()
    }
}

/// What spreads entries over the shards: one evenly distributed byte.
trait Place: Copy {
    fn byte(self) -> u8;
}

impl Place for SubjectKey {
    fn byte(self) -> u8 {
        let [first, ..] = self.as_bytes();
        *first
    }
}

impl Place for u64 {
    fn byte(self) -> u8 {
        let [first, ..] = self.to_le_bytes();
        first
    }
}

/// Union and maximum. Tells whether the entry is new.
fn merge<K: Eq + Hash, V: Ord + Copy>(
    map: &mut HashMap<K, (Timestamp, V)>,
    key: K,
    (until, value): (Timestamp, V),
) -> bool {
    let known = map.len();
    let entry = map.entry(key).or_insert((until, value));
    *entry = (entry.0.max(until), entry.1.max(value));
    map.len() > known
}

/// Keeps what fits and tells how much did not.
fn retain<K: Eq + Hash, V>(map: &mut HashMap<K, V>, keep: impl Fn(&V) -> bool) -> usize {
    let before = map.len();
    map.retain(|_, value| keep(value));
    before - map.len()
}
