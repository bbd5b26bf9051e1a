//! One file, one writer, many readers.
//!
//! ```text
//! update ─▶ queue ─▶ writer thread: BEGIN, every step that waits, COMMIT (one fsync) ─▶ answers
//! load, tail ─▶ reader connections                 checkpoint thread: WAL ─▶ jeton.db
//! ```
//!
//! A sync costs the same for one update as for hundreds, so the writer takes along whatever queued
//! up during the last one: group commit is the design, not an optimization. No answer leaves before
//! its commit is on disk (`synchronous=FULL`), and readers see only what is.
//!
//! Always true:
//!
//! 1. an error of the disk is final: the store refuses every further update, for nobody knows what a
//!    failed sync has kept. A full disk is not: its updates fail and the next may succeed;
//! 2. one process at a time: a lock beside the file is held while the store is open;
//! 3. a file of a later version is not touched.

pub(crate) mod checkpoint;
pub(crate) mod lock;
mod readers;
pub(crate) mod rows;
pub(crate) mod schema;
mod sweep;
mod update;
pub(crate) mod writer;

use std::path::Path;
use std::time::Duration;

use jeton::{SubjectKey, Timestamp};
use jeton_session::{Batch, Cursor, Page, SessionStore, Step, StoreError, Subject, SubjectPage};
use tokio::time::timeout;

use crate::sqlite::checkpoint::Checkpointer;
use crate::sqlite::lock::Lock;
use crate::sqlite::readers::Readers;
use crate::sqlite::writer::Writer;

/// Keeps sessions in one SQLite file.
///
/// # Examples
///
/// ```
/// use jeton::{Algorithm, Timestamp};
/// use jeton_session::{Keyring, Login, Sessions, Terms};
/// use jeton_store::SqliteStore;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// # let folder = tempfile::tempdir()?;
/// # let path = folder.path().join("jeton.db");
/// let now = Timestamp::from_secs(1_800_000_000);
/// let store = SqliteStore::open(&path)?;
/// let keyring = Keyring::generate(Algorithm::Es256, now)?;
/// let terms = Terms::new("https://login.example", "https://api.example");
/// let sessions = Sessions::start(store, terms, keyring).await?;
/// let pair = sessions.open(Login::of("alice"), now).await?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
// Fields drop in this order: the writer finishes its queue, the lock goes last.
#[derive(Debug)]
pub struct SqliteStore {
    writer: Writer,
    readers: Readers,
    _checkpointer: Checkpointer,
    _lock: Lock,
}

/// Why a store was not opened: what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenStoreError {
    /// Another process has it open.
    #[error("{0} is in use by another process; stop that one, or choose another data folder")]
    Locked(String),
    /// A later version of jeton has written it.
    #[error(
        "the database has schema version {found}, and this program knows up to {known}; use a newer jeton"
    )]
    NewerSchema {
        /// The version of the file.
        found: i64,
        /// The last version this program knows.
        known: i64,
    },
    /// It is a database of something else.
    #[error("the file is a database of another application (id {0}); choose another data folder")]
    Foreign(i64),
    /// SQLite or the file system said no.
    #[error("cannot open the database: {0}")]
    Unusable(String),
}

impl From<rusqlite::Error> for OpenStoreError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Unusable(error.to_string())
    }
}

impl From<std::io::Error> for OpenStoreError {
    fn from(error: std::io::Error) -> Self {
        Self::Unusable(error.to_string())
    }
}

impl SqliteStore {
    /// Opens the file, and creates it, readable by its owner alone, where there is none. Blocks for
    /// milliseconds.
    ///
    /// # Errors
    ///
    /// [`OpenStoreError`]
    pub fn open(path: &Path) -> Result<Self, OpenStoreError> {
        let lock = Lock::take(path)?;
        let connection = schema::open(path, schema::STORE)?;
        let checkpointer = Checkpointer::start(path)?;
        let writer = Writer::start(connection, checkpointer.bell())?;
        Ok(Self { writer, readers: Readers::open(path)?, _checkpointer: checkpointer, _lock: lock })
    }

    /// Forgets what has expired: sessions, and revocations that reach no living token. At most so
    /// many of each as do not hold up an update; answers whether there may be more.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known what was forgotten.
    pub async fn sweep(&self, now: Timestamp) -> Result<bool, StoreError> {
        self.writer.run(move |connection| sweep::sweep(connection, now)).await
    }

    /// Resolves when the disk has failed for good. The process should then end: a new one reads
    /// what is really on the disk.
    pub async fn failed(&self) -> StoreError {
        self.writer.failed().await
    }
}

impl SessionStore for SqliteStore {
    async fn update<T, F>(&self, subject: SubjectKey, step: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Subject) -> Step<T> + Send + Sync + 'static,
    {
        self.writer.run(move |connection| update::update(connection, subject, &step)).await
    }

    async fn load(&self, subject: SubjectKey) -> Result<Subject, StoreError> {
        self.readers.read(move |connection| rows::load(connection, subject)).await
    }

    async fn subjects(&self, page: Page) -> Result<SubjectPage, StoreError> {
        let subjects =
            self.readers.read(move |connection| rows::subjects(connection, page)).await?;
        Ok(SubjectPage::new(subjects, page.limit))
    }

    async fn tail(&self, after: Cursor, patience: Duration) -> Result<Batch, StoreError> {
        if !patience.is_zero() {
            let mut last = self.writer.last_position();
            let news = last.wait_for(|last| *last > after.position());
            // Too late or gone: either way the answer is what there is now.
            let _ = timeout(patience, news).await;
        }
        self.readers.read(move |connection| rows::revocations(connection, after)).await
    }

    async fn beat(&self) -> Result<Cursor, StoreError> {
        self.writer.run(rows::last_position).await.map(Cursor::at)
    }

    /// Nobody else writes, so what was acknowledged is what the writer has told.
    async fn beat_of(&self, _: SubjectKey) -> Result<Cursor, StoreError> {
        Ok(Cursor::at(*self.writer.last_position().borrow()))
    }
}
