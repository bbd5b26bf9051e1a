//! One subject, one step: read, decide, compare and swap; again if somebody was faster.

use jeton::SubjectKey;
use jeton_session::{Place, Step, StoreError, Subject};
use tokio::time::{Instant, timeout};

use crate::redis::answer::{self, Entry};
use crate::redis::bucket::Bucket;
use crate::redis::lineage::Lineage;
use crate::redis::node::{Node, Said, millis};
use crate::redis::record::{self, Record};
use crate::redis::settings::Acknowledge;
use crate::redis::{entry, place, random};

/// What a step decided, as the script is told.
struct Change {
    act: &'static str,
    record: Vec<u8>,
    expiry: u64,
    entry: Vec<u8>,
}

/// How a compare-and-swap ended.
enum Swap {
    Done,
    Conflict(Vec<u8>),
    Lineage,
}

impl Node {
    /// Runs a step on a subject as it is, and writes what it decided.
    pub(super) async fn update<T, F>(&self, key: SubjectKey, step: &F) -> Result<T, StoreError>
    where
        F: Fn(&Subject) -> Step<T> + Sync,
    {
        let until = Instant::now() + self.deadline;
        loop {
            let lineage = self.bucket(Bucket::of(key))?.opened(until).await?;
            if let Some(answer) = self.update_in(key, step, &lineage, until).await? {
                return Ok(answer);
            }
        }
    }

    /// The same in one lineage, whether it is open or not. `None` if the primary has another.
    pub(super) async fn update_in<T, F>(
        &self,
        key: SubjectKey,
        step: &F,
        lineage: &Lineage,
        until: Instant,
    ) -> Result<Option<T>, StoreError>
    where
        F: Fn(&Subject) -> Step<T> + Sync,
    {
        let _turn = self.turns.take(key, until).await?;
        let mut found = self.guess(key).await?;
        loop {
            let before = Record::decode(key, &found)?;
            let Step { answer, subject, revocations } = step(&before.subject);
            let subject = subject.filter(|after| *after != before.subject);
            let change = Change::new(subject.as_ref(), entry::encode(&revocations)?)?;
            match self.swap(key, lineage, change, (&before.tag, revocations)).await? {
                Swap::Done => return Ok(Some(answer)),
                Swap::Lineage => return Ok(None),
                Swap::Conflict(_) if Instant::now() >= until => {
                    return Err(StoreError::new("other nodes were faster until it was too late"));
                }
                Swap::Conflict(bytes) => found = bytes,
            }
            self.counters.conflicts.add(1);
        }
    }

    /// What the subject's record may be. The script compares it, so it need not be true.
    async fn guess(&self, key: SubjectKey) -> Result<Vec<u8>, StoreError> {
        let mut question = redis::cmd("GET");
        question.arg(self.keys.record(key));
        answer::bytes(self.link.ask(Bucket::of(key), &question).await?)
    }

    async fn swap(
        &self,
        key: SubjectKey,
        lineage: &Lineage,
        change: Change,
        (tag, revocations): (&[u8], Vec<jeton::Revocation>),
    ) -> Result<Swap, StoreError> {
        let bucket = Bucket::of(key);
        let keys = [
            self.keys.record(key),
            self.keys.stream(bucket),
            self.keys.index(bucket),
            self.keys.bucket(bucket),
        ];
        let (expiry, retention) = (change.expiry.to_string(), millis(self.retention).to_string());
        let arguments = [
            lineage.as_bytes(),
            tag,
            change.act.as_bytes(),
            &change.record,
            expiry.as_bytes(),
            key.as_bytes(),
            retention.as_bytes(),
            &change.entry,
        ];
        // Nothing had to be done: perhaps for an update that nobody has acknowledged.
        let is_kept = change.act == "keep" && change.entry.is_empty();
        let (script, replicas) = (&self.scripts.update, u32::from(self.needs_replica()));
        let answer = match replicas {
            0 => self.link.run(bucket, script, &keys, &arguments).await?,
            _ => self.link.run_and_wait(bucket, script, &keys, &arguments, replicas).await?,
        };
        match self.said(bucket, lineage, answer)? {
            Some(Said::Ok(mut answer)) => {
                let place = answer.place()?;
                let state = self.bucket(bucket)?;
                let made = revocations.clone();
                let put = || self.log.add(bucket, vec![Entry { place, revocations: made }]);
                if !state.enter(lineage, place, put) {
                    return Err(passed());
                }
                if let Some(journal) = self.journal.as_ref().filter(|_| !revocations.is_empty()) {
                    let append = journal.append(bucket, place, revocations);
                    timeout(self.deadline, append).await.map_err(|_| unwritten())??;
                    self.log.written(bucket, place);
                }
                if is_kept {
                    answer.number()?;
                    let last = place::parse(&answer.bytes()?);
                    self.keep_safe(key, lineage, last).await?;
                }
                Ok(Swap::Done)
            }
            Some(Said::Conflict(bytes)) => Ok(Swap::Conflict(bytes)),
            None => Ok(Swap::Lineage),
        }
    }
}

impl Change {
    fn new(subject: Option<&Subject>, entry: Vec<u8>) -> Result<Self, StoreError> {
        let nothing = Self { act: "keep", record: Vec::new(), expiry: 0, entry };
        match subject {
            None => Ok(nothing),
            Some(subject) if subject.is_blank() => Ok(Self { act: "delete", ..nothing }),
            Some(subject) => {
                let record = record::encode(random::bytes()?, subject)?;
                Ok(Self { act: "set", record, expiry: record::last_expiry(subject), ..nothing })
            }
        }
    }
}

impl Node {
    /// Who asks again for what was done, and not acknowledged, hears that it is done. Then it has to
    /// be as safe as if it were acknowledged now: whoever did it may not have written it down.
    async fn keep_safe(
        &self,
        subject: SubjectKey,
        lineage: &Lineage,
        last: Option<Place>,
    ) -> Result<(), StoreError> {
        let Some(journal) = &self.journal else { return Ok(()) };
        let bucket = Bucket::of(subject);
        if !self.read_up_to(bucket, lineage, last).await? {
            return Err(passed());
        }
        for (place, revocation) in self.log.unwritten(subject) {
            let append = journal.append(bucket, place, vec![revocation]);
            timeout(self.deadline, append).await.map_err(|_| unwritten())??;
            self.log.written(bucket, place);
        }
        Ok(())
    }

    /// Whether an update counts only when a replica has it.
    fn needs_replica(&self) -> bool {
        self.acknowledge == Acknowledge::Replica
    }
}

/// What is in Redis alone may be lost there.
fn unwritten() -> StoreError {
    StoreError::new("the journal was not written in time")
}

/// Whoever settles in the next lineage has not heard of this, so it may be lost.
fn passed() -> StoreError {
    StoreError::new("Redis has failed over before its answer came")
}
