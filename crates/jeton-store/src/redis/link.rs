//! A stand-in until the real link is here.

use std::time::Duration;

use jeton_session::StoreError;
use redis::aio::{ConnectionLike as _, MultiplexedConnection};
use redis::{AsyncConnectionConfig, Client, Cmd, Script, Value};
use tokio::sync::Mutex;
use tokio::time::timeout;

use crate::redis::bucket::Bucket;
use crate::redis::settings::{Deployment, RedisSettings};

/// Why a store was not opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenRedisError {
    /// It does not work.
    #[error("cannot open the store in Redis: {0}")]
    Unusable(String),
}

pub(super) struct Link {
    client: Client,
    config: AsyncConnectionConfig,
    connection: Mutex<Option<MultiplexedConnection>>,
    deadline: Duration,
}

pub(super) struct Blocking {
    connection: MultiplexedConnection,
    deadline: Duration,
}

impl Link {
    pub(super) async fn open(settings: &RedisSettings) -> Result<Self, OpenRedisError> {
        let unusable = |error: redis::RedisError| OpenRedisError::Unusable(error.to_string());
        let Deployment::Standalone { server } = &settings.deployment else {
            return Err(OpenRedisError::Unusable("not yet".to_owned()));
        };
        let client = Client::open(format!("redis://{server}/")).map_err(unusable)?;
        let config = AsyncConnectionConfig::new()
            .set_response_timeout(None)
            .set_connection_timeout(Some(settings.deadline));
        let deadline = settings.deadline;
        let link = Self { client, config, connection: Mutex::new(None), deadline };
        link.connected().await.map_err(|error| OpenRedisError::Unusable(error.to_string()))?;
        Ok(link)
    }

    async fn connected(&self) -> Result<MultiplexedConnection, StoreError> {
        let mut connection = self.connection.lock().await;
        if let Some(connection) = &*connection {
            return Ok(connection.clone());
        }
        let new = self.client.get_multiplexed_async_connection_with_config(&self.config).await;
        Ok(connection.insert(new.map_err(failed)?).clone())
    }

    pub(super) async fn ask(&self, _: Bucket, command: &Cmd) -> Result<Value, StoreError> {
        self.ask_cfg(command).await
    }

    pub(super) async fn ask_cfg(&self, command: &Cmd) -> Result<Value, StoreError> {
        let mut connection = self.connected().await?;
        match timeout(self.deadline, connection.req_packed_command(command)).await {
            Ok(Ok(Value::ServerError(error))) => Err(StoreError::new(format!("{error:?}"))),
            Ok(Ok(value)) => Ok(value),
            Ok(Err(error)) => {
                if error.is_unrecoverable_error() {
                    *self.connection.lock().await = None;
                }
                Err(failed(error))
            }
            Err(_) => {
                *self.connection.lock().await = None;
                Err(StoreError::new("Redis did not answer in time"))
            }
        }
    }

    pub(super) async fn run(
        &self,
        slot: Bucket,
        script: &Script,
        keys: &[Vec<u8>],
        args: &[&[u8]],
    ) -> Result<Value, StoreError> {
        let mut command = redis::cmd("EVALSHA");
        command.arg(script.get_hash()).arg(keys.len()).arg(keys).arg(args);
        match self.ask(slot, &command).await {
            Err(error) if error.to_string().contains("NoScript") => {
                let mut connection = self.connected().await?;
                script.load_async(&mut connection).await.map_err(failed)?;
                self.ask(slot, &command).await
            }
            answer => answer,
        }
    }

    pub(super) fn groups(&self) -> Vec<Vec<Bucket>> {
        vec![Bucket::all().collect()]
    }

    pub(super) async fn blocking(&self, _: Bucket) -> Result<Blocking, StoreError> {
        let new = self.client.get_multiplexed_async_connection_with_config(&self.config).await;
        Ok(Blocking { connection: new.map_err(failed)?, deadline: self.deadline })
    }
}

impl Blocking {
    pub(super) async fn read(
        &mut self,
        command: &Cmd,
        block: Duration,
    ) -> Result<Value, StoreError> {
        let answer = self.connection.req_packed_command(command);
        let answer = timeout(block + self.deadline, answer).await;
        answer.map_err(|_| StoreError::new("Redis did not answer in time"))?.map_err(failed)
    }
}

#[expect(clippy::needless_pass_by_value, reason = "for map_err")]
fn failed(error: redis::RedisError) -> StoreError {
    StoreError::new(format!("{:?} {error}", error.kind()))
}
