//! Every statement on the tables of [`database`](super::database), and how a row becomes an account.

use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension, Result, Row, Transaction, params};

use crate::{Account, Change, NewHash, Phc, Record};

const SELECT: &str = "SELECT id, name, roles, created_at, credential, phc FROM account";

/// A stored value that we never write.
#[derive(Debug, thiserror::Error)]
#[error("a stored value is corrupt")]
struct Corrupt;

pub(super) fn by_name(connection: &Connection, name_key: &str) -> Result<Option<Record>> {
    connection.query_row(&format!("{SELECT} WHERE name_key = ?1"), [name_key], record).optional()
}

pub(super) fn by_id(connection: &Connection, id: &str) -> Result<Option<Record>> {
    connection.query_row(&format!("{SELECT} WHERE id = ?1"), [id], record).optional()
}

/// Up to `limit` accounts whose names come after this one, in the order of names.
pub(super) fn after(connection: &Connection, name_key: &str, limit: u32) -> Result<Vec<Account>> {
    let sql = format!("{SELECT} WHERE name_key > ?1 ORDER BY name_key LIMIT ?2");
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map(params![name_key, limit], record)?;
    rows.map(|row| row.map(|record| record.account)).collect()
}

pub(super) fn is_empty(connection: &Connection) -> Result<bool> {
    connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM account)", [], |row| row.get(0))
}

/// Adds an account; `false` if its name is taken.
pub(super) fn insert(transaction: &Transaction<'_>, record: &Record) -> Result<bool> {
    let Record { account, phc } = record;
    let roles = serde_json::to_string(&account.roles).map_err(unstorable)?;
    let inserted = transaction.execute(
        "INSERT INTO account (id, name, name_key, roles, phc, credential, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (name_key) DO NOTHING",
        params![
            account.id,
            account.name,
            record.name_key(),
            roles,
            phc.expose(),
            integer(account.credential)?,
            integer(account.created_at)?,
        ],
    )?;
    Ok(inserted == 1)
}

/// Stores another hash of the same password, unless the hash was replaced meanwhile.
pub(super) fn rehash(transaction: &Transaction<'_>, old: &Record, new: &Phc) -> Result<bool> {
    let updated = transaction.execute(
        "UPDATE account SET phc = ?3 WHERE id = ?1 AND phc = ?2",
        [old.account.id.as_str(), old.phc.expose(), new.expose()],
    )?;
    Ok(updated == 1)
}

/// Stores a new password and the notice that goes with it; `None` if the account is gone or its
/// credential is no longer the one to replace.
pub(super) fn replace(transaction: &Transaction<'_>, new: NewHash) -> Result<Option<Change>> {
    let updated = transaction.execute(
        "UPDATE account SET phc = ?2, credential = credential + 1
         WHERE id = ?1 AND credential = coalesce(?3, credential)",
        params![new.account, new.phc.expose(), new.replaces.map(integer).transpose()?],
    )?;
    if updated == 0 {
        return Ok(None);
    }
    transaction.execute(
        "INSERT INTO account_change (account, keep) VALUES (?1, ?2)",
        params![new.account, new.keep],
    )?;
    let seq = natural(transaction.last_insert_rowid())?;
    Ok(Some(Change { seq, account: new.account, keep: new.keep }))
}

/// The changes of one account or of all, in the order of their numbers.
pub(super) fn changes(connection: &Connection, account: Option<&str>) -> Result<Vec<Change>> {
    let mut statement = connection.prepare(
        "SELECT seq, account, keep FROM account_change
         WHERE account = coalesce(?1, account) ORDER BY seq",
    )?;
    let rows = statement.query_map([account], |row| {
        Ok(Change { seq: natural(row.get(0)?)?, account: row.get(1)?, keep: row.get(2)? })
    })?;
    rows.collect()
}

pub(super) fn settle(transaction: &Transaction<'_>, changes: &[u64]) -> Result<()> {
    let mut statement = transaction.prepare("DELETE FROM account_change WHERE seq = ?1")?;
    changes.iter().try_for_each(|seq| statement.execute([integer(*seq)?]).map(drop))
}

fn record(row: &Row<'_>) -> Result<Record> {
    let roles: String = row.get(2)?;
    let account = Account {
        id: row.get(0)?,
        name: row.get(1)?,
        roles: serde_json::from_str(&roles)
            .map_err(|_| Error::FromSqlConversionFailure(2, Type::Text, Box::new(Corrupt)))?,
        created_at: natural(row.get(3)?)?,
        credential: natural(row.get(4)?)?,
    };
    Ok(Record { account, phc: Phc::new(row.get(5)?) })
}

/// SQLite's integers are signed, our counters and times are not.
fn natural(stored: i64) -> Result<u64> {
    u64::try_from(stored)
        .map_err(|_| Error::FromSqlConversionFailure(0, Type::Integer, Box::new(Corrupt)))
}

fn integer(value: u64) -> Result<i64> {
    i64::try_from(value).map_err(unstorable)
}

fn unstorable(error: impl std::error::Error + Send + Sync + 'static) -> Error {
    Error::ToSqlConversionFailure(Box::new(error))
}
