//! Every statement on the tables of [`schema`](super::schema), and how a row becomes an account.
//!
//! Each is one statement and so one transaction, except for the claim, see [`claim`](super::claim).

use tokio_postgres::Row;
use tokio_postgres::types::FromSql;

use crate::postgres::connections::Values;
use crate::{Account, AccountError, Change, NewHash, Phc, Record};

pub(super) const BY_NAME: &str = "SELECT id, name, roles, created_at, credential, phc
    FROM jeton_account WHERE name_key = $1";

pub(super) const BY_ID: &str = "SELECT id, name, roles, created_at, credential, phc
    FROM jeton_account WHERE id = $1";

pub(super) const AFTER: &str = "SELECT id, name, roles, created_at, credential, phc
    FROM jeton_account WHERE name_key > $1 ORDER BY name_key LIMIT $2";

pub(super) const IS_EMPTY: &str = "SELECT NOT EXISTS (SELECT 1 FROM jeton_account)";

/// A row if the name was free.
pub(super) const INSERT: &str = "INSERT INTO jeton_account
    (id, name, name_key, roles, phc, credential, created_at) VALUES ($1, $2, $3, $4, $5, $6, $7)
    ON CONFLICT (name_key) DO NOTHING RETURNING 1";

/// A row if the hash was still the same.
pub(super) const REHASH: &str =
    "UPDATE jeton_account SET phc = $3 WHERE id = $1 AND phc = $2 RETURNING 1";

/// The number of the change, if the credential was still the same. The note is written after the
/// row of the account is locked, so the notes of one account count up in the order of their commits.
pub(super) const REPLACE: &str = "WITH replaced AS (
        UPDATE jeton_account SET phc = $2, credential = credential + 1
        WHERE id = $1 AND credential = coalesce($3, credential) RETURNING id
    )
    INSERT INTO jeton_account_change (account, keep) SELECT id, $4 FROM replaced RETURNING seq";

pub(super) const ALL_CHANGES: &str =
    "SELECT seq, account, keep FROM jeton_account_change ORDER BY seq";

pub(super) const CHANGES_OF: &str =
    "SELECT seq, account, keep FROM jeton_account_change WHERE account = $1 ORDER BY seq";

/// The same, and nobody else has them until the end of the transaction. Whoever waited finds only what
/// is still there.
pub(super) const CLAIM: &str = "SELECT seq, account, keep FROM jeton_account_change
    WHERE account = $1 ORDER BY seq FOR UPDATE";

pub(super) const SETTLE: &str = "DELETE FROM jeton_account_change WHERE seq = ANY ($1)";

/// The values of [`INSERT`].
pub(super) fn inserted(record: &Record) -> Result<Values, AccountError> {
    let account = &record.account;
    Ok(vec![
        Box::new(account.id.clone()),
        Box::new(account.name.clone()),
        Box::new(record.name_key()),
        Box::new(account.roles.clone()),
        Box::new(record.phc.expose().to_owned()),
        Box::new(integer(account.credential)?),
        Box::new(integer(account.created_at)?),
    ])
}

/// The values of [`REPLACE`].
pub(super) fn replaced(new: &NewHash) -> Result<Values, AccountError> {
    Ok(vec![
        Box::new(new.account.clone()),
        Box::new(new.phc.expose().to_owned()),
        Box::new(new.replaces.map(integer).transpose()?),
        Box::new(new.keep.clone()),
    ])
}

/// The values of [`SETTLE`].
pub(super) fn settled(changes: &[Change]) -> Result<Values, AccountError> {
    let numbers: Result<Vec<i64>, _> = changes.iter().map(|change| integer(change.seq)).collect();
    Ok(vec![Box::new(numbers?)])
}

pub(super) fn record(row: &Row) -> Result<Record, AccountError> {
    let account = Account {
        id: get(row, 0)?,
        name: get(row, 1)?,
        roles: get(row, 2)?,
        created_at: natural(get(row, 3)?)?,
        credential: natural(get(row, 4)?)?,
    };
    Ok(Record { account, phc: Phc::new(get(row, 5)?) })
}

pub(super) fn change(row: &Row) -> Result<Change, AccountError> {
    Ok(Change { seq: natural(get(row, 0)?)?, account: get(row, 1)?, keep: get(row, 2)? })
}

/// A value of a row, which may be another than we ever write.
pub(super) fn get<'row, T: FromSql<'row>>(row: &'row Row, n: usize) -> Result<T, AccountError> {
    row.try_get(n).map_err(|_| corrupt())
}

/// PostgreSQL's integers are signed, our counters and times are not.
pub(super) fn natural(stored: i64) -> Result<u64, AccountError> {
    u64::try_from(stored).map_err(|_| corrupt())
}

fn integer(value: u64) -> Result<i64, AccountError> {
    i64::try_from(value).map_err(|_| AccountError::unavailable("a number is too large to store"))
}

fn corrupt() -> AccountError {
    AccountError::unavailable("a stored value is corrupt")
}
