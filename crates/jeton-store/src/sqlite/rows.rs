//! Rows to types and back. The only place that knows how.

use jeton::{KeyId, Reason, Revocation, SessionId, SubjectKey, Target, Timestamp};
use jeton_session::{Batch, Cursor, Page, Place, Subject};
use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension as _, Result, Row, params};

/// Most revocations in one batch.
const BATCH: i64 = 1_000;

/// `sweep_at` is a multiple of this many seconds.
const SWEEP_STEP: u64 = 6 * 60 * 60;

pub(super) fn load(connection: &Connection, key: SubjectKey) -> Result<Subject> {
    let mut query = connection.prepare_cached("SELECT record FROM subject WHERE key = ?1")?;
    let record: Option<Vec<u8>> =
        query.query_row([key.as_bytes().as_slice()], |row| row.get(0)).optional()?;
    record.map_or_else(|| Ok(Subject::new(key)), |record| subject(key, &record))
}

pub(super) fn save(connection: &Connection, subject: &Subject) -> Result<()> {
    let key = subject.key.as_bytes().as_slice();
    if subject.is_blank() {
        connection.prepare_cached("DELETE FROM subject WHERE key = ?1")?.execute([key])?;
        return Ok(());
    }
    let record =
        subject.to_record().map_err(|error| Error::ToSqlConversionFailure(error.into()))?;
    let sweep_at = subject.next_expiry().map(|at| at.as_secs().next_multiple_of(SWEEP_STEP));
    let sql = "INSERT INTO subject (key, record, sweep_at) VALUES (?1, ?2, ?3)
        ON CONFLICT (key) DO UPDATE SET record = ?2, sweep_at = ?3";
    connection.prepare_cached(sql)?.execute(params![key, record, sweep_at.map(integer)])?;
    Ok(())
}

pub(super) fn subjects(connection: &Connection, page: Page) -> Result<Vec<Subject>> {
    let sql = "SELECT key, record FROM subject WHERE key > ?1 ORDER BY key LIMIT ?2";
    let after = page.after.map_or(Vec::new(), |after| after.as_bytes().to_vec());
    let limit = i64::try_from(page.limit).unwrap_or(i64::MAX);
    let mut query = connection.prepare_cached(sql)?;
    let rows = query.query_map(params![after, limit], |row| {
        subject(SubjectKey::from_bytes(row.get(0)?), &row.get::<_, Vec<u8>>(1)?)
    })?;
    rows.collect()
}

/// Subjects of whom a session has expired by now, some of them.
pub(super) fn overdue(connection: &Connection, now: Timestamp, limit: i64) -> Result<Vec<Subject>> {
    let sql = "SELECT key, record FROM subject WHERE sweep_at <= ?1 LIMIT ?2";
    let mut query = connection.prepare_cached(sql)?;
    let rows = query.query_map(params![integer(now.as_secs()), limit], |row| {
        subject(SubjectKey::from_bytes(row.get(0)?), &row.get::<_, Vec<u8>>(1)?)
    })?;
    rows.collect()
}

/// Forgets expired revocations, some of them, and answers how many.
pub(super) fn trim(connection: &Connection, now: Timestamp, limit: i64) -> Result<usize> {
    let sql = "DELETE FROM revocation WHERE position IN
        (SELECT position FROM revocation WHERE until <= ?1 LIMIT ?2)";
    connection.prepare_cached(sql)?.execute(params![integer(now.as_secs()), limit])
}

pub(super) fn append(connection: &Connection, revocation: &Revocation) -> Result<()> {
    let Columns { kind, id, reason, version, until } = Columns::of(revocation)?;
    let sql = "INSERT INTO revocation (kind, id, reason, version, until)
        VALUES (?1, ?2, ?3, ?4, ?5)";
    connection.prepare_cached(sql)?.execute(params![kind, id, reason, version, until])?;
    Ok(())
}

/// A revocation, as columns of these names.
pub(crate) struct Columns {
    pub(crate) kind: &'static str,
    pub(crate) id: Vec<u8>,
    pub(crate) reason: Option<&'static str>,
    pub(crate) version: Option<i64>,
    pub(crate) until: i64,
}

impl Columns {
    pub(crate) fn of(revocation: &Revocation) -> Result<Self> {
        let (kind, id, reason, version) = match &revocation.target {
            Target::Session(id, reason) => ("session", id.as_bytes().to_vec(), Some(reason), None),
            Target::Token(id, reason) => ("token", id.clone().into_bytes(), Some(reason), None),
            Target::Subject(key, version) => {
                ("subject", key.as_bytes().to_vec(), None, Some(*version))
            }
            Target::Key(id) => ("key", id.as_str().as_bytes().to_vec(), None, None),
            other => {
                let error = format!("cannot store a revocation of {other:?}");
                return Err(Error::ToSqlConversionFailure(error.into()));
            }
        };
        let reason = reason.map(|reason| reason.code());
        let until = integer(revocation.until.as_secs());
        Ok(Self { kind, id, reason, version: version.map(integer), until })
    }
}

pub(super) fn revocations(connection: &Connection, after: Cursor) -> Result<Batch> {
    // Before the rows: where there are none, whatever was up to here has been forgotten.
    let last = Cursor::at(last_position(connection)?);
    let sql = "SELECT position, kind, id, reason, version, until FROM revocation
        WHERE position > ?1 ORDER BY position LIMIT ?2";
    let mut query = connection.prepare_cached(sql)?;
    let rows = query.query_map(params![integer(after.position()), BATCH], |row| {
        Ok((unsigned(row, 0)?, revocation(row)?))
    })?;
    let rows = rows.collect::<Result<Vec<_>>>()?;
    let cursor = rows.last().map_or(after.max(last), |(position, _)| Cursor::at(*position));
    let place = Place::at(cursor.position());
    let revocations = rows.into_iter().map(|(_, revocation)| revocation).collect();
    Ok(Batch { revocations, cursor, highest: place, complete: place })
}

/// The position of the last revocation there ever was.
pub(super) fn last_position(connection: &Connection) -> Result<u64> {
    let sql = "SELECT seq FROM sqlite_sequence WHERE name = 'revocation'";
    let mut query = connection.prepare_cached(sql)?;
    Ok(query.query_row([], |row| unsigned(row, 0)).optional()?.unwrap_or(0))
}

/// The revocation in these columns: another one first, then those of [`Columns`].
pub(crate) fn revocation(row: &Row<'_>) -> Result<Revocation> {
    let id: Vec<u8> = row.get(2)?;
    let text = || String::from_utf8(id.clone()).map_err(|_| damaged(2));
    let target = match row.get_ref(1)?.as_str()? {
        "session" => Target::Session(session(&id)?, reason(row)?),
        "token" => Target::Token(text()?, reason(row)?),
        "subject" => {
            let key = id.as_slice().try_into().map_err(|_| damaged(2))?;
            Target::Subject(SubjectKey::from_bytes(key), unsigned(row, 4)?)
        }
        "key" => Target::Key(KeyId::new(&text()?).map_err(|_| damaged(2))?),
        _ => return Err(damaged(1)),
    };
    Ok(Revocation { target, until: Timestamp::from_secs(unsigned(row, 5)?) })
}

fn session(id: &[u8]) -> Result<SessionId> {
    id.try_into().map(SessionId::from_bytes).map_err(|_| damaged(2))
}

fn reason(row: &Row<'_>) -> Result<Reason> {
    Reason::from_code(row.get_ref(3)?.as_str()?).ok_or_else(|| damaged(3))
}

fn subject(key: SubjectKey, record: &[u8]) -> Result<Subject> {
    Subject::from_record(key, record)
        .map_err(|error| Error::FromSqlConversionFailure(1, Type::Blob, error.into()))
}

pub(crate) fn unsigned(row: &Row<'_>, column: usize) -> Result<u64> {
    u64::try_from(row.get::<_, i64>(column)?).map_err(|_| damaged(column))
}

/// SQLite has signed integers; ours never get near the difference.
pub(crate) fn integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

fn damaged(column: usize) -> Error {
    Error::FromSqlConversionFailure(column, Type::Null, "damaged row".into())
}
