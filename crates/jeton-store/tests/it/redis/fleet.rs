//! Several nodes over one Redis.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use jeton::{Reason, Revocation, SessionId, SubjectKey, Target, Timestamp};
use jeton_session::{Batch, Cursor, SessionStore as _, Step, Subject};
use jeton_store::{Acknowledge, Deployment, RedisSettings, RedisStore};
use tempfile::TempDir;
use tokio::time::{Instant, sleep};

use crate::redis::servers::Redis;

/// R in these tests.
pub(crate) const RETENTION: Duration = Duration::from_secs(690);

/// How long anything may take on a machine that does much else.
pub(crate) const PATIENCE: Duration = Duration::from_secs(30);

/// A server, and a folder for the journals.
pub(crate) struct Fleet {
    pub(crate) redis: Redis,
    pub(crate) folder: TempDir,
}

impl Fleet {
    pub(crate) fn start() -> Self {
        Self::over(Redis::start())
    }

    pub(crate) fn over(redis: Redis) -> Self {
        Self { redis, folder: tempfile::tempdir().unwrap() }
    }

    /// One more node. Each has a folder of its own, by its number.
    pub(crate) async fn node(&self, number: usize) -> Arc<RedisStore> {
        let store = RedisStore::connect(self.settings(number)).await;
        Arc::new(store.expect("the node connects"))
    }

    /// So many nodes.
    pub(crate) async fn nodes<const N: usize>(&self) -> [Arc<RedisStore>; N] {
        let mut nodes = Vec::new();
        for number in 0..N {
            nodes.push(self.node(number).await);
        }
        nodes.try_into().unwrap()
    }

    pub(crate) fn settings(&self, number: usize) -> RedisSettings {
        let folder = self.folder.path().join(number.to_string());
        std::fs::create_dir_all(&folder).unwrap();
        let server = self.redis.address();
        settings(Deployment::Standalone { server }, &folder)
    }
}

/// How a node reaches Redis.
pub(crate) fn settings(deployment: Deployment, folder: &Path) -> RedisSettings {
    RedisSettings {
        deployment,
        login: None,
        tls: None,
        prefix: "jeton".to_owned(),
        deadline: Duration::from_secs(5),
        retention: RETENTION,
        acknowledge: Acknowledge::Memory,
        folder: folder.to_owned(),
        accept_loss: false,
    }
}

/// Until long after any test.
pub(crate) const FOREVER: Timestamp = Timestamp::from_secs(1 << 40);

/// One of many subjects.
pub(crate) fn subject(n: u64) -> SubjectKey {
    SubjectKey::of(&format!("subject {n}"))
}

/// One of many sessions.
pub(crate) fn session(n: u64) -> Target {
    Target::Session(SessionId::new(subject(n), n.to_be_bytes()), Reason::Revoked)
}

/// Revokes one of them.
pub(crate) async fn revoke(store: &RedisStore, n: u64) -> Result<(), jeton_session::StoreError> {
    let step = move |_: &Subject| Step::keep(()).revoking([session(n)], FOREVER);
    store.update(subject(n), step).await
}

/// Counts a subject up.
pub(crate) fn count(subject: &Subject) -> Step<u64> {
    let version = subject.version + 1;
    Step::change(Subject { version, ..subject.clone() }, version)
}

/// Everything a node has heard so far, batch by batch.
pub(crate) async fn batches(store: &RedisStore, mut cursor: Cursor) -> Vec<Batch> {
    let mut batches = Vec::new();
    loop {
        let batch = store.tail(cursor, Duration::ZERO).await.unwrap();
        let is_last = batch.revocations.is_empty();
        cursor = batch.cursor;
        batches.push(batch);
        if is_last {
            return batches;
        }
    }
}

/// Everything a node has heard so far.
pub(crate) async fn heard(store: &RedisStore) -> Vec<Revocation> {
    let batches = batches(store, Cursor::START).await;
    batches.into_iter().flat_map(|batch| batch.revocations).collect()
}

/// Asks again and again until there is an answer.
pub(crate) async fn eventually<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    let begun = Instant::now();
    loop {
        if let Some(answer) = ask().await {
            return answer;
        }
        assert!(begun.elapsed() < PATIENCE, "not within {PATIENCE:?}: {what}");
        sleep(Duration::from_millis(5)).await;
    }
}
