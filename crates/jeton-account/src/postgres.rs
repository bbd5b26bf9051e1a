//! Accounts in PostgreSQL, for several services together.

mod claim;
mod connections;
mod error;
mod rows;
mod schema;
mod settings;
mod tls;

pub use error::OpenPostgresError;
pub use settings::PostgresSettings;

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use tokio::sync::Semaphore;
use tokio::time::timeout;
use tokio_postgres::Row;

use crate::postgres::connections::{Connections, Values};
use crate::{Account, AccountError, AccountStore, Change, NewHash, Phc, Record};

/// Accounts in a PostgreSQL database, of as many processes as like. Cheap to clone.
///
/// An operation is one statement within a deadline. A connection on which anything has failed is
/// dropped, and a new one made when it is needed; so a PostgreSQL that comes back is used at once.
#[derive(Clone)]
pub struct PostgresAccounts {
    connections: Connections,
    claims: Arc<Semaphore>,
}

impl PostgresAccounts {
    /// Connects, and makes the tables if they are not there.
    ///
    /// # Errors
    ///
    /// [`OpenPostgresError`] says what is wrong with the server, the database or the user.
    pub async fn connect(settings: &PostgresSettings) -> Result<Self, OpenPostgresError> {
        let connections = Connections::new(settings)?;
        let late = |_| OpenPostgresError::unreachable(settings, "it does not answer in time");
        let prepared = timeout(2 * settings.deadline(), async {
            let lease = connections.get().await;
            let lease = lease.map_err(|error| OpenPostgresError::of_pool(&error, settings))?;
            let client = lease.client();
            let client = client.map_err(|error| OpenPostgresError::Failed(error.to_string()))?;
            schema::prepare(client, settings).await?;
            lease.give_back();
            Ok(())
        });
        prepared.await.map_err(late)??;
        Ok(Self { connections, claims: Arc::new(Semaphore::new(claim::CLAIMS)) })
    }

    async fn record(&self, sql: &'static str, key: String) -> Result<Option<Record>, AccountError> {
        if !is_text(&key) {
            return Ok(None);
        }
        let rows = self.connections.ask(sql, vec![Box::new(key)]).await?;
        rows.first().map(rows::record).transpose()
    }

    /// Whether a statement has answered a row: it has done something.
    async fn has_done(&self, sql: &'static str, values: Values) -> Result<bool, AccountError> {
        Ok(!self.connections.ask(sql, values).await?.is_empty())
    }
}

impl AccountStore for PostgresAccounts {
    async fn insert(&self, record: Record) -> Result<bool, AccountError> {
        self.has_done(rows::INSERT, rows::inserted(&record)?).await
    }

    async fn by_name(&self, name_key: String) -> Result<Option<Record>, AccountError> {
        self.record(rows::BY_NAME, name_key).await
    }

    async fn by_id(&self, id: &str) -> Result<Option<Record>, AccountError> {
        self.record(rows::BY_ID, id.to_owned()).await
    }

    async fn after(&self, mut name_key: String, limit: u32) -> Result<Vec<Account>, AccountError> {
        // No name has a NUL, so behind what comes before it is behind all of it.
        name_key.truncate(name_key.find('\0').unwrap_or(name_key.len()));
        let values: Values = vec![Box::new(name_key), Box::new(i64::from(limit))];
        let found = self.connections.ask(rows::AFTER, values).await?;
        found.iter().map(|row| rows::record(row).map(|record| record.account)).collect()
    }

    async fn is_empty(&self) -> Result<bool, AccountError> {
        let rows = self.connections.ask(rows::IS_EMPTY, Vec::new()).await?;
        rows.first().map_or(Ok(true), |row: &Row| rows::get(row, 0))
    }

    async fn rehash(&self, old: Record, new: Phc) -> Result<bool, AccountError> {
        let values: Values = vec![
            Box::new(old.account.id),
            Box::new(old.phc.expose().to_owned()),
            Box::new(new.expose().to_owned()),
        ];
        self.has_done(rows::REHASH, values).await
    }

    async fn replace(&self, new: NewHash) -> Result<Option<Change>, AccountError> {
        let rows = self.connections.ask(rows::REPLACE, rows::replaced(&new)?).await?;
        let seq = rows.first().map(|row| rows::get(row, 0).and_then(rows::natural)).transpose()?;
        Ok(seq.map(|seq| Change { seq, account: new.account, keep: new.keep }))
    }

    async fn changes(&self, account: Option<&str>) -> Result<Vec<Change>, AccountError> {
        let found = match account {
            Some(account) if !is_text(account) => return Ok(Vec::new()),
            Some(account) => {
                self.connections.ask(rows::CHANGES_OF, vec![Box::new(account.to_owned())]).await?
            }
            None => self.connections.ask(rows::ALL_CHANGES, Vec::new()).await?,
        };
        found.iter().map(rows::change).collect()
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
        if !is_text(account) {
            return Ok(None);
        }
        claim::settle(&self.connections, &self.claims, account, end).await
    }
}

impl fmt::Debug for PostgresAccounts {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PostgresAccounts").finish_non_exhaustive()
    }
}

/// Whether PostgreSQL can hold it as text at all: what it cannot hold, nobody is called.
fn is_text(text: &str) -> bool {
    !text.contains('\0')
}

/// An error with everything that it was caused by.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
