//! The accounts of a service: open the file, add, look up, list.
//!
//! Logging in is in [`login`](crate::login), changing a password in [`change`](crate::change).

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::argon;
use crate::random;
use crate::rows::{self, Record};
use crate::sqlite::Database;
use crate::{Account, AccountError, HashingPool, NewAccount, Random};

/// The most accounts that one [`Accounts::list`] returns.
const MAX_PAGE: u32 = 1000;

/// All accounts, in the service's SQLite file. Cheap to clone.
///
/// Every operation needs a tokio runtime with its time driver. Dropping one of the futures stops
/// the waiting, not the work: a hash or a commit that has begun runs to its end.
#[derive(Clone)]
pub struct Accounts {
    pub(crate) database: Database,
    pub(crate) pool: HashingPool,
    pub(crate) random: Random,
    /// The hash a password is verified against when nobody has the name.
    pub(crate) decoy: Arc<str>,
}

impl Accounts {
    /// Opens the file at `path`, or creates it, mode 0600, with no account in it.
    ///
    /// Blocks on the disk: call it before serving, or on a blocking thread.
    ///
    /// # Errors
    ///
    /// [`AccountError::NewerSchema`] if a newer program wrote the file,
    /// [`AccountError::Unavailable`] if it cannot be opened or is no such file, or if `random`
    /// fails.
    pub fn open(path: &Path, pool: HashingPool, random: Random) -> Result<Self, AccountError> {
        let decoy = Arc::from(argon::decoy(pool.cost(), random)?);
        let database = Database::open(path)?;
        Ok(Self { database, pool, random, decoy })
    }

    /// The pool that hashes passwords, for its counters.
    #[must_use]
    pub fn pool(&self) -> &HashingPool {
        &self.pool
    }

    /// Adds an account; `now` is in Unix seconds.
    ///
    /// # Errors
    ///
    /// [`AccountError::InvalidName`], [`AccountError::InvalidRole`] and
    /// [`AccountError::WeakPassword`] for what cannot be stored, [`AccountError::NameTaken`];
    /// [`AccountError::Busy`] and [`AccountError::Unavailable`] if nothing was decided.
    pub async fn add(&self, new: NewAccount, now: u64) -> Result<Account, AccountError> {
        new.check()?;
        let NewAccount { name, password, roles } = new;
        let random = self.random;
        let account =
            Account { id: random::id(self.random)?, name, roles, created_at: now, credential: 1 };
        let phc = self
            .pool
            .turn()?
            .run(self.pool.cost().memory(), move |hasher| hasher.hash(&password, random))
            .await?;
        let record = Record { account, phc };
        self.database
            .write(move |transaction| {
                let inserted = rows::insert(transaction, &record)?;
                Ok(inserted.then_some(record.account))
            })
            .await?
            .ok_or(AccountError::NameTaken)
    }

    /// The account with this id, if there is one.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`] if the store fails.
    pub async fn find(&self, id: &str) -> Result<Option<Account>, AccountError> {
        Ok(self.by_id(id).await?.map(|record| record.account))
    }

    /// Up to `limit` accounts (at most 1000) in the order of their names, starting after the name
    /// `after`: pass the last name of one page to get the next.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`] if the store fails.
    pub async fn list(
        &self,
        after: Option<&str>,
        limit: u32,
    ) -> Result<Vec<Account>, AccountError> {
        let after = after.unwrap_or_default().to_owned();
        let limit = limit.min(MAX_PAGE);
        self.database.read(move |connection| rows::after(connection, &after, limit)).await
    }

    /// Whether there is no account yet, and a first administrator is needed.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`] if the store fails.
    pub async fn is_empty(&self) -> Result<bool, AccountError> {
        self.database.read(rows::is_empty).await
    }

    pub(crate) async fn by_name(&self, name: &str) -> Result<Option<Record>, AccountError> {
        let name = name.to_owned();
        self.database.read(move |connection| rows::by_name(connection, &name)).await
    }

    pub(crate) async fn by_id(&self, id: &str) -> Result<Option<Record>, AccountError> {
        let id = id.to_owned();
        self.database.read(move |connection| rows::by_id(connection, &id)).await
    }
}

impl fmt::Debug for Accounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Accounts").field("pool", &self.pool).finish_non_exhaustive()
    }
}
