//! The store: what the port asks, answered by the node.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{fmt, mem};

use jeton::SubjectKey;
use jeton_session::{Batch, Cursor, Page, SessionStore, Step, StoreError, Subject, SubjectPage};
use tokio::task::{JoinSet, spawn_blocking};

use crate::redis::bucket::Bucket;
use crate::redis::journal::{Journal, Kept};
use crate::redis::link::Link;
use crate::redis::node::Node;
use crate::redis::open::OpenRedisError;
use crate::redis::settings::{Acknowledge, RedisSettings};
use crate::redis::settle::Settler;
use crate::redis::state::BucketState;
use crate::redis::stats::RedisStats;
use crate::redis::{cfg, check, random, reader, rounds, settle};

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
        let (settler, orders) = Settler::new();
        let node = Arc::new(Node::new(link, &settings, settler, open_journal(&settings).await?));
        let mut tasks = JoinSet::new();
        tasks.spawn(settle::run(Arc::clone(&node), orders));
        tasks.spawn(rounds::run(Arc::clone(&node)));
        for buckets in node.link.groups() {
            tasks.spawn(reader::run(Arc::clone(&node), buckets));
        }
        node.first_proof().await?;
        node.log.arrange();
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

    /// Goes on with the data that Redis has, although it is older than what the nodes have seen: the
    /// buckets open that were closed for that. Whoever was logged out after it was saved might be
    /// logged in again, so every session ends, unless the sessions are kept. The nodes have to be
    /// started again, for the feed gets another name. Answers how many sessions have ended.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if not all of it was done. It may be done again.
    pub async fn accept(&self, keep_sessions: bool) -> Result<usize, StoreError> {
        self.node.accept(keep_sessions).await
    }

    /// Whether Redis has older data than the nodes have seen, so that some of it is closed until it is
    /// [accepted](Self::accept) or the right data is back.
    #[must_use]
    pub fn is_rolled_back(&self) -> bool {
        self.node.buckets.iter().any(BucketState::is_rolled_back)
    }

    /// Resolves when the disk of the journal has failed for good. The process should then end: a new
    /// one reads what is really on the disk.
    pub async fn failed(&self) -> StoreError {
        match &self.node.journal {
            Some(journal) => journal.failed().await,
            None => std::future::pending().await,
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

/// The journal of the node's folder and what was in it, where one is kept.
async fn open_journal(settings: &RedisSettings) -> Result<(Option<Journal>, Kept), OpenRedisError> {
    if settings.acknowledge == Acknowledge::Memory {
        let name = format!("{:016x}", u64::from_be_bytes(random::bytes()?));
        return Ok((None, Kept { name, ..Kept::default() }));
    }
    let folder = settings.folder.clone();
    let opened = spawn_blocking(move || Journal::open(&folder)).await;
    let opened = opened.map_err(|_| StoreError::new("opening the journal was abandoned"))?;
    opened.map(|(journal, kept)| (Some(journal), kept)).map_err(OpenRedisError::Journal)
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
        self.node.counters.call(self.node.prove_soon(Bucket::of(subject))).await?;
        Ok(self.node.log.end())
    }

    fn feed(&self) -> Option<u64> {
        Some(self.feed)
    }
}
