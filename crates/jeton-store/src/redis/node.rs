//! What all of a store's tasks share: the link, what is known of the buckets, and the calls of the
//! scripts.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jeton::{Revocation, SubjectKey};
use jeton_session::{Place, StoreError, Subject};
use redis::{Value, cmd};
use tokio::time::Instant;

use crate::redis::answer::{self, Answer, Entry};
use crate::redis::bucket::Bucket;
use crate::redis::journal::{Journal, Kept};
use crate::redis::keys::Keys;
use crate::redis::lineage::{Heard, Lineage, Told};
use crate::redis::link::Link;
use crate::redis::log::Log;
use crate::redis::place;
use crate::redis::record::Record;
use crate::redis::rounds::Rounds;
use crate::redis::scripts::Scripts;
use crate::redis::settings::{Acknowledge, RedisSettings};
use crate::redis::settle::Settler;
use crate::redis::state::BucketState;
use crate::redis::stats::Counters;
use crate::redis::sweep::Sweep;
use crate::redis::turns::Turns;

/// How long before a failover a node was heard of that is waited for.
const ALIVE: Duration = Duration::from_secs(3);

/// How long after a failover nobody brings anything back: every living node has come by then, even
/// one that had come to the fleet too late for the new primary to know.
const HOLD: Duration = Duration::from_secs(2);

/// How long a node that was alive may take to come.
const GIVE_UP: Duration = Duration::from_secs(10);

/// How long a node that has come may take to settle.
const PATIENCE: Duration = Duration::from_mins(1);

/// What may lie between what is remembered and what is written down of it, at most.
const SLACK: Duration = Duration::from_mins(1);

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
    pub(super) settler: Settler,
    pub(super) journal: Option<Journal>,
    pub(super) acknowledge: Acknowledge,
    /// Milliseconds since 1970, by the clock of Redis, at the last heartbeat.
    time: AtomicU64,
}

/// What a heartbeat has found.
#[derive(Debug)]
pub(super) struct Beat {
    pub(super) told: Told,
    pub(super) heard: Heard,
    /// The last entry of this lineage, if there is one.
    pub(super) last: Option<Place>,
}

/// What a script said that asks for a lineage.
pub(super) enum Said {
    /// The rest of its answer.
    Ok(Answer),
    /// The record is another one by now.
    Conflict(Vec<u8>),
}

impl Node {
    /// A node that knows what it has written down.
    pub(super) fn new(
        link: Link,
        settings: &RedisSettings,
        settler: Settler,
        (journal, kept): (Option<Journal>, Kept),
    ) -> Self {
        let known: HashMap<_, _> = kept.known.into_iter().collect();
        let state = |bucket| BucketState::new(known.get(&bucket).cloned());
        let log = Log::new(settings.retention);
        for made in kept.entries {
            log.add(
                made.bucket,
                vec![Entry { place: made.place, revocations: vec![made.revocation] }],
            );
        }
        Self {
            name: kept.name,
            journal,
            acknowledge: settings.acknowledge,
            link,
            keys: Keys::new(&settings.prefix),
            scripts: Scripts::new(),
            log,
            rounds: Rounds::new(),
            deadline: settings.deadline,
            retention: settings.retention,
            buckets: Bucket::all().map(state).collect(),
            turns: Turns::new(),
            sweep: Sweep::default(),
            counters: Counters::default(),
            settler,
            time: AtomicU64::new(0),
        }
    }

    pub(super) fn bucket(&self, bucket: Bucket) -> Result<&BucketState, StoreError> {
        self.buckets.get(bucket.index()).ok_or_else(|| StoreError::new("no such bucket"))
    }

    /// Beats in one bucket, wherever it is now.
    pub(super) async fn beat(&self, bucket: Bucket) -> Result<Beat, StoreError> {
        let told = self.bucket(bucket)?.tell();
        let Told { settled, floor, known, .. } = &told;
        let (ms, seq) = place::parts(*floor);
        let name = |lineage: Option<&Lineage>| lineage.map_or("", Lineage::as_str).to_owned();
        let arguments = [
            self.name.clone(),
            name(settled.as_ref()),
            ms.to_string(),
            seq.to_string(),
            name(known.as_ref().map(|known| &known.lineage)),
            known.as_ref().map_or(0, |known| known.clock).to_string(),
            millis(self.retention).to_string(),
            millis(ALIVE).to_string(),
            millis(HOLD).to_string(),
            millis(GIVE_UP).to_string(),
            millis(PATIENCE).to_string(),
        ];
        let arguments = arguments.each_ref().map(String::as_bytes);
        let keys = [self.keys.bucket(bucket), self.keys.nodes(bucket), self.keys.stream(bucket)];
        let answer = self.link.run(bucket, &self.scripts.beat, &keys, &arguments).await?;
        let mut answer = Answer::new(answer)?;
        let lineage = Lineage::new(&answer.text()?);
        let (found, known, accepted) = (answer.number()?, answer.number()?, answer.number()?);
        let clock = answer.place()?;
        let last = place::parse(&answer.bytes()?);
        let (missing, waiting) = (answer.number()?, answer.number()?);
        self.time.store(answer.number()?, Ordering::Relaxed);
        let heard = Heard { lineage, found, known, accepted, clock, missing, waiting };
        Ok(Beat { told, heard, last })
    }

    /// Milliseconds since 1970, by the clock of Redis, at the last heartbeat.
    pub(super) fn time(&self) -> u64 {
        self.time.load(Ordering::Relaxed)
    }

    /// How far Redis may go back before more is lost than all nodes remember, in milliseconds.
    pub(super) fn memory(&self) -> u64 {
        memory(self.retention)
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
        each: &mut (dyn FnMut(&Revocation) + Send),
    ) -> Result<Option<Place>, StoreError> {
        let keys = [self.keys.stream(bucket), self.keys.bucket(bucket)];
        let (mut end, page) = (after, PAGE.to_string());
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
            entries.iter().flat_map(|entry| &entry.revocations).for_each(&mut *each);
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
                self.bucket(bucket)?.leave(lineage);
                self.rounds.hurry();
                Ok(None)
            }
            _ => Err(StoreError::new("a script gave an answer that does not fit")),
        }
    }
}

/// How far Redis may go back before more is lost than nodes remember, in milliseconds.
pub(super) fn memory(retention: Duration) -> u64 {
    millis(retention.saturating_sub(SLACK.min(retention / 4)))
}

/// Whole milliseconds.
pub(super) fn millis(span: Duration) -> u64 {
    u64::try_from(span.as_millis()).unwrap_or(u64::MAX)
}
