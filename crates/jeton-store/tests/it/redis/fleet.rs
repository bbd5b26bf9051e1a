//! Several nodes over one Redis.

use std::sync::Arc;
use std::time::Duration;

use jeton_store::{Acknowledge, Deployment, RedisSettings, RedisStore};
use tempfile::TempDir;

use crate::redis::servers::Redis;

/// R in these tests.
pub(crate) const RETENTION: Duration = Duration::from_secs(690);

/// A server, and a folder for the journals.
pub(crate) struct Fleet {
    pub(crate) redis: Redis,
    pub(crate) folder: TempDir,
}

impl Fleet {
    pub(crate) fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        Self { redis: Redis::start(), folder }
    }

    /// One more node. Each has a folder of its own, by its number.
    pub(crate) async fn node(&self, number: usize) -> Arc<RedisStore> {
        let store = RedisStore::connect(self.settings(number)).await;
        Arc::new(store.expect("the node connects"))
    }

    pub(crate) fn settings(&self, number: usize) -> RedisSettings {
        let folder = self.folder.path().join(number.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        RedisSettings {
            deployment: Deployment::Standalone { server: self.redis.address() },
            login: None,
            tls: None,
            prefix: "jeton".to_owned(),
            deadline: Duration::from_secs(5),
            retention: RETENTION,
            acknowledge: Acknowledge::Memory,
            folder,
            accept_loss: false,
        }
    }
}
