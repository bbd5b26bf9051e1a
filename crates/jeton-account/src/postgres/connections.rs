//! Connections: as many as allowed, each used by one at a time, and none used again after a failure.

use std::time::Duration;

use deadpool_postgres::{
    Client, ClientWrapper, Hook, HookError, Manager, ManagerConfig, Object, Pool, PoolError,
    RecyclingMethod, Runtime, Timeouts,
};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::types::ToSql;
use tokio_postgres::{NoTls, Row};

use crate::AccountError;
use crate::postgres::error::failed;
use crate::postgres::tls::Tls;
use crate::postgres::{OpenPostgresError, PostgresSettings};

/// Values of a statement that go with it, even if nobody waits for the answer any more.
pub(super) type Values = Vec<Box<dyn ToSql + Send + Sync>>;

/// How long PostgreSQL keeps a transaction open in which nothing happens. A claim is given up long
/// before, see [`claim`](super::claim).
pub(super) const IDLE: Duration = Duration::from_secs(30);

/// What to say of a deadline that has passed.
const LATE: &str = "PostgreSQL does not answer in time";

/// The pool, and how long anything may take. Cheap to clone.
#[derive(Clone)]
pub(super) struct Connections {
    pool: Pool,
    deadline: Duration,
}

impl Connections {
    /// A pool that has not connected yet.
    pub(super) fn new(settings: &PostgresSettings) -> Result<Self, OpenPostgresError> {
        let deadline = settings.deadline();
        let config = ManagerConfig { recycling_method: RecyclingMethod::Fast };
        let manager = if settings.is_encrypted() {
            let tls = Tls::new(settings.authorities().map(AsRef::as_ref))?;
            Manager::from_config(settings.config(), tls, config)
        } else {
            Manager::from_config(settings.config(), NoTls, config)
        };
        let limit = Some(deadline);
        let pool = Pool::builder(manager)
            .max_size(settings.connections())
            .runtime(Runtime::Tokio1)
            .timeouts(Timeouts { wait: limit, create: limit, recycle: limit })
            .post_create(Hook::async_fn(move |client, _| Box::pin(welcome(client, deadline))))
            .build()
            .map_err(|error| OpenPostgresError::Failed(error.to_string()))?;
        Ok(Self { pool, deadline })
    }

    /// A connection that works as far as anybody knows.
    pub(super) async fn get(&self) -> Result<Lease, PoolError> {
        self.pool.get().await.map(|client| Lease(Some(client)))
    }

    /// The same for an operation that has begun.
    pub(super) async fn get_until(&self, until: Instant) -> Result<Lease, AccountError> {
        let lease = timeout_at(until, self.get()).await.map_err(|_| late())?;
        lease.map_err(|error| match &error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                failed(error)
            }
            PoolError::Timeout(_) => late(),
            other => AccountError::unavailable(format_args!("PostgreSQL: {other}")),
        })
    }

    /// When an operation that begins now has to be over.
    pub(super) fn deadline(&self) -> Instant {
        Instant::now() + self.deadline
    }

    /// Runs one statement, which is a transaction of its own. Once it is on its way it runs to its end
    /// or to its deadline, even if the caller's future is dropped: a connection in the middle of a
    /// statement is of no use to anybody else.
    pub(super) async fn ask(
        &self,
        sql: &'static str,
        values: Values,
    ) -> Result<Vec<Row>, AccountError> {
        let until = self.deadline();
        let lease = self.get_until(until).await?;
        let asking = tokio::spawn(async move {
            let rows = lease.ask(sql, &values, until).await?;
            lease.give_back();
            Ok(rows)
        });
        asking.await.map_err(|_| AccountError::unavailable("a statement was abandoned"))?
    }
}

/// Tells a new connection what to do without us, and asks what it does with what it acknowledges.
async fn welcome(client: &ClientWrapper, deadline: Duration) -> Result<(), HookError> {
    let (statement, idle) = (deadline.as_millis(), IDLE.as_millis());
    client
        .batch_execute(&format!(
            "SET statement_timeout = {statement};
             SET idle_in_transaction_session_timeout = {idle};
             SET default_transaction_isolation = 'read committed'"
        ))
        .await
        .map_err(HookError::Backend)?;
    let row = client.query_one("SELECT current_setting('synchronous_commit')", &[]).await;
    let durable: String = row.and_then(|row| row.try_get(0)).map_err(HookError::Backend)?;
    if durable == "off" { Err(HookError::message("synchronous_commit is off")) } else { Ok(()) }
}

/// A connection that is given back in order, or dropped: after a failure, a timeout or a future that
/// was dropped nobody knows what it is in the middle of.
pub(super) struct Lease(Option<Client>);

impl Lease {
    /// The connection.
    pub(super) fn client(&self) -> Result<&Client, AccountError> {
        self.0.as_ref().ok_or_else(|| AccountError::unavailable("no connection"))
    }

    /// Runs one statement, prepared.
    pub(super) async fn ask(
        &self,
        sql: &'static str,
        values: &Values,
        until: Instant,
    ) -> Result<Vec<Row>, AccountError> {
        let client = self.client()?;
        let values: Vec<&(dyn ToSql + Sync)> =
            values.iter().map(|value| value.as_ref() as &(dyn ToSql + Sync)).collect();
        let asking = async {
            let statement = client.prepare_cached(sql).await?;
            client.query(&statement, &values).await
        };
        timeout_at(until, asking).await.map_err(|_| late())?.map_err(|error| failed(&error))
    }

    /// Runs a command.
    pub(super) async fn command(&self, sql: &str, until: Instant) -> Result<(), AccountError> {
        let running = self.client()?.batch_execute(sql);
        timeout_at(until, running).await.map_err(|_| late())?.map_err(|error| failed(&error))
    }

    /// For the next one.
    pub(super) fn give_back(mut self) {
        drop(self.0.take());
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        if let Some(client) = self.0.take() {
            // Out of the pool, and closed at once.
            drop(Object::take(client));
        }
    }
}

fn late() -> AccountError {
    AccountError::unavailable(LATE)
}
