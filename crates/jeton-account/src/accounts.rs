//! The accounts of a service: open the store, add, look up, list.
//!
//! Logging in is in [`login`](crate::login), changing a password in [`change`](crate::change).

use std::fmt;
use std::path::Path;
use std::sync::Arc;

use crate::SqliteAccounts;
use crate::account::{check_name, name_key};
use crate::argon;
use crate::random;
use crate::{Account, AccountError, AccountStore, HashingPool, NewAccount, Phc, Random, Record};

/// The most accounts that one [`Accounts::list`] returns.
const MAX_PAGE: u32 = 1000;

/// All accounts of a service, in its store. Cheap to clone.
///
/// Every operation needs a tokio runtime with its time driver. Dropping one of the futures stops
/// the waiting, not the work: a hash or a commit that has begun runs to its end.
#[derive(Clone)]
pub struct Accounts<S = SqliteAccounts> {
    pub(crate) store: S,
    pub(crate) pool: HashingPool,
    pub(crate) random: Random,
    /// The hash a password is verified against when nobody has the name.
    pub(crate) decoy: Arc<str>,
}

impl Accounts<SqliteAccounts> {
    /// The accounts in the SQLite file at `path`, which is made if it is not there.
    ///
    /// Blocks on the disk: call it before serving, or on a blocking thread.
    ///
    /// # Errors
    ///
    /// [`AccountError::NewerSchema`] if a newer program wrote the file,
    /// [`AccountError::Unavailable`] if it cannot be opened or is no such file, or if `random`
    /// fails.
    pub fn open(path: &Path, pool: HashingPool, random: Random) -> Result<Self, AccountError> {
        Self::new(SqliteAccounts::open(path)?, pool, random)
    }
}

impl<S: AccountStore> Accounts<S> {
    /// The accounts in a store.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`] if `random` fails.
    pub fn new(store: S, pool: HashingPool, random: Random) -> Result<Self, AccountError> {
        let decoy = Arc::from(argon::decoy(pool.cost(), random)?);
        Ok(Self { store, pool, random, decoy })
    }

    /// Where they are kept.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
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
        let record = Record { account: account.clone(), phc: Phc::new(phc) };
        let inserted = self.store.insert(record).await?;
        if inserted { Ok(account) } else { Err(AccountError::NameTaken) }
    }

    /// The account with this id, if there is one.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`] if the store fails.
    pub async fn find(&self, id: &str) -> Result<Option<Account>, AccountError> {
        Ok(self.store.by_id(id).await?.map(|record| record.account))
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
        let after = name_key(after.unwrap_or_default());
        self.store.after(after, limit.min(MAX_PAGE)).await
    }

    /// Whether there is no account yet, and a first administrator is needed.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`] if the store fails.
    pub async fn is_empty(&self) -> Result<bool, AccountError> {
        self.store.is_empty().await
    }

    /// A name that no account can have is not looked up, whatever it holds and whatever its size.
    pub(crate) async fn by_name(&self, name: &str) -> Result<Option<Record>, AccountError> {
        match check_name(name) {
            Ok(()) => self.store.by_name(name_key(name)).await,
            Err(_) => Ok(None),
        }
    }
}

impl<S> fmt::Debug for Accounts<S> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Accounts").field("pool", &self.pool).finish_non_exhaustive()
    }
}
