//! A primary and its replica, the network between them, and the one to the nodes: what a failover
//! needs that loses what was acknowledged. And nodes on it that issue tokens.

use std::sync::Arc;
use std::time::Duration;

use jeton::{Algorithm, Revocation, SessionId, Target, Timestamp};
use jeton_session::{Cursor, Keyring, Login, SessionStore as _, Sessions, Terms, TokenPair};
use jeton_store::{
    Acknowledge, Deployment, OpenRedisError, OpenStoreError, RedisSettings, RedisStore,
};
use tempfile::TempDir;

use crate::redis::proxy::{Fault, Proxy};
use crate::redis::servers::{Redis, until};

/// How long one call may take in these tests.
pub(crate) const DEADLINE: Duration = Duration::from_secs(1);

/// R in these tests.
pub(crate) const RETENTION: Duration = Duration::from_secs(690);

pub(crate) struct Pair {
    pub(crate) primary: Redis,
    pub(crate) replica: Redis,
    /// Between primary and replica.
    pub(crate) between: Proxy,
    /// Between the nodes and whoever is primary.
    pub(crate) front: Proxy,
    pub(crate) keyring: Keyring,
    folder: TempDir,
}

/// A node that issues tokens.
pub(crate) type Node = Arc<Sessions<RedisStore>>;

impl Pair {
    pub(crate) fn start(options: &[&str]) -> Self {
        let primary = Redis::with(&[&["--repl-diskless-sync-delay", "0"], options].concat());
        let between = Proxy::to(primary.port);
        let port = between.port.to_string();
        let replica = Redis::with(&["--replicaof", "127.0.0.1", &port]);
        let front = Proxy::to(primary.port);
        let now = time(&primary);
        let keyring = Keyring::generate(Algorithm::Hs256, now).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let pair = Self { primary, replica, between, front, keyring, folder };
        until("the replica follows", || {
            pair.replica.cli(&["info", "replication"]).contains("master_link_status:up")
        });
        pair
    }

    /// What the node of this number connects with. Each has a folder of its own.
    pub(crate) fn settings(&self, number: usize, acknowledge: Acknowledge) -> RedisSettings {
        RedisSettings {
            deployment: Deployment::Standalone { server: self.front.address() },
            login: None,
            tls: None,
            prefix: "jeton".to_owned(),
            deadline: DEADLINE,
            retention: RETENTION,
            acknowledge,
            folder: self.folder.path().join(number.to_string()),
            accept_loss: true,
        }
    }

    pub(crate) async fn node(&self, number: usize, acknowledge: Acknowledge) -> Node {
        self.node_with(self.settings(number, acknowledge)).await
    }

    pub(crate) async fn node_with(&self, settings: RedisSettings) -> Node {
        let begun = tokio::time::Instant::now();
        let store = loop {
            match RedisStore::connect(settings.clone()).await {
                // The tasks of a store that was dropped let go of its journal a moment later.
                Err(OpenRedisError::Journal(OpenStoreError::Locked(_)))
                    if begun.elapsed() < Duration::from_secs(10) =>
                {
                    tokio::time::sleep(Duration::from_millis(10)).await;
                }
                opened => break opened.unwrap(),
            }
        };
        let terms = Terms::new("https://login.example", "https://api.example");
        Arc::new(Sessions::start(store, terms, self.keyring.clone()).await.unwrap())
    }

    /// A node that finds the store closed, which is no reason not to start.
    pub(crate) async fn node_rolled_back(&self, number: usize) -> Node {
        let node = self.node(number, Acknowledge::Journal).await;
        assert!(node.store().is_rolled_back());
        node
    }

    pub(crate) fn now(&self) -> Timestamp {
        time(&self.primary)
    }

    /// Waits until the replica has everything of before, and lets it have nothing more.
    pub(crate) fn cut(&self) {
        let acknowledged = offset(&self.primary, "master_repl_offset:");
        until("the replica has everything", || {
            offset(&self.replica, "slave_repl_offset:") >= acknowledged
        });
        self.between.set(Fault::Cut);
    }

    /// The primary dies, the replica is primary, and the nodes find it.
    pub(crate) fn fail_over(&mut self) {
        self.primary.kill();
        self.promote();
    }

    pub(crate) fn promote(&self) {
        assert_eq!(self.replica.cli(&["replicaof", "no", "one"]), "OK");
        self.front.lead_to(self.replica.port);
    }
}

/// How far a server has come, by a line of its `INFO`.
fn offset(redis: &Redis, name: &str) -> u64 {
    let info = redis.cli(&["info", "replication"]);
    let found = info.lines().find_map(|line| line.strip_prefix(name));
    found.unwrap().trim().parse().unwrap()
}

/// The time of Redis.
pub(crate) fn time(redis: &Redis) -> Timestamp {
    let time = redis.cli(&["time"]);
    Timestamp::from_secs(time.lines().next().unwrap().parse().unwrap())
}

/// So many subjects, each logged in once.
pub(crate) async fn logged_in(
    node: &Node,
    name: &str,
    count: usize,
    now: Timestamp,
) -> Vec<TokenPair> {
    let mut pairs = Vec::new();
    for number in 0..count {
        pairs.push(node.open(Login::of(format!("{name}-{number}")), now).await.unwrap());
    }
    pairs
}

/// Everything that a node tells, up to what it claims to be complete.
pub(crate) async fn told(node: &Node) -> Vec<Revocation> {
    let (mut cursor, mut told) = (Cursor::START, Vec::new());
    loop {
        let batch = node.store().tail(cursor, Duration::ZERO).await.unwrap();
        if batch.cursor == cursor {
            return told;
        }
        cursor = batch.cursor;
        told.extend(batch.revocations);
    }
}

/// Whether these sessions are all among them.
pub(crate) fn all_told(told: &[Revocation], sessions: &[SessionId]) -> bool {
    sessions.iter().all(|session| {
        told.iter().any(|one| matches!(&one.target, Target::Session(id, _) if id == session))
    })
}

/// Asks again until the node answers.
pub(crate) async fn beats(node: &Node) {
    let begun = tokio::time::Instant::now();
    while let Err(error) = node.store().beat().await {
        assert!(begun.elapsed() < Duration::from_secs(40), "{error}");
    }
}
