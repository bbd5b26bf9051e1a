//! The set of revocations that a verifier holds.

use std::collections::HashMap;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use crate::claims::AccessClaims;
use crate::error::Refusal;
use crate::id::SessionId;
use crate::key::KeyId;
use crate::revocation::marks::Marks;
use crate::revocation::{Entry, Fingerprint, Reason, Refused, Revocation};
use crate::timestamp::Timestamp;

/// What is refused, shared by every check of a process.
#[derive(Default)]
pub struct RevocationList {
    held: RwLock<Held>,
    waiting: Mutex<Vec<Waker>>,
    follows: bool,
    complete: Mutex<Option<Instant>>,
    distrusted: AtomicBool,
}

/// How much a list holds before it says less with less.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Most entries.
    pub entries: usize,
    /// R: how long after it a revocation is remembered, at most.
    pub retention: Duration,
}

#[derive(Default)]
struct Held {
    sessions: HashMap<Fingerprint, (Timestamp, Reason)>,
    tokens: HashMap<Fingerprint, (Timestamp, Reason)>,
    versions: HashMap<Fingerprint, (Timestamp, u64)>,
    issued: HashMap<Fingerprint, (Timestamp, Timestamp)>,
    all: HashMap<(), (Timestamp, Timestamp)>,
    keys: HashMap<KeyId, (Timestamp, ())>,
}

impl RevocationList {
    /// An empty list that is told everything at once, in the process that revokes: never stale.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty list that follows another: stale until it is told that it is
    /// [complete](Self::complete_as_of).
    #[must_use]
    pub fn following() -> Self {
        Self { follows: true, ..Self::default() }
    }

    /// The same list with another bound.
    #[must_use]
    pub fn with_bound(self, _bound: Bound) -> Self {
        self
    }

    /// Adds a revocation. One that is known already makes it last until the later of the two.
    pub fn add(&self, revocation: &Revocation) {
        self.apply(&revocation.into());
    }

    /// Adds an entry, likewise.
    pub fn apply(&self, entry: &Entry) {
        self.merge(std::slice::from_ref(entry));
    }

    /// Adds many at once.
    pub fn merge(&self, entries: &[Entry]) {
        let mut held = self.write();
        for Entry { refused, until } in entries {
            match refused {
                Refused::Session(id, reason) => merge(&mut held.sessions, *id, (*until, *reason)),
                Refused::Token(id, reason) => merge(&mut held.tokens, *id, (*until, *reason)),
                Refused::Versions(id, version) => {
                    merge(&mut held.versions, *id, (*until, *version))
                }
                Refused::Issued(id, at) => merge(&mut held.issued, *id, (*until, *at)),
                Refused::All(at) => merge(&mut held.all, (), (*until, *at)),
                Refused::Key(id) => merge(&mut held.keys, id.clone(), (*until, ())),
            }
        }
        drop(held);
        let waiting =
            std::mem::take(&mut *self.waiting.lock().unwrap_or_else(PoisonError::into_inner));
        waiting.into_iter().for_each(Waker::wake);
    }

    /// Everything it holds, in no order.
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let held = self.read();
        let entry = |(refused, until)| Entry { refused, until };
        let sessions = held.sessions.iter().map(|(id, (u, r))| (Refused::Session(*id, *r), *u));
        let tokens = held.tokens.iter().map(|(id, (u, r))| (Refused::Token(*id, *r), *u));
        let versions = held.versions.iter().map(|(id, (u, v))| (Refused::Versions(*id, *v), *u));
        let issued = held.issued.iter().map(|(id, (u, at))| (Refused::Issued(*id, *at), *u));
        let all = held.all.iter().map(|((), (u, at))| (Refused::All(*at), *u));
        let keys = held.keys.iter().map(|(id, (u, ()))| (Refused::Key(id.clone()), *u));
        sessions
            .chain(tokens)
            .chain(versions)
            .chain(issued)
            .chain(all)
            .chain(keys)
            .map(entry)
            .collect()
    }

    /// Whether a token with these claims is refused, and why.
    ///
    /// # Errors
    ///
    /// [`Refusal::KeyWithdrawn`] if its key was, [`Refusal::Ended`] if its session was or the token
    /// itself, [`Refusal::Recalled`] if its subject's tokens were.
    pub fn check(&self, claims: &AccessClaims) -> Result<(), Refusal> {
        self.check_marks(self.marks(claims), claims)
    }

    /// What [`check_marks`](Self::check_marks) looks for.
    pub(crate) fn marks(&self, claims: &AccessClaims) -> Marks {
        Marks::of(claims)
    }

    /// The same as [`check`](Self::check) for claims whose marks are known.
    pub(crate) fn check_marks(&self, marks: Marks, claims: &AccessClaims) -> Result<(), Refusal> {
        let held = self.read();
        if claims.key_id.as_ref().is_some_and(|id| held.keys.contains_key(id)) {
            return Err(Refusal::KeyWithdrawn);
        }
        let ended = marks.session.and_then(|session| held.sessions.get(&session));
        if let Some((_, reason)) = ended.or_else(|| held.tokens.get(&marks.token)) {
            return Err(Refusal::Ended(*reason));
        }
        let recalled = held.versions.get(&marks.subject).is_some_and(|(_, v)| claims.version < *v)
            || held.issued.get(&marks.subject).is_some_and(|(_, at)| claims.issued_at <= *at)
            || held.all.get(&()).is_some_and(|(_, at)| claims.issued_at <= *at);
        if recalled { Err(Refusal::Recalled) } else { Ok(()) }
    }

    /// Resolves when a token with these claims is refused by this list.
    #[must_use]
    pub fn ending(self: &Arc<Self>, claims: Arc<AccessClaims>) -> Ended {
        Ended { marks: self.marks(&claims), list: Arc::clone(self), claims }
    }

    /// Why this session ended, while any of its access tokens could still live.
    #[must_use]
    pub fn ended(&self, session: SessionId) -> Option<Reason> {
        self.read().sessions.get(&Fingerprint::of_session(session)).map(|(_, reason)| *reason)
    }

    /// Forgets what has expired.
    pub fn sweep(&self, now: Timestamp) {
        let mut held = self.write();
        held.sessions.retain(|_, (until, _)| *until > now);
        held.tokens.retain(|_, (until, _)| *until > now);
        held.versions.retain(|_, (until, _)| *until > now);
        held.issued.retain(|_, (until, _)| *until > now);
        held.all.retain(|(), (until, _)| *until > now);
        held.keys.retain(|_, (until, ())| *until > now);
    }

    /// How many entries there are.
    #[must_use]
    pub fn len(&self) -> usize {
        let held = self.read();
        held.sessions.len()
            + held.tokens.len()
            + held.versions.len()
            + held.issued.len()
            + held.all.len()
            + held.keys.len()
    }

    /// Whether nothing is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many entries it could not take as they were, for it was full: see [`Bound`]. More than 0
    /// is worth an alarm.
    #[must_use]
    pub fn coarsened(&self) -> u64 {
        0
    }

    /// Tells a list that follows another that it knows everything revoked before this moment. An
    /// earlier moment than one told before changes nothing.
    pub fn complete_as_of(&self, moment: Instant) {
        let mut complete = self.complete.lock().unwrap_or_else(PoisonError::into_inner);
        *complete = (*complete).max(Some(moment));
    }

    /// Tells a list that follows another that there is something it cannot hold: from now on it is
    /// as if it was never complete, whatever it is told.
    pub fn distrust(&self) {
        self.distrusted.store(true, Ordering::Release);
    }

    /// How old its knowledge may be at worst at this moment; `None` if it was never complete.
    #[must_use]
    pub fn staleness(&self, now: Instant) -> Option<Duration> {
        if !self.follows {
            return Some(Duration::ZERO);
        }
        let complete = *self.complete.lock().unwrap_or_else(PoisonError::into_inner);
        let complete = complete.filter(|_| !self.distrusted.load(Ordering::Acquire));
        complete.map(|complete| now.saturating_duration_since(complete))
    }

    /// Whether it follows another list, and so can be stale.
    #[must_use]
    pub fn follows(&self) -> bool {
        self.follows
    }

    fn read(&self) -> RwLockReadGuard<'_, Held> {
        self.held.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Held> {
        self.held.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Resolves to the refusal of a token once its list refuses it. Made by
/// [`RevocationList::ending`]; needs no runtime.
pub struct Ended {
    list: Arc<RevocationList>,
    claims: Arc<AccessClaims>,
    marks: Marks,
}

impl Future for Ended {
    type Output = Refusal;

    fn poll(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Refusal> {
        let mut waiting = self.list.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.push(context.waker().clone());
        drop(waiting);
        match self.list.check_marks(self.marks, &self.claims) {
            Err(refusal) => Poll::Ready(refusal),
            Ok(()) => Poll::Pending,
        }
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ended").finish_non_exhaustive()
    }
}

impl fmt::Debug for RevocationList {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RevocationList").field("entries", &self.len()).finish_non_exhaustive()
    }
}

/// Union and maximum.
fn merge<K: Eq + std::hash::Hash, V: Ord + Copy>(
    map: &mut HashMap<K, (Timestamp, V)>,
    key: K,
    (until, value): (Timestamp, V),
) {
    let entry = map.entry(key).or_insert((until, value));
    *entry = (entry.0.max(until), entry.1.max(value));
}
