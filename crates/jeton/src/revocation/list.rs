//! The set of revocations that a verifier holds.

use std::collections::HashMap;
use std::fmt;
use std::hash::{BuildHasher, BuildHasherDefault, Hash, RandomState};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::claims::AccessClaims;
use crate::error::Refusal;
use crate::id::{SessionId, SubjectKey};
use crate::key::KeyId;
use crate::revocation::marks::{Hashed, Marks, SubjectMark};
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
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use jeton::{Guard, KeySet, Policy, RevocationList};
///
/// let list = Arc::new(RevocationList::new()); // one for all guards of a process
/// let of = |audience| Policy::access_token("https://login.example", audience);
/// let api = Guard::new(KeySet::default(), of("api"), Arc::clone(&list));
/// let admin = Guard::new(KeySet::default(), of("admin"), list);
/// assert!(Arc::ptr_eq(api.revocations(), admin.revocations()));
/// ```
pub struct RevocationList {
    shards: [RwLock<Shard>; SHARDS],
    /// Few, ever: one for each signing key withdrawn within the life of a token.
    keys: RwLock<HashMap<KeyId, (Timestamp, ())>>,
    counts: Counts,
    hasher: RandomState,
}

/// How many entries there are: of all kinds, and of those that are looked for only if there are any.
#[derive(Default)]
struct Counts {
    all: AtomicUsize,
    tokens: AtomicUsize,
    keys: AtomicUsize,
}

impl Counts {
    /// Those that an entry like this adds to.
    fn of(&self, target: &Target) -> impl Iterator<Item = &AtomicUsize> {
        let own = match target {
            Target::Session(..) | Target::Subject(..) => None,
            Target::Token(..) => Some(&self.tokens),
            Target::Key(_) => Some(&self.keys),
        };
        [Some(&self.all), own].into_iter().flatten()
    }
}

/// Maps by what has been hashed already.
type Fingerprints<K, V> = HashMap<K, (Timestamp, V), BuildHasherDefault<Hashed>>;

#[derive(Default)]
struct Shard {
    sessions: Fingerprints<u64, Reason>,
    tokens: Fingerprints<u64, Reason>,
    subjects: Fingerprints<SubjectMark, u64>,
}

impl RevocationList {
    /// An empty list.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(jeton::RevocationList::new().is_empty());
    /// ```
    #[must_use]
    pub fn new() -> Self {
        Self {
            shards: std::array::from_fn(|_| RwLock::default()),
            keys: RwLock::default(),
            counts: Counts::default(),
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
        // Counted before it is there, so that no count is ever too low: at zero, `check` looks no
        // further, and a sweep may drop the entry before this function ends.
        for count in self.counts.of(&revocation.target) {
            count.fetch_add(1, Ordering::AcqRel);
        }
        let is_new = match &revocation.target {
            Target::Session(session, reason) => {
                let mut shard = self.write(self.subject(session.subject()).fingerprint);
                merge(&mut shard.sessions, self.fingerprint(session), (until, *reason))
            }
            Target::Token(id, reason) => {
                let fingerprint = self.fingerprint(id.as_str());
                merge(&mut self.write(fingerprint).tokens, fingerprint, (until, *reason))
            }
            Target::Subject(subject, version) => {
                let mark = self.subject(*subject);
                merge(&mut self.write(mark.fingerprint).subjects, mark, (until, *version))
            }
            Target::Key(id) => {
                let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
                merge(&mut keys, id.clone(), (until, ()))
            }
        };
        if !is_new {
            for count in self.counts.of(&revocation.target) {
                count.fetch_sub(1, Ordering::AcqRel);
            }
        }
    }

    /// Whether a token with these claims is refused, and why: four probes at most.
    ///
    /// # Errors
    ///
    /// [`Refusal::KeyWithdrawn`] if its key was, [`Refusal::Ended`] if its session was or the token
    /// itself, [`Refusal::Recalled`] if its `ver` is lower than its subject's.
    ///
    /// A [`Guard`](crate::Guard) asks it for every token.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Refusal, Revocation, RevocationList, SubjectKey, Target};
    /// # use jeton::{KeySet, Policy, Verifier};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// let claims = Verifier::new(keys, policy).verify_access_token(&token, now)?; // of version 3
    ///
    /// let list = RevocationList::new();
    /// assert_eq!(list.check(&claims), Ok(()));
    /// let target = Target::Subject(SubjectKey::of("alice"), 4);
    /// list.add(&Revocation { target, until: claims.expires_at });
    /// assert_eq!(list.check(&claims), Err(Refusal::Recalled));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&self, claims: &AccessClaims) -> Result<(), Refusal> {
        if self.is_empty() { Ok(()) } else { self.check_marks(self.marks(claims), claims) }
    }

    /// What [`check_marks`](Self::check_marks) looks for. Of this list: each has a hash of its own.
    pub(crate) fn marks(&self, claims: &AccessClaims) -> Marks {
        let subject =
            claims.session.map_or_else(|| SubjectKey::of(&claims.subject), |s| s.subject());
        Marks {
            subject: self.subject(subject),
            session: claims.session.map(|session| self.fingerprint(&session)),
            token: self.fingerprint(claims.token_id.as_str()),
        }
    }

    /// The same as [`check`](Self::check) for claims whose marks are known.
    pub(crate) fn check_marks(&self, marks: Marks, claims: &AccessClaims) -> Result<(), Refusal> {
        if self.is_empty() {
            return Ok(());
        }
        if self.counts.keys.load(Ordering::Acquire) > 0
            && claims.key_id.as_ref().is_some_and(|id| self.is_withdrawn(id))
        {
            return Err(Refusal::KeyWithdrawn);
        }
        let shard = self.read(marks.subject.fingerprint);
        if let Some((_, reason)) = marks.session.and_then(|session| shard.sessions.get(&session)) {
            return Err(Refusal::Ended(*reason));
        }
        if shard.subjects.get(&marks.subject).is_some_and(|(_, v)| claims.version < *v) {
            return Err(Refusal::Recalled);
        }
        drop(shard);
        if self.counts.tokens.load(Ordering::Acquire) == 0 {
            return Ok(());
        }
        match self.read(marks.token).tokens.get(&marks.token) {
            Some((_, reason)) => Err(Refusal::Ended(*reason)),
            None => Ok(()),
        }
    }

    /// Why this session ended, while any of its access tokens could still live.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Reason, Revocation, RevocationList, SessionId, SubjectKey, Target, Timestamp};
    /// let list = RevocationList::new();
    /// let session = SessionId::new(SubjectKey::of("alice"), [7; 8]);
    /// assert_eq!(list.ended(session), None);
    ///
    /// let target = Target::Session(session, Reason::Banned);
    /// list.add(&Revocation { target, until: Timestamp::from_secs(700) });
    /// assert_eq!(list.ended(session), Some(Reason::Banned));
    /// ```
    #[must_use]
    pub fn ended(&self, session: SessionId) -> Option<Reason> {
        let shard = self.read(self.subject(session.subject()).fingerprint);
        shard.sessions.get(&self.fingerprint(&session)).map(|(_, reason)| *reason)
    }

    /// Forgets what has expired. Holds up one of 64 parts of the list at a time.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Reason, Revocation, RevocationList, Target, Timestamp};
    /// let list = RevocationList::new();
    /// let target = Target::Token("t1".to_owned(), Reason::Revoked);
    /// list.add(&Revocation { target, until: Timestamp::from_secs(700) });
    ///
    /// list.sweep(Timestamp::from_secs(699));
    /// assert_eq!(list.len(), 1);
    /// list.sweep(Timestamp::from_secs(700));
    /// assert_eq!(list.len(), 0);
    /// ```
    pub fn sweep(&self, now: Timestamp) {
        let (mut all, mut tokens) = (0, 0);
        for shard in &self.shards {
            let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
            tokens += retain(&mut shard.tokens, |(until, _)| *until > now);
            all += retain(&mut shard.sessions, |(until, _)| *until > now);
            all += retain(&mut shard.subjects, |(until, _)| *until > now);
        }
        let mut keys = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let dropped_keys = retain(&mut keys, |(until, ())| *until > now);
        self.counts.tokens.fetch_sub(tokens, Ordering::AcqRel);
        self.counts.keys.fetch_sub(dropped_keys, Ordering::AcqRel);
        self.counts.all.fetch_sub(all + tokens + dropped_keys, Ordering::AcqRel);
    }

    /// How many entries there are.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Reason, Revocation, RevocationList, Target, Timestamp};
    /// let list = RevocationList::new();
    /// let target = Target::Token("t1".to_owned(), Reason::Revoked);
    /// let revocation = Revocation { target, until: Timestamp::from_secs(700) };
    /// list.add(&revocation);
    /// list.add(&revocation);
    /// assert_eq!(list.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.counts.all.load(Ordering::Acquire)
    }

    /// Whether nothing is refused.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(jeton::RevocationList::default().is_empty());
    /// ```
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

    fn subject(&self, key: SubjectKey) -> SubjectMark {
        SubjectMark { fingerprint: self.fingerprint(&key), key }
    }

    fn read(&self, fingerprint: u64) -> RwLockReadGuard<'_, Shard> {
        self.shard(fingerprint).read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self, fingerprint: u64) -> RwLockWriteGuard<'_, Shard> {
        self.shard(fingerprint).write().unwrap_or_else(PoisonError::into_inner)
    }

    /// The part of the list where this fingerprint is, by bits that the maps make no use of.
    fn shard(&self, fingerprint: u64) -> &RwLock<Shard> {
        let [_, _, _, _, _, byte, _, _] = fingerprint.to_le_bytes();
        let [first, rest @ ..] = &self.shards;
        let index = usize::from(byte) % SHARDS;
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

/// Union and maximum. Tells whether the entry is new.
fn merge<K: Eq + Hash, V: Ord + Copy, S: BuildHasher>(
    map: &mut HashMap<K, (Timestamp, V), S>,
    key: K,
    (until, value): (Timestamp, V),
) -> bool {
    let known = map.len();
    let entry = map.entry(key).or_insert((until, value));
    *entry = (entry.0.max(until), entry.1.max(value));
    map.len() > known
}

/// Keeps what fits and tells how much did not.
fn retain<K: Eq + Hash, V, S>(map: &mut HashMap<K, V, S>, keep: impl Fn(&V) -> bool) -> usize {
    let before = map.len();
    map.retain(|_, value| keep(value));
    before - map.len()
}
