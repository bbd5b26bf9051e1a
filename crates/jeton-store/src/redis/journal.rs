//! What this node has revoked, on its own disk.
//!
//! Redis may lose what it has acknowledged. So a revocation is told to nobody before it is in this
//! file as well, and the file is read when the node starts: what Redis has lost is brought back.
//!
//! Always true:
//!
//! 1. what `append` has answered survives a crash of this machine;
//! 2. an error of the disk is final, a full disk is not, as in [`SqliteStore`](crate::SqliteStore);
//! 3. one process at a time: a lock beside the file is held while it is open;
//! 4. nothing is forgotten by the time alone. An entry goes when the bucket's clock was *proved* to be
//!    R past it: while Redis is away, the journal waits.

use std::fs;
use std::path::Path;
use std::time::Duration;

use jeton::Revocation;
use jeton_session::{Place, StoreError};
use rusqlite::{Connection, Result, params};

use crate::OpenStoreError;
use crate::redis::bucket::Bucket;
use crate::redis::lineage::{Known, Lineage};
use crate::redis::place;
use crate::sqlite::checkpoint::Checkpointer;
use crate::sqlite::lock::Lock;
use crate::sqlite::rows::{self, Columns, integer, unsigned};
use crate::sqlite::schema::{self, Schema};
use crate::sqlite::writer::Writer;

/// Its name in the node's folder.
const NAME: &str = "journal.db";

/// Most entries that one commit forgets.
const STEP: i64 = 5_000;

/// `known` says up to which clock, in milliseconds, this node knew each bucket, and in which lineage;
/// `node.name` is what the others know the holder of this journal by.
const SCHEMA: Schema = Schema {
    // "jetj"
    application: 0x6a65_746a,
    versions: &["
    CREATE TABLE revocation (
        position INTEGER PRIMARY KEY AUTOINCREMENT,
        bucket   INTEGER NOT NULL,
        ms       INTEGER NOT NULL,
        seq      INTEGER NOT NULL,
        kind     TEXT    NOT NULL,
        id       BLOB    NOT NULL,
        reason   TEXT,
        version  INTEGER,
        until    INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX revocation_ms ON revocation (bucket, ms);
    CREATE TABLE known (
        bucket  INTEGER PRIMARY KEY,
        lineage TEXT    NOT NULL,
        clock   INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE node (name TEXT NOT NULL) STRICT;
    INSERT INTO node (name) VALUES (lower(hex(randomblob(8))));
"],
};

/// The file, while it is open.
// Fields drop in this order: the writer finishes its queue, the lock goes last.
#[derive(Debug)]
pub(super) struct Journal {
    writer: Writer,
    _checkpointer: Checkpointer,
    _lock: Lock,
}

/// What was in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Kept {
    /// What the others know this node by.
    pub(super) name: String,
    /// What it has revoked, in order.
    pub(super) entries: Vec<Made>,
    /// Up to where it knew each bucket.
    pub(super) known: Vec<(Bucket, Known)>,
}

/// One revocation of this node.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) bucket: Bucket,
    pub(super) place: Place,
    pub(super) revocation: Revocation,
}

impl Journal {
    /// Opens the journal of a folder, both created where they are not there, and reads it. Blocks for
    /// as long as that takes.
    pub(super) fn open(folder: &Path) -> std::result::Result<(Self, Kept), OpenStoreError> {
        fs::create_dir_all(folder)?;
        let path = folder.join(NAME);
        let lock = Lock::take(&path)?;
        let connection = schema::open(&path, SCHEMA)?;
        let kept = read(&connection)?;
        let checkpointer = Checkpointer::start(&path)?;
        let writer = Writer::start(connection, checkpointer.bell())?;
        Ok((Self { writer, _checkpointer: checkpointer, _lock: lock }, kept))
    }

    /// Writes down what one update has revoked. Answers once it is synced.
    pub(super) async fn append(
        &self,
        bucket: Bucket,
        place: Place,
        revocations: Vec<Revocation>,
    ) -> std::result::Result<(), StoreError> {
        let write = move |connection: &Connection| {
            revocations
                .iter()
                .try_for_each(|revocation| append(connection, bucket, place, revocation))
        };
        self.writer.run(write).await
    }

    /// Writes down up to where each bucket is known, and forgets what is so much older.
    pub(super) async fn know(
        &self,
        known: Vec<(Bucket, Known)>,
        retention: Duration,
    ) -> std::result::Result<(), StoreError> {
        let retention = u64::try_from(retention.as_millis()).unwrap_or(u64::MAX);
        let write = move |connection: &Connection| {
            known.iter().try_for_each(|(bucket, known)| know(connection, *bucket, known, retention))
        };
        self.writer.run(write).await
    }

    /// Resolves when the disk has failed for good.
    pub(super) async fn failed(&self) -> StoreError {
        self.writer.failed().await
    }
}

fn read(connection: &Connection) -> Result<Kept> {
    let name = connection.query_row("SELECT name FROM node", [], |row| row.get(0))?;
    let sql = "SELECT position, kind, id, reason, version, until, bucket, ms, seq
        FROM revocation
        ORDER BY position";
    let mut query = connection.prepare(sql)?;
    let entries = query.query_map([], |row| {
        let place = place::from_parts(unsigned(row, 7)?, unsigned(row, 8)?).unwrap_or_default();
        Ok(Made { bucket: Bucket::at(row.get(6)?), place, revocation: rows::revocation(row)? })
    })?;
    let entries = entries.collect::<Result<_>>()?;
    let mut query = connection.prepare("SELECT bucket, lineage, clock FROM known")?;
    let known = query.query_map([], |row| {
        let lineage = Lineage::new(row.get_ref(1)?.as_str()?);
        Ok((Bucket::at(row.get(0)?), Known { lineage, clock: unsigned(row, 2)? }))
    })?;
    Ok(Kept { name, entries, known: known.collect::<Result<_>>()? })
}

fn append(
    connection: &Connection,
    bucket: Bucket,
    place: Place,
    revocation: &Revocation,
) -> Result<()> {
    let Columns { kind, id, reason, version, until } = Columns::of(revocation)?;
    let (bucket, (ms, seq)) = (bucket.number(), place::parts(place));
    let (ms, seq) = (integer(ms), integer(seq));
    let sql = "INSERT INTO revocation (bucket, ms, seq, kind, id, reason, version, until)
        VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)";
    let mut insert = connection.prepare_cached(sql)?;
    insert.execute(params![bucket, ms, seq, kind, id, reason, version, until])?;
    Ok(())
}

fn know(connection: &Connection, bucket: Bucket, known: &Known, retention: u64) -> Result<()> {
    let Known { lineage, clock } = known;
    let sql = "INSERT INTO known (bucket, lineage, clock) VALUES (?1, ?2, ?3)
        ON CONFLICT (bucket) DO UPDATE SET lineage = ?2, clock = ?3";
    let mut put = connection.prepare_cached(sql)?;
    put.execute(params![bucket.number(), lineage.as_str(), integer(*clock)])?;
    let sql = "DELETE FROM revocation WHERE position IN
        (SELECT position FROM revocation WHERE bucket = ?1 AND ms < ?2 LIMIT ?3)";
    let mut trim = connection.prepare_cached(sql)?;
    trim.execute(params![bucket.number(), integer(clock.saturating_sub(retention)), STEP])?;
    Ok(())
}

#[cfg(test)]
mod tests;
