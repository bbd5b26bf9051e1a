//! The store: what the port asks, answered by the node.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, mem};

use jeton::SubjectKey;
use jeton_session::{Batch, Cursor, Page, SessionStore, Step, StoreError, Subject, SubjectPage};
use tokio::task::JoinSet;

use crate::redis::bucket::Bucket;
use crate::redis::link::Link;
use crate::redis::node::Node;
use crate::redis::open::OpenRedisError;
use crate::redis::settings::RedisSettings;
use crate::redis::stats::RedisStats;
use crate::redis::{cfg, check, reader, rounds};

/// Keeps the sessions of a fleet in Redis. Every node of the fleet has one of its own.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use jeton_store::{Acknowledge, Deployment, RedisSettings, RedisStore};
///
/// # async fn connect() -> Result<(), jeton_store::OpenRedisError> {
/// let store = RedisStore::connect(RedisSettings {
///     deployment: Deployment::Standalone { server: "redis.internal:6379".to_owned() },
///     login: None,
///     tls: None,
///     prefix: "jeton".to_owned(),
///     deadline: Duration::from_secs(1),
///     retention: Duration::from_secs(690),
///     acknowledge: Acknowledge::Journal,
///     folder: "/var/lib/jeton".into(),
///     accept_loss: false,
/// })
/// .await?;
/// for warning in store.warnings() {
///     eprintln!("{warning}");
/// }
/// # Ok(())
/// # }
/// ```
pub struct RedisStore {
    node: Arc<Node>,
    /// Rounds and readers. They end when the store is dropped.
    tasks: Mutex<JoinSet<()>>,
    feed: u64,
    warnings: Vec<String>,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("RedisStore")
            .field("node", &self.node.name)
            .field("feed", &self.feed)
            .finish_non_exhaustive()
    }
}

impl RedisStore {
    /// Connects, checks that Redis keeps what it acknowledges, and reads what was revoked within the
    /// retention. Returns once every bucket takes updates.
    ///
    /// # Errors
    ///
    /// [`OpenRedisError`]: what is wrong, and what to do.
    pub async fn connect(settings: RedisSettings) -> Result<Self, OpenRedisError> {
        let link = Link::open(&settings).await?;
        let mut warnings = check::check(&link, &settings).await?;
        let cfg = cfg::agree(&link, &settings).await?;
        warnings.extend(cfg::note(&cfg, &settings));
        let settings = RedisSettings { retention: cfg.retention, ..settings };
        let node = Arc::new(Node::new(link, &settings)?);
        rounds::first(&node).await?;
        let mut tasks = JoinSet::new();
        tasks.spawn(rounds::run(Arc::clone(&node)));
        for buckets in node.link.groups() {
            tasks.spawn(reader::run(Arc::clone(&node), buckets));
        }
        Ok(Self { node, tasks: Mutex::new(tasks), feed: cfg.feed, warnings })
    }

    /// What the start-up checks found that is no reason to refuse: one sentence each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// R, as all nodes of the fleet have it.
    #[must_use]
    pub fn retention(&self) -> Duration {
        self.node.retention
    }

    /// Changes R for all nodes of the fleet, which read it when they start. Shorter than some
    /// node's tokens need, and that node does not start again.
    ///
    /// # Errors
    ///
    /// [`OpenRedisError`] if Redis cannot be reached or refuses.
    pub async fn set_retention(settings: &RedisSettings) -> Result<(), OpenRedisError> {
        cfg::set_retention(&Link::open(settings).await?, settings).await
    }

    /// Forgets what has expired, as far as Redis has not done so by itself: one step that holds up
    /// nobody. Answers whether there may be more.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it is not known what was forgotten.
    pub async fn sweep(&self) -> Result<bool, StoreError> {
        self.node.sweep().await
    }

    /// How it has fared.
    #[must_use]
    pub fn stats(&self) -> RedisStats {
        let (entries, bytes) = self.node.log.size();
        let open = self.node.buckets.iter().filter(|bucket| bucket.is_open()).count();
        RedisStats {
            open_buckets: count(open),
            log_entries: count(entries),
            log_bytes: count(bytes),
            ..self.node.counters.read()
        }
    }

    /// Takes this node off the list of those that others wait for after a failover of Redis. To be
    /// called last: afterwards nothing is read and no heartbeat gets through.
    pub async fn close(&self) {
        let mut tasks = mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        tasks.shutdown().await;
        let mut farewells = JoinSet::new();
        for bucket in Bucket::all() {
            let node = Arc::clone(&self.node);
            farewells.spawn(async move { node.leave(bucket).await });
        }
        // Whoever is not told waits for a few seconds once, at the next failover.
        farewells.join_all().await;
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

impl SessionStore for RedisStore {
    async fn update<T, F>(&self, subject: SubjectKey, step: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Subject) -> Step<T> + Send + Sync + 'static,
    {
        self.node.counters.call(self.node.update(subject, &step)).await
    }

    async fn load(&self, subject: SubjectKey) -> Result<Subject, StoreError> {
        self.node.counters.call(self.node.load(subject)).await
    }

    async fn subjects(&self, page: Page) -> Result<SubjectPage, StoreError> {
        let subjects = self.node.counters.call(self.node.subjects(page)).await?;
        Ok(SubjectPage::new(subjects, page.limit))
    }

    async fn tail(&self, after: Cursor, patience: Duration) -> Result<Batch, StoreError> {
        Ok(self.node.log.tail(after, patience).await)
    }

    async fn beat(&self) -> Result<Cursor, StoreError> {
        // The one that is on its way, and the next.
        let patience = self.node.deadline.saturating_mul(2);
        self.node.counters.call(self.node.rounds.next(patience)).await
    }

    async fn beat_of(&self, subject: SubjectKey) -> Result<Cursor, StoreError> {
        self.node.counters.call(self.node.prove(Bucket::of(subject))).await?;
        Ok(self.node.log.end())
    }

    fn feed(&self) -> Option<u64> {
        Some(self.feed)
    }
}
