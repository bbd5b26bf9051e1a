//! The port that stores implement: one subject at a time, atomically, with its revocations.

use std::future::Future;
use std::time::Duration;

use jeton::{Revocation, SubjectKey};

use crate::rules::Step;
use crate::subject::Subject;

/// Keeps subjects and the feed of revocations.
///
/// Three promises hold of every store, and [`contract`](crate::contract) tests them:
///
/// 1. an update that returned is seen by every later load and survives a crash;
/// 2. two updates of a subject never start from the same state;
/// 3. a change and its revocations are one commit: both are there or neither.
///
/// A [`StoreError`] means *unknown*, never *no*. The change may have happened; callers answer 503
/// and the client asks again.
pub trait SessionStore: Send + Sync {
    /// Changes one subject by a step, in one atomic and durable commit with its revocations.
    ///
    /// The step may run again on a newer state, so it has no effects of its own.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known whether the change was made.
    fn update<T, F>(
        &self,
        subject: SubjectKey,
        step: F,
    ) -> impl Future<Output = Result<T, StoreError>> + Send
    where
        T: Send + 'static,
        F: Fn(&Subject) -> Step<T> + Send + Sync + 'static;

    /// The subject as it is now; blank if nothing is known of it.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the state could not be read.
    fn load(&self, subject: SubjectKey)
    -> impl Future<Output = Result<Subject, StoreError>> + Send;

    /// One page of all subjects, in the order of their keys.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the state could not be read.
    fn subjects(&self, page: Page) -> impl Future<Output = Result<SubjectPage, StoreError>> + Send;

    /// Revocations after a cursor; those that one process has committed of one subject in the order
    /// of their commits. A process may hear its own before earlier ones of others: they only ever
    /// add up, so nothing depends on that. If there is none yet, waits up to `patience` for the
    /// first, or for a batch that tells more without any.
    ///
    /// It answers at once from what this process has heard: everything that its own updates have
    /// committed, and of others' what came before the last heartbeat that went through.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the feed could not be read.
    fn tail(
        &self,
        after: Cursor,
        patience: Duration,
    ) -> impl Future<Output = Result<Batch, StoreError>> + Send;

    /// Sends a heartbeat through the store, the way an update goes, and answers the place in the feed
    /// that it has passed: whoever has read up to there has read every revocation that was
    /// acknowledged before this call. A store with several writers writes it down for that; where
    /// this process alone can write, passing by the writer is proof enough.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the heartbeat did not get through.
    fn beat(&self) -> impl Future<Output = Result<Cursor, StoreError>> + Send;

    /// The same for the revocations of one subject alone, which is cheaper where that is.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if the heartbeat did not get through.
    fn beat_of(
        &self,
        subject: SubjectKey,
    ) -> impl Future<Output = Result<Cursor, StoreError>> + Send {
        let _ = subject;
        self.beat()
    }

    /// The name of the feed, where the store has given it one: then its [`Place`]s mean the same to
    /// every process that opens this store. `None` where they are this process's own.
    fn feed(&self) -> Option<u64> {
        None
    }
}

/// The store could not be asked, or did not answer: nobody knows whether something changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("store unavailable: {0}")]
pub struct StoreError(String);

impl StoreError {
    /// An error with its cause, for the log. Never put a token, password or claim into it.
    #[must_use]
    pub fn new(cause: impl Into<String>) -> Self {
        Self(cause.into())
    }
}

/// How far one process has read the feed of revocations. Only the process that gave it can go on from
/// it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(u64);

impl Cursor {
    /// Before everything that is still remembered.
    pub const START: Self = Self(0);

    /// The place with this number.
    #[must_use]
    pub const fn at(position: u64) -> Self {
        Self(position)
    }

    /// The number of the place.
    #[must_use]
    pub const fn position(self) -> u64 {
        self.0
    }
}

/// A place in the feed of revocations, which every process counts alike where the store has
/// [named](SessionStore::feed) the feed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place(u64);

impl Place {
    /// The place with this number.
    #[must_use]
    pub const fn at(position: u64) -> Self {
        Self(position)
    }

    /// The number of the place.
    #[must_use]
    pub const fn position(self) -> u64 {
        self.0
    }
}

/// Revocations in order, and where to go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Batch {
    /// Those after the cursor that was asked for; empty if none came in time.
    pub revocations: Vec<Revocation>,
    /// Where to go on: behind these, and behind what was forgotten before anybody asked.
    pub cursor: Cursor,
    /// The last of the places where these revocations are.
    pub highest: Place,
    /// Whoever has read up to the cursor has everything up to this place, and will read nothing
    /// more at or before it. It never goes back.
    pub complete: Place,
}

/// Which subjects to list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page {
    /// Go on behind this one; `None` to start.
    pub after: Option<SubjectKey>,
    /// At most so many.
    pub limit: usize,
}

/// Subjects in the order of their keys.
#[derive(Clone, Debug, PartialEq)]
pub struct SubjectPage {
    /// As many as there were, and at most as many as were asked for.
    pub subjects: Vec<Subject>,
    /// What to go on behind, unless this is the end.
    pub next: Option<SubjectKey>,
}

impl SubjectPage {
    /// A page of these subjects: full pages have a next one.
    #[must_use]
    pub fn new(subjects: Vec<Subject>, limit: usize) -> Self {
        let next = subjects.last().filter(|_| subjects.len() == limit).map(|last| last.key);
        Self { subjects, next }
    }
}
