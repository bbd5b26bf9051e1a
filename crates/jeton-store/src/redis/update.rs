//! One subject, one step: read, decide, compare and swap; again if somebody was faster.

use jeton::SubjectKey;
use jeton_session::{Step, StoreError, Subject};
use tokio::time::Instant;

use crate::redis::answer::{self, Entry};
use crate::redis::bucket::Bucket;
use crate::redis::node::{Node, Said, millis};
use crate::redis::record::{self, Record};
use crate::redis::state::Lineage;
use crate::redis::{entry, random};

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
        let (bucket, begun) = (Bucket::of(key), Instant::now());
        let mut found = None;
        while begun.elapsed() < self.deadline {
            let patience = self.deadline.saturating_sub(begun.elapsed());
            let lineage = self.bucket(bucket)?.opened(patience).await?;
            let bytes = match found.take() {
                Some(bytes) => bytes,
                None => self.guess(key).await?,
            };
            let before = Record::decode(key, &bytes)?;
            let Step { answer, subject, revocations } = step(&before.subject);
            let subject = subject.filter(|after| *after != before.subject);
            let change = Change::new(subject.as_ref(), entry::encode(&revocations)?)?;
            let news = (before.tag.as_slice(), revocations);
            match self.swap(key, &lineage, change, news).await? {
                Swap::Done => return Ok(answer),
                Swap::Conflict(bytes) => found = Some(bytes),
                Swap::Lineage => {}
            }
        }
        Err(StoreError::new("an update did not get through in time"))
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
        let answer = self.link.run(bucket, &self.scripts.update, &keys, &arguments).await?;
        match self.said(bucket, lineage, answer)? {
            Some(Said::Ok(mut answer)) => {
                let place = answer.place()?;
                if !revocations.is_empty() {
                    self.log.add(bucket, vec![Entry { place, revocations }]);
                    self.bucket(bucket)?.told(place);
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
