//! The store: what the port asks, answered by the node.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jeton::SubjectKey;
use jeton_session::{Batch, Cursor, Page, SessionStore, Step, StoreError, Subject, SubjectPage};
use tokio::task::JoinSet;
use tokio::time::Instant;

use crate::redis::bucket::{BUCKETS, Bucket};
use crate::redis::keys::Keys;
use crate::redis::link::Link;
use crate::redis::log::Log;
use crate::redis::node::Node;
use crate::redis::open::OpenRedisError;
use crate::redis::record::Record;
use crate::redis::rounds::{self, Rounds};
use crate::redis::scripts::Scripts;
use crate::redis::settings::RedisSettings;
use crate::redis::state::BucketState;
use crate::redis::{cfg, check, random, reader};

/// Keeps the sessions of a fleet in Redis.
pub struct RedisStore {
    node: Arc<Node>,
    /// Ended when the store is dropped.
    _tasks: JoinSet<()>,
    feed: u64,
    warnings: Vec<String>,
}

impl fmt::Debug for RedisStore {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RedisStore").field("feed", &self.feed).finish_non_exhaustive()
    }
}

impl RedisStore {
    /// Connects, and reads what was revoked within the retention.
    ///
    /// # Errors
    ///
    /// [`OpenRedisError`]
    pub async fn connect(settings: RedisSettings) -> Result<Self, OpenRedisError> {
        let link = Link::open(&settings).await?;
        let mut warnings = check::check(&link, &settings).await?;
        let cfg = cfg::agree(&link, &settings).await?;
        warnings.extend(cfg::note(&cfg, &settings));
        let settings = RedisSettings { retention: cfg.retention, ..settings };
        let name = random::bytes::<8>()?;
        let node = Arc::new(Node {
            name: format!("{:016x}", u64::from_be_bytes(name)),
            link,
            keys: Keys::new(&settings.prefix),
            scripts: Scripts::new(),
            log: Log::new(settings.retention),
            rounds: Rounds::new(),
            deadline: settings.deadline,
            retention: settings.retention,
            buckets: std::iter::repeat_with(BucketState::default).take(BUCKETS).collect(),
        });
        rounds::round(&node).await?;
        let mut tasks = JoinSet::new();
        tasks.spawn(rounds::run(Arc::clone(&node)));
        for buckets in node.link.groups() {
            tasks.spawn(reader::run(Arc::clone(&node), buckets));
        }
        Ok(Self { node, _tasks: tasks, feed: cfg.feed, warnings })
    }

    /// What the start-up checks found that is no reason to refuse: one sentence each.
    #[must_use]
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

impl SessionStore for RedisStore {
    async fn update<T, F>(&self, subject: SubjectKey, step: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Subject) -> Step<T> + Send + Sync + 'static,
    {
        self.node.update(subject, &step).await
    }

    async fn load(&self, subject: SubjectKey) -> Result<Subject, StoreError> {
        let state = self.node.bucket(Bucket::of(subject))?;
        let begun = Instant::now();
        loop {
            let patience = self.node.deadline.saturating_sub(begun.elapsed());
            let lineage = state.opened(patience).await?;
            if let Some(bytes) = self.node.read(subject, &lineage).await? {
                return Ok(Record::decode(subject, &bytes)?.subject);
            }
        }
    }

    async fn subjects(&self, page: Page) -> Result<SubjectPage, StoreError> {
        let subjects = self.node.subjects(page).await?;
        Ok(SubjectPage::new(subjects, page.limit))
    }

    async fn tail(&self, after: Cursor, patience: Duration) -> Result<Batch, StoreError> {
        Ok(self.node.log.tail(after, patience).await)
    }

    async fn beat(&self) -> Result<Cursor, StoreError> {
        self.node.rounds.next(self.node.deadline.saturating_mul(2)).await
    }

    async fn beat_of(&self, subject: SubjectKey) -> Result<Cursor, StoreError> {
        self.node.prove(Bucket::of(subject)).await?;
        Ok(self.node.log.end())
    }

    fn feed(&self) -> Option<u64> {
        Some(self.feed)
    }
}
