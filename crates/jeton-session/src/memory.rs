//! The store in memory: the reference that the others are held against.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jeton::{Revocation, SubjectKey, Timestamp};
use tokio::sync::watch;
use tokio::time::timeout;

use crate::rules::{self, Step};
use crate::store::{Batch, Cursor, Page, Place, SessionStore, StoreError, SubjectPage};
use crate::subject::Subject;

/// Most revocations in one batch.
const BATCH: usize = 1_000;

/// Keeps everything in this process, and nothing when it ends: for tests, and for services whose
/// users may log in again after a restart.
///
/// # Examples
///
/// ```
/// use jeton::{SubjectKey, Timestamp};
/// use jeton_session::{MemoryStore, SessionStore, Step, Subject};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let store = MemoryStore::new();
/// let alice = SubjectKey::of("alice");
/// let version = store
///     .update(alice, |subject| {
///         let version = subject.version + 1;
///         Step::change(Subject { version, ..subject.clone() }, version)
///     })
///     .await?;
/// assert_eq!(version, 1);
/// assert_eq!(store.load(alice).await?.version, 1);
/// # Ok::<(), jeton_session::StoreError>(())
/// # }).unwrap();
/// ```
#[derive(Debug, Default)]
pub struct MemoryStore {
    state: Mutex<State>,
    /// The position of the last revocation, for those who wait for the next.
    last: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct State {
    subjects: BTreeMap<SubjectKey, Subject>,
    feed: VecDeque<(u64, Revocation)>,
    last: u64,
}

impl MemoryStore {
    /// An empty store.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Forgets what has expired: sessions, and revocations that reach no living token.
    pub fn sweep(&self, now: Timestamp) {
        let mut state = self.state();
        state.feed.retain(|(_, revocation)| revocation.until > now);
        for subject in state.subjects.values_mut() {
            if let Some(alive) = rules::expire(subject, now).subject {
                *subject = alive;
            }
        }
        state.subjects.retain(|_, subject| !subject.is_blank());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn after(&self, cursor: Cursor) -> Batch {
        let state = self.state();
        let news = state.feed.iter().filter(|(position, _)| *position > cursor.position());
        let news: Vec<_> = news.take(BATCH).cloned().collect();
        // Where there are none, whatever was up to the last has been forgotten.
        let here = cursor.max(Cursor::at(state.last));
        let cursor = news.last().map_or(here, |(position, _)| Cursor::at(*position));
        let place = Place::at(cursor.position());
        let revocations = news.into_iter().map(|(_, revocation)| revocation).collect();
        Batch { revocations, cursor, highest: place, complete: place }
    }
}

impl State {
    fn apply<T>(&mut self, key: SubjectKey, step: impl Fn(&Subject) -> Step<T>) -> T {
        let before = self.subjects.get(&key).cloned().unwrap_or_else(|| Subject::new(key));
        let Step { answer, subject, revocations } = step(&before);
        if let Some(subject) = subject {
            self.subjects.insert(key, subject);
        }
        for revocation in revocations {
            self.last += 1;
            self.feed.push_back((self.last, revocation));
        }
        answer
    }
}

impl SessionStore for MemoryStore {
    async fn update<T, F>(&self, subject: SubjectKey, step: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Subject) -> Step<T> + Send + Sync + 'static,
    {
        let mut state = self.state();
        let answer = state.apply(subject, step);
        self.last.send_replace(state.last);
        Ok(answer)
    }

    async fn load(&self, subject: SubjectKey) -> Result<Subject, StoreError> {
        let known = self.state().subjects.get(&subject).cloned();
        Ok(known.unwrap_or_else(|| Subject::new(subject)))
    }

    async fn subjects(&self, page: Page) -> Result<SubjectPage, StoreError> {
        let from = page.after.map_or(Bound::Unbounded, Bound::Excluded);
        let state = self.state();
        let subjects = state.subjects.range((from, Bound::Unbounded)).take(page.limit);
        Ok(SubjectPage::new(subjects.map(|(_, subject)| subject.clone()).collect(), page.limit))
    }

    async fn tail(&self, after: Cursor, patience: Duration) -> Result<Batch, StoreError> {
        if !patience.is_zero() {
            let mut last = self.last.subscribe();
            let news = last.wait_for(|position| *position > after.position());
            // Too late or gone: either way the answer is what there is now.
            let _ = timeout(patience, news).await;
        }
        Ok(self.after(after))
    }

    async fn beat(&self) -> Result<Cursor, StoreError> {
        Ok(Cursor::at(self.state().last))
    }
}
