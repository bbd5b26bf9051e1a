//! Every statement on the tables of [`sqlite`](crate::sqlite), and how a row becomes an account.

use rusqlite::types::Type;
use rusqlite::{Connection, Error, OptionalExtension, Result, Row, Transaction, params};

use crate::account::name_key;
use crate::{Account, Change};

const SELECT: &str = "SELECT id, name, roles, created_at, credential, phc FROM account";

/// An account with the hash of its password, which goes no further than this crate.
pub(crate) struct Record {
    pub(crate) account: Account,
    pub(crate) phc: String,
}

/// A new password on its way to the store.
pub(crate) struct NewHash {
    pub(crate) account: String,
    pub(crate) phc: String,
    /// Store it only if this is still the account's credential: the one that was verified.
    pub(crate) replaces: Option<u64>,
    pub(crate) keep: Option<String>,
}

/// A stored value that we never write.
#[derive(Debug, thiserror::Error)]
#[error("a stored value is corrupt")]
struct Corrupt;

pub(crate) fn by_name(connection: &Connection, name: &str) -> Result<Option<Record>> {
    let sql = format!("{SELECT} WHERE name_key = ?1");
    connection.query_row(&sql, [name_key(name)], record).optional()
}

pub(crate) fn by_id(connection: &Connection, id: &str) -> Result<Option<Record>> {
    connection.query_row(&format!("{SELECT} WHERE id = ?1"), [id], record).optional()
}

/// Up to `limit` accounts whose names come after `name`, in the order of names.
pub(crate) fn after(connection: &Connection, name: &str, limit: u32) -> Result<Vec<Account>> {
    let sql = format!("{SELECT} WHERE name_key > ?1 ORDER BY name_key LIMIT ?2");
    let mut statement = connection.prepare(&sql)?;
    let rows = statement.query_map(params![name_key(name), limit], record)?;
    rows.map(|row| row.map(|record| record.account)).collect()
}

pub(crate) fn is_empty(connection: &Connection) -> Result<bool> {
    connection.query_row("SELECT NOT EXISTS (SELECT 1 FROM account)", [], |row| row.get(0))
}

/// Adds an account; `false` if its name is taken.
pub(crate) fn insert(transaction: &Transaction<'_>, record: &Record) -> Result<bool> {
    let Record { account, phc } = record;
    let roles = serde_json::to_string(&account.roles).map_err(unstorable)?;
    let inserted = transaction.execute(
        "INSERT INTO account (id, name, name_key, roles, phc, credential, created_at)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT (name_key) DO NOTHING",
        params![
            account.id,
            account.name,
            name_key(&account.name),
            roles,
            phc,
            integer(account.credential)?,
            integer(account.created_at)?,
        ],
    )?;
    Ok(inserted == 1)
}

/// Stores another hash of the same password, unless the hash was replaced meanwhile.
pub(crate) fn rehash(transaction: &Transaction<'_>, old: &Record, phc: &str) -> Result<bool> {
    let updated = transaction.execute(
        "UPDATE account SET phc = ?3 WHERE id = ?1 AND phc = ?2",
        [&old.account.id, &old.phc, phc],
    )?;
    Ok(updated == 1)
}

/// Stores a new password and the notice that goes with it; `None` if the account is gone or its
/// credential is no longer the one to replace.
pub(crate) fn replace(transaction: &Transaction<'_>, new: NewHash) -> Result<Option<Change>> {
    let updated = transaction.execute(
        "UPDATE account SET phc = ?2, credential = credential + 1
         WHERE id = ?1 AND credential = coalesce(?3, credential)",
        params![new.account, new.phc, new.replaces.map(integer).transpose()?],
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

pub(crate) fn changes(connection: &Connection) -> Result<Vec<Change>> {
    let mut statement =
        connection.prepare("SELECT seq, account, keep FROM account_change ORDER BY seq")?;
    let rows = statement.query_map([], |row| {
        Ok(Change { seq: natural(row.get(0)?)?, account: row.get(1)?, keep: row.get(2)? })
    })?;
    rows.collect()
}

pub(crate) fn settle(transaction: &Transaction<'_>, seq: u64) -> Result<()> {
    transaction.execute("DELETE FROM account_change WHERE seq = ?1", [integer(seq)?])?;
    Ok(())
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
    Ok(Record { account, phc: row.get(5)? })
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
