//! Where accounts are: in this service's SQLite file, or in a PostgreSQL that nodes share.

use std::future::Future;

use jeton_account::{
    Account, AccountError, AccountStore, Change, HashingCost, HashingPool, Limits, NewHash, Phc,
    PostgresAccounts, PostgresSettings, Record, SqliteAccounts,
};

use crate::app::{AppError, random};
use crate::file;
use crate::settings::{self, Settings};

/// The accounts of this service, wherever they are.
pub type Accounts = jeton_account::Accounts<AccountTables>;

/// One of the two places.
#[derive(Clone, Debug)]
pub enum AccountTables {
    /// The service's own file.
    Sqlite(SqliteAccounts),
    /// A server that other nodes use as well.
    Postgres(PostgresAccounts),
}

/// Opens the accounts of these settings, as the service and the command line do.
///
/// # Errors
///
/// [`AppError`]
pub async fn open(settings: &Settings) -> Result<Accounts, AppError> {
    let cost = HashingCost::new(settings.password.memory, settings.password.passes);
    let cost = cost.map_err(|error| AppError::Setting(error.to_string()))?;
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let memory = settings.password.total_memory.saturating_mul(1 << 20);
    let pool = HashingPool::new(cost, Limits { memory, ..Limits::new(cores) });
    let failed = |error| AppError::Accounts(place(settings), error);
    let tables = match postgres(&settings.accounts)? {
        Some(postgres) => AccountTables::Postgres(PostgresAccounts::connect(&postgres).await?),
        None => AccountTables::Sqlite(SqliteAccounts::open(&settings.database()).map_err(failed)?),
    };
    Accounts::new(tables, pool, random).map_err(failed)
}

/// Where they are, for people.
pub(crate) fn place(settings: &Settings) -> String {
    if settings.accounts.postgres.is_empty() {
        settings.database().display().to_string()
    } else {
        "PostgreSQL".to_owned()
    }
}

/// How to find PostgreSQL, if that is where they are.
fn postgres(settings: &settings::Accounts) -> Result<Option<PostgresSettings>, AppError> {
    if settings.postgres.is_empty() {
        return Ok(None);
    }
    let mut postgres = PostgresSettings::parse(&settings.postgres)?;
    let file = &settings.password_file;
    if !file.as_os_str().is_empty() {
        let password = file::read_secret(file)
            .map_err(|error| AppError::Setting(format!("accounts.password_file: {error}")))?;
        postgres = postgres.with_password(&password);
    }
    if !settings.authorities.as_os_str().is_empty() {
        postgres = postgres.with_authorities(settings.authorities.clone());
    }
    Ok(Some(postgres.with_connections(settings.connections)))
}

impl AccountStore for AccountTables {
    async fn insert(&self, record: Record) -> Result<bool, AccountError> {
        match self {
            Self::Sqlite(tables) => tables.insert(record).await,
            Self::Postgres(tables) => tables.insert(record).await,
        }
    }

    async fn by_name(&self, name_key: String) -> Result<Option<Record>, AccountError> {
        match self {
            Self::Sqlite(tables) => tables.by_name(name_key).await,
            Self::Postgres(tables) => tables.by_name(name_key).await,
        }
    }

    async fn by_id(&self, id: &str) -> Result<Option<Record>, AccountError> {
        match self {
            Self::Sqlite(tables) => tables.by_id(id).await,
            Self::Postgres(tables) => tables.by_id(id).await,
        }
    }

    async fn after(&self, name_key: String, limit: u32) -> Result<Vec<Account>, AccountError> {
        match self {
            Self::Sqlite(tables) => tables.after(name_key, limit).await,
            Self::Postgres(tables) => tables.after(name_key, limit).await,
        }
    }

    async fn is_empty(&self) -> Result<bool, AccountError> {
        match self {
            Self::Sqlite(tables) => tables.is_empty().await,
            Self::Postgres(tables) => tables.is_empty().await,
        }
    }

    async fn rehash(&self, old: Record, new: Phc) -> Result<bool, AccountError> {
        match self {
            Self::Sqlite(tables) => tables.rehash(old, new).await,
            Self::Postgres(tables) => tables.rehash(old, new).await,
        }
    }

    async fn replace(&self, new: NewHash) -> Result<Option<Change>, AccountError> {
        match self {
            Self::Sqlite(tables) => tables.replace(new).await,
            Self::Postgres(tables) => tables.replace(new).await,
        }
    }

    async fn changes(&self, account: Option<&str>) -> Result<Vec<Change>, AccountError> {
        match self {
            Self::Sqlite(tables) => tables.changes(account).await,
            Self::Postgres(tables) => tables.changes(account).await,
        }
    }

    async fn settle<T, End, Ended>(
        &self,
        account: &str,
        end: End,
    ) -> Result<Option<T>, AccountError>
    where
        T: Send,
        End: FnOnce(Vec<Change>) -> Ended + Send,
        Ended: Future<Output = Result<T, AccountError>> + Send,
    {
        match self {
            Self::Sqlite(tables) => tables.settle(account, end).await,
            Self::Postgres(tables) => tables.settle(account, end).await,
        }
    }
}
