//! Where sessions are: in a file of this service alone, or in the Redis of a fleet.

use std::time::Duration;

use jeton::{SubjectKey, Timestamp};
use jeton_session::{Batch, Cursor, Page, SessionStore, Step, StoreError, Subject, SubjectPage};
use jeton_store::{RedisStore, SqliteStore};

/// Either of them.
#[derive(Debug)]
pub enum Store {
    /// One file, one process.
    Sqlite(Box<SqliteStore>),
    /// Shared by all nodes of a fleet.
    Redis(Box<RedisStore>),
}

impl Store {
    /// Forgets what has expired, as far as the store does not do so by itself. Answers whether there
    /// may be more.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known what was forgotten.
    pub async fn sweep(&self, now: Timestamp) -> Result<bool, StoreError> {
        match self {
            Self::Sqlite(store) => store.sweep(now).await,
            Self::Redis(store) => store.sweep().await,
        }
    }

    /// Resolves when this process can keep nothing any more. It should then end: a new one reads what
    /// is really there.
    pub async fn failed(&self) -> StoreError {
        match self {
            Self::Sqlite(store) => store.failed().await,
            Self::Redis(store) => store.failed().await,
        }
    }

    /// Says goodbye to the others, where there are any, so that nobody waits for this node.
    pub async fn close(&self) {
        match self {
            Self::Sqlite(_) => {}
            Self::Redis(store) => store.close().await,
        }
    }

    /// The Redis of a fleet.
    #[must_use]
    pub fn redis(&self) -> Option<&RedisStore> {
        match self {
            Self::Sqlite(_) => None,
            Self::Redis(store) => Some(store),
        }
    }
}

impl SessionStore for Store {
    async fn update<T, F>(&self, subject: SubjectKey, step: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Subject) -> Step<T> + Send + Sync + 'static,
    {
        match self {
            Self::Sqlite(store) => store.update(subject, step).await,
            Self::Redis(store) => store.update(subject, step).await,
        }
    }

    async fn load(&self, subject: SubjectKey) -> Result<Subject, StoreError> {
        match self {
            Self::Sqlite(store) => store.load(subject).await,
            Self::Redis(store) => store.load(subject).await,
        }
    }

    async fn subjects(&self, page: Page) -> Result<SubjectPage, StoreError> {
        match self {
            Self::Sqlite(store) => store.subjects(page).await,
            Self::Redis(store) => store.subjects(page).await,
        }
    }

    async fn tail(&self, after: Cursor, patience: Duration) -> Result<Batch, StoreError> {
        match self {
            Self::Sqlite(store) => store.tail(after, patience).await,
            Self::Redis(store) => store.tail(after, patience).await,
        }
    }

    async fn beat(&self) -> Result<Cursor, StoreError> {
        match self {
            Self::Sqlite(store) => store.beat().await,
            Self::Redis(store) => store.beat().await,
        }
    }

    async fn beat_of(&self, subject: SubjectKey) -> Result<Cursor, StoreError> {
        match self {
            Self::Sqlite(store) => store.beat_of(subject).await,
            Self::Redis(store) => store.beat_of(subject).await,
        }
    }

    fn feed(&self) -> Option<u64> {
        match self {
            Self::Sqlite(store) => store.feed(),
            Self::Redis(store) => store.feed(),
        }
    }
}
