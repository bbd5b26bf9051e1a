//! Moving the log into the database, beside the writer.
//!
//! A checkpoint syncs, so it must not happen inside of anybody's commit. While updates keep coming
//! it takes over what it can without stopping them; when few come, it empties the log.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, SyncSender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rusqlite::Connection;
use tracing::warn;

use crate::sqlite::{OpenStoreError, schema};

/// After this long without the bell, few updates are coming and the log is emptied.
const PAUSE: Duration = Duration::from_secs(2);

/// The thread that does it, until dropped.
#[derive(Debug)]
pub(crate) struct Checkpointer {
    bell: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Checkpointer {
    pub(crate) fn start(path: &Path) -> Result<Self, OpenStoreError> {
        let connection = schema::connect(path)?;
        // Whoever waits for the write lock here gets it at a time when there is much to sync.
        connection.busy_timeout(Duration::ZERO)?;
        let (bell, rings) = mpsc::sync_channel(1);
        let log = PathBuf::from(format!("{}-wal", path.display()));
        let thread = thread::Builder::new()
            .name("jeton-checkpoint".to_owned())
            .spawn(move || work(&connection, &rings, &log))?;
        Ok(Self { bell: Some(bell), thread: Some(thread) })
    }

    /// What the writer rings when there is enough in the log.
    pub(crate) fn bell(&self) -> SyncSender<()> {
        self.bell.clone().unwrap_or_else(|| mpsc::sync_channel(1).0)
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        self.bell = None;
        if let Some(thread) = self.thread.take() {
            // It holds nothing that is not on disk.
            let _ = thread.join();
        }
    }
}

fn work(connection: &Connection, rings: &Receiver<()>, log: &Path) {
    loop {
        let outcome = match rings.recv_timeout(PAUSE) {
            Ok(()) => checkpoint(connection).map(drop),
            Err(RecvTimeoutError::Timeout) if is_empty(log) => continue,
            Err(RecvTimeoutError::Timeout) => empty(connection),
            Err(RecvTimeoutError::Disconnected) => return,
        };
        if let Err(error) = outcome {
            // The log keeps everything; only its size suffers. The next round tries again.
            warn!(%error, "checkpoint failed");
        }
    }
}

/// Copies and syncs what it can while updates go on. Tells whether that was everything.
fn checkpoint(connection: &Connection) -> rusqlite::Result<bool> {
    connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |row| {
        Ok(row.get::<_, i64>("log")? == row.get::<_, i64>("checkpointed")?)
    })
}

/// Emptying the log holds the write lock, so the copying and its slow syncs are done before.
fn empty(connection: &Connection) -> rusqlite::Result<()> {
    if checkpoint(connection)? {
        connection.query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))?;
    }
    Ok(())
}

fn is_empty(log: &Path) -> bool {
    fs::metadata(log).map_or(true, |log| log.len() == 0)
}
