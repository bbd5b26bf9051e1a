//! What all of a store's tasks share: the link, what is known of the buckets, and the calls of the
//! scripts.

use std::time::Duration;

use jeton::SubjectKey;
use jeton_session::{Place, StoreError, Subject};
use redis::{Value, cmd};
use tokio::time::Instant;

use crate::redis::answer::{self, Answer, Entry};
use crate::redis::bucket::{BUCKETS, Bucket};
use crate::redis::keys::Keys;
use crate::redis::link::Link;
use crate::redis::log::Log;
use crate::redis::record::Record;
use crate::redis::rounds::Rounds;
use crate::redis::scripts::Scripts;
use crate::redis::settings::RedisSettings;
use crate::redis::state::{BucketState, Known, Lineage};
use crate::redis::stats::Counters;
use crate::redis::sweep::Sweep;
use crate::redis::turns::Turns;
use crate::redis::{place, random};

/// How long the others may take to settle after a failover before nobody waits for them any more.
pub(super) const GIVE_UP: Duration = Duration::from_secs(10);

/// A node that was heard of this long before the failover is waited for.
const ALIVE: Duration = Duration::from_secs(3);

/// Most entries in one page of a stream.
const PAGE: usize = 1_000;

/// One process's view of the store.
pub(super) struct Node {
    /// What the others know it by.
    pub(super) name: String,
    pub(super) link: Link,
    pub(super) keys: Keys,
    pub(super) scripts: Scripts,
    pub(super) log: Log,
    pub(super) rounds: Rounds,
    /// How long one call may take, and how long it waits for a bucket that is settling.
    pub(super) deadline: Duration,
    /// R.
    pub(super) retention: Duration,
    pub(super) buckets: Vec<BucketState>,
    pub(super) turns: Turns,
    pub(super) sweep: Sweep,
    pub(super) counters: Counters,
}

/// What a heartbeat has found.
#[derive(Debug)]
pub(super) struct Beat {
    /// Whose primary this is.
    pub(super) lineage: Lineage,
    /// The bucket's clock: every later entry is behind it.
    pub(super) clock: Place,
    /// The last entry of this lineage, if there is one.
    pub(super) last: Option<Place>,
    /// How many other nodes have yet to settle.
    pub(super) waiting: u64,
    /// Milliseconds since 1970, by the clock of Redis.
    pub(super) now: u64,
}

/// What a script said that asks for a lineage.
pub(super) enum Said {
    /// The rest of its answer.
    Ok(Answer),
    /// The record is another one by now.
    Conflict(Vec<u8>),
}

impl Node {
    /// A node that knows nothing yet.
    pub(super) fn new(link: Link, settings: &RedisSettings) -> Result<Self, StoreError> {
        Ok(Self {
            name: format!("{:016x}", u64::from_be_bytes(random::bytes()?)),
            link,
            keys: Keys::new(&settings.prefix),
            scripts: Scripts::new(),
            log: Log::new(settings.retention),
            rounds: Rounds::new(),
            deadline: settings.deadline,
            retention: settings.retention,
            buckets: std::iter::repeat_with(BucketState::default).take(BUCKETS).collect(),
            turns: Turns::new(),
            sweep: Sweep::default(),
            counters: Counters::default(),
        })
    }

    pub(super) fn bucket(&self, bucket: Bucket) -> Result<&BucketState, StoreError> {
        self.buckets.get(bucket.index()).ok_or_else(|| StoreError::new("no such bucket"))
    }

    /// Beats in one bucket, wherever it is now.
    pub(super) async fn beat(&self, bucket: Bucket) -> Result<Beat, StoreError> {
        let Known { lineage, told, .. } = self.bucket(bucket)?.known();
        let (ms, seq) = place::parts(told);
        let settled = if lineage.is_some() { "1" } else { "0" };
        let arguments = [
            self.name.clone(),
            lineage.as_deref().unwrap_or_default().to_owned(),
            settled.to_owned(),
            ms.to_string(),
            seq.to_string(),
            millis(self.retention).to_string(),
            millis(GIVE_UP).to_string(),
            millis(ALIVE).to_string(),
        ];
        let arguments = arguments.each_ref().map(String::as_bytes);
        let keys = [self.keys.bucket(bucket), self.keys.nodes(bucket), self.keys.stream(bucket)];
        let answer = self.link.run(bucket, &self.scripts.beat, &keys, &arguments).await?;
        let mut answer = Answer::new(answer)?;
        let lineage = answer.text()?.into();
        let (_found, _since) = (answer.number()?, answer.number()?);
        let clock = answer.place()?;
        let last = place::parse(&answer.bytes()?);
        let (waiting, _accepted) = (answer.number()?, answer.number()?);
        Ok(Beat { lineage, clock, last, waiting, now: answer.number()? })
    }

    /// One subject as it is, from a primary that takes updates.
    pub(super) async fn load(&self, subject: SubjectKey) -> Result<Subject, StoreError> {
        let (bucket, until) = (Bucket::of(subject), Instant::now() + self.deadline);
        let keys = [self.keys.record(subject), self.keys.bucket(bucket)];
        loop {
            let lineage = self.bucket(bucket)?.opened(until).await?;
            let script = &self.scripts.load;
            let answer = self.link.run(bucket, script, &keys, &[lineage.as_bytes()]).await?;
            if let Some(Said::Ok(mut answer)) = self.said(bucket, &lineage, answer)? {
                return Ok(Record::decode(subject, &answer.bytes()?)?.subject);
            }
        }
    }

    /// Takes this node off the list of those that are waited for.
    pub(super) async fn leave(&self, bucket: Bucket) -> Result<(), StoreError> {
        let mut farewell = cmd("HDEL");
        farewell.arg(self.keys.nodes(bucket)).arg(&self.name);
        self.link.ask(bucket, &farewell).await.map(drop)
    }

    /// Takes everything of a lineage behind a place into the log, and answers where that ends. `None`
    /// if the primary has another lineage.
    pub(super) async fn read_on(
        &self,
        bucket: Bucket,
        lineage: &Lineage,
        after: Place,
    ) -> Result<Option<Place>, StoreError> {
        let (mut end, keys, page) = (after, [self.keys.stream(bucket)], PAGE.to_string());
        loop {
            let arguments = [lineage.as_bytes(), &*place::id(end).into_bytes(), page.as_bytes()];
            let script = &self.scripts.range;
            let answer = self.link.run(bucket, script, &keys, &arguments).await?;
            let Some(Said::Ok(mut answer)) = self.said(bucket, lineage, answer)? else {
                return Ok(None);
            };
            let entries: Vec<Entry> = answer::entries(answer.next()?)?;
            let is_last = entries.len() < PAGE;
            end = entries.last().map_or(end, |entry| entry.place);
            self.log.add(bucket, entries);
            if is_last {
                return Ok(Some(end));
            }
        }
    }

    /// What a script said; `None` if the primary has another lineage, which is then asked for.
    pub(super) fn said(
        &self,
        bucket: Bucket,
        lineage: &Lineage,
        answer: Value,
    ) -> Result<Option<Said>, StoreError> {
        let mut answer = Answer::new(answer)?;
        match answer.text()?.as_str() {
            "ok" => Ok(Some(Said::Ok(answer))),
            "conflict" => Ok(Some(Said::Conflict(answer.bytes()?))),
            "lineage" => {
                self.bucket(bucket)?.close(lineage);
                self.rounds.hurry();
                Ok(None)
            }
            _ => Err(StoreError::new("a script gave an answer that does not fit")),
        }
    }
}

/// Whole milliseconds.
pub(super) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
