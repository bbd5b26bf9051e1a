//! Accounts in the service's SQLite file.

mod database;
mod rows;

use std::fmt;
use std::future::Future;
use std::path::Path;
use std::sync::Arc;

use tokio::sync::Mutex;

use crate::sqlite::database::Database;
use crate::{Account, AccountError, AccountStore, Change, NewHash, Phc, Record};

/// Accounts in the service's SQLite file. Cheap to clone.
///
/// One process settles changes, the one that owns the sessions; others may add accounts and set
/// passwords meanwhile. A write that has begun runs to its end, even if nobody waits for it any more.
#[derive(Clone)]
pub struct SqliteAccounts {
    database: Database,
    /// Held while changes are settled. It knows nothing of other processes, nor has to.
    settling: Arc<Mutex<()>>,
}

impl SqliteAccounts {
    /// Opens the file at `path`, or creates it, mode 0600, with no account in it.
    ///
    /// Blocks on the disk: call it before serving, or on a blocking thread.
    ///
    /// # Errors
    ///
    /// [`AccountError::NewerSchema`] if a newer program wrote the file,
    /// [`AccountError::Unavailable`] if it cannot be opened or is no such file.
    pub fn open(path: &Path) -> Result<Self, AccountError> {
        Ok(Self { database: Database::open(path)?, settling: Arc::default() })
    }
}

impl AccountStore for SqliteAccounts {
    async fn insert(&self, record: Record) -> Result<bool, AccountError> {
        self.database.write(move |transaction| rows::insert(transaction, &record)).await
    }

    async fn by_name(&self, name_key: String) -> Result<Option<Record>, AccountError> {
        self.database.read(move |connection| rows::by_name(connection, &name_key)).await
    }

    async fn by_id(&self, id: &str) -> Result<Option<Record>, AccountError> {
        let id = id.to_owned();
        self.database.read(move |connection| rows::by_id(connection, &id)).await
    }

    async fn after(&self, name_key: String, limit: u32) -> Result<Vec<Account>, AccountError> {
        self.database.read(move |connection| rows::after(connection, &name_key, limit)).await
    }

    async fn is_empty(&self) -> Result<bool, AccountError> {
        self.database.read(rows::is_empty).await
    }

    async fn rehash(&self, old: Record, new: Phc) -> Result<bool, AccountError> {
        self.database.write(move |transaction| rows::rehash(transaction, &old, &new)).await
    }

    async fn replace(&self, new: NewHash) -> Result<Option<Change>, AccountError> {
        self.database.write(move |transaction| rows::replace(transaction, new)).await
    }

    async fn changes(&self, account: Option<&str>) -> Result<Vec<Change>, AccountError> {
        let account = account.map(str::to_owned);
        self.database.read(move |connection| rows::changes(connection, account.as_deref())).await
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
        let _turn = self.settling.lock().await;
        let changes = self.changes(Some(account)).await?;
        if changes.is_empty() {
            return Ok(None);
        }
        let settled: Vec<u64> = changes.iter().map(|change| change.seq).collect();
        let outcome = end(changes).await?;
        self.database.write(move |transaction| rows::settle(transaction, &settled)).await?;
        Ok(Some(outcome))
    }
}

impl fmt::Debug for SqliteAccounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("SqliteAccounts").finish_non_exhaustive()
    }
}
