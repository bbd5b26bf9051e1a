//! The file: its tables, one connection that writes and one that reads.
//!
//! Sessions live in the same file and are written by another crate over connections of its own;
//! WAL mode lets both work side by side, and whoever finds the other writing waits. Tables here
//! start with `account` and have their own version, so neither crate needs to know the other's.

use std::fs::OpenOptions;
use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rusqlite::{Connection, OpenFlags, OptionalExtension, Transaction, TransactionBehavior};
use tokio::sync::Mutex;
use tokio::task::spawn_blocking;

use crate::AccountError;

/// How long a write waits for another connection's write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// The version of [`TABLES`].
const VERSION: i64 = 1;

/// `name_key` is the name in lower case, `roles` a JSON array, `phc` an Argon2id PHC string.
/// `AUTOINCREMENT` never gives a number twice.
const TABLES: &str = "
CREATE TABLE account (
    id TEXT NOT NULL PRIMARY KEY,
    name TEXT NOT NULL,
    name_key TEXT NOT NULL UNIQUE,
    roles TEXT NOT NULL,
    phc TEXT NOT NULL,
    credential INTEGER NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE account_change (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    account TEXT NOT NULL REFERENCES account (id),
    keep TEXT
) STRICT;
";

/// Each connection is used by one blocking thread at a time, however many requests wait for it.
#[derive(Clone)]
pub(super) struct Database {
    writer: Arc<Mutex<Connection>>,
    /// Reads do not wait for writes, nor for the disk that those wait for.
    reader: Arc<Mutex<Connection>>,
}

impl Database {
    /// Opens or creates the file and brings its account tables to this program's version.
    pub(super) fn open(path: &Path) -> Result<Self, AccountError> {
        create_private(path)?;
        let mut writer = connect(path).map_err(failed)?;
        let transaction = begin(&mut writer).map_err(failed)?;
        migrate(&transaction)?;
        transaction.commit().map_err(failed)?;
        let reader = connect(path).map_err(failed)?;
        reader.pragma_update(None, "query_only", true).map_err(failed)?;
        Ok(Self { writer: Arc::new(Mutex::new(writer)), reader: Arc::new(Mutex::new(reader)) })
    }

    /// Runs a query; it sees every change that was answered before.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, AccountError> {
        run(&self.reader, move |connection| query(connection)).await
    }

    /// Runs changes in one transaction: all of them are on disk when this returns, or none is.
    pub(super) async fn write<T: Send + 'static>(
        &self,
        change: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, AccountError> {
        run(&self.writer, move |connection| {
            let transaction = begin(connection)?;
            let result = change(&transaction)?;
            transaction.commit()?;
            Ok(result)
        })
        .await
    }
}

async fn run<T: Send + 'static>(
    connection: &Arc<Mutex<Connection>>,
    work: impl FnOnce(&mut Connection) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, AccountError> {
    let mut connection = Arc::clone(connection).lock_owned().await;
    spawn_blocking(move || work(&mut connection))
        .await
        .map_err(|_| AccountError::unavailable("a database job was aborted"))?
        .map_err(failed)
}

/// Creates an absent file readable by its owner only; SQLite gives its WAL the same mode.
///
/// A file that exists is not even opened: closing it would release the locks that other
/// connections of this process hold on it (POSIX).
fn create_private(path: &Path) -> Result<(), AccountError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    match options.open(path) {
        Err(error) if error.kind() != ErrorKind::AlreadyExists => {
            Err(AccountError::unavailable(error))
        }
        _ => Ok(()),
    }
}

fn connect(path: &Path) -> rusqlite::Result<Connection> {
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // The service moves the log into the database on a thread of its own; else closing does.
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    connection.pragma_update(None, "foreign_keys", true)?;
    Ok(connection)
}

/// Takes the write lock at once: a transaction that starts reading may not be allowed to write.
fn begin(connection: &mut Connection) -> rusqlite::Result<Transaction<'_>> {
    connection.transaction_with_behavior(TransactionBehavior::Immediate)
}

fn migrate(transaction: &Transaction<'_>) -> Result<(), AccountError> {
    match version(transaction).map_err(failed)? {
        None => create_tables(transaction).map_err(failed),
        Some(VERSION) => Ok(()),
        Some(found) if found > VERSION => Err(AccountError::NewerSchema { found, known: VERSION }),
        Some(_) => Err(AccountError::unavailable("the version of the account tables is corrupt")),
    }
}

fn version(transaction: &Transaction<'_>) -> rusqlite::Result<Option<i64>> {
    transaction.execute_batch(
        "CREATE TABLE IF NOT EXISTS account_schema (version INTEGER NOT NULL) STRICT",
    )?;
    transaction.query_row("SELECT version FROM account_schema", [], |row| row.get(0)).optional()
}

fn create_tables(transaction: &Transaction<'_>) -> rusqlite::Result<()> {
    transaction.execute_batch(TABLES)?;
    transaction.execute("INSERT INTO account_schema (version) VALUES (?1)", [VERSION])?;
    Ok(())
}

/// SQLite's own words: they name statements, tables and files, never a value.
fn failed(error: rusqlite::Error) -> AccountError {
    AccountError::unavailable(error)
}
