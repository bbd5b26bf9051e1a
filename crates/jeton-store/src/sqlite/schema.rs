//! The tables, their versions, and how a connection is set up.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::time::Duration;

use rusqlite::{Connection, TransactionBehavior};

use crate::sqlite::OpenStoreError;

/// The first SQLite without the WAL-reset corruption (<https://sqlite.org/wal.html>).
const OLDEST_SQLITE: i32 = 3_051_003;

/// How long to wait for another connection of this process.
const BUSY: Duration = Duration::from_secs(5);

/// What a file of ours holds.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Schema {
    /// `PRAGMA application_id`.
    pub(crate) application: i64,
    /// One script for each version; `PRAGMA user_version` counts them.
    pub(crate) versions: &'static [&'static str],
}

/// The store's.
///
/// `subject.record` is JSON and says everything; `sweep_at` is when one of its sessions has expired
/// for sure, rounded up so that a refresh seldom moves it in its index. `revocation.position` is the
/// feed's cursor and never used twice.
pub(super) const STORE: Schema = Schema {
    // "jetn"
    application: 0x6a65_746e,
    versions: &["
    CREATE TABLE subject (
        key      BLOB PRIMARY KEY,
        record   BLOB NOT NULL,
        sweep_at INTEGER
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX subject_sweep_at ON subject (sweep_at) WHERE sweep_at IS NOT NULL;

    CREATE TABLE revocation (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        kind     TEXT    NOT NULL,
        id       BLOB    NOT NULL,
        reason   TEXT,
        version  INTEGER,
        until    INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX revocation_until ON revocation (until);
"],
};

/// Opens the writer's connection and brings the tables up to date.
pub(crate) fn open(path: &Path, schema: Schema) -> Result<Connection, OpenStoreError> {
    if rusqlite::version_number() < OLDEST_SQLITE {
        let version = rusqlite::version();
        return Err(OpenStoreError::Unusable(format!("SQLite {version} can corrupt its log")));
    }
    create_private(path)?;
    let mut connection = connect(path)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    migrate(&mut connection, schema)?;
    Ok(connection)
}

/// Opens one more connection to a file that is there.
pub(crate) fn connect(path: &Path) -> Result<Connection, OpenStoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "journal_size_limit", 64 * 1024 * 1024)?;
    Ok(connection)
}

fn migrate(connection: &mut Connection, schema: Schema) -> Result<(), OpenStoreError> {
    // At once for writing: a command line may have the file open as well.
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let pragma = |name| transaction.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let application = pragma("application_id")?;
    if application != 0 && application != schema.application {
        return Err(OpenStoreError::Foreign(application));
    }
    let found = pragma("user_version")?;
    let known = i64::try_from(schema.versions.len()).unwrap_or(i64::MAX);
    let done = usize::try_from(found).ok().filter(|done| *done <= schema.versions.len());
    let done = done.ok_or(OpenStoreError::NewerSchema { found, known })?;
    for script in schema.versions.iter().skip(done) {
        transaction.execute_batch(script)?;
    }
    transaction.pragma_update(None, "application_id", schema.application)?;
    transaction.pragma_update(None, "user_version", known)?;
    transaction.commit()?;
    Ok(())
}

/// Creates the file before SQLite does, so that nobody else may read it at any time.
fn create_private(path: &Path) -> Result<(), OpenStoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Ok(_) => Ok(()),
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        Err(error) => Err(OpenStoreError::Unusable(format!("{}: {error}", path.display()))),
    }
}
