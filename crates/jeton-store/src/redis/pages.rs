//! Subjects in the order of their keys, bucket by bucket.

use jeton::SubjectKey;
use jeton_session::{Page, StoreError, Subject};
use redis::cmd;
use tokio::time::Instant;

use crate::redis::answer::{self, Answer};
use crate::redis::bucket::Bucket;
use crate::redis::node::Node;
use crate::redis::record::Record;

/// Most records in one answer.
const PAGE: usize = 500;

impl Node {
    /// The subjects of one page.
    pub(super) async fn subjects(&self, page: Page) -> Result<Vec<Subject>, StoreError> {
        let first = page.after.map(Bucket::of);
        let mut subjects = Vec::new();
        for bucket in Bucket::all().filter(|bucket| Some(*bucket) >= first) {
            self.bucket(bucket)?.opened(Instant::now() + self.deadline).await?;
            let mut after = page.after.filter(|_| Some(bucket) == first);
            while subjects.len() < page.limit {
                let wanted = PAGE.min(page.limit - subjects.len());
                let members = self.members(bucket, after, wanted).await?;
                after = members.last().copied();
                let is_last = members.len() < wanted;
                subjects.extend(self.records(bucket, &members).await?);
                if is_last {
                    break;
                }
            }
        }
        Ok(subjects)
    }

    /// Some subjects of a bucket's index behind this one.
    pub(super) async fn members(
        &self,
        bucket: Bucket,
        after: Option<SubjectKey>,
        limit: usize,
    ) -> Result<Vec<SubjectKey>, StoreError> {
        let from = after
            .map_or_else(|| b"-".to_vec(), |after| [b"(".as_slice(), after.as_bytes()].concat());
        let mut question = cmd("ZRANGE");
        question.arg(self.keys.index(bucket)).arg(from).arg("+").arg("BYLEX");
        question.arg("LIMIT").arg(0).arg(limit);
        let found = Answer::new(self.link.ask(bucket, &question).await?)?;
        found.rest().map(|member| key(&answer::bytes(member)?)).collect()
    }

    async fn records(
        &self,
        bucket: Bucket,
        members: &[SubjectKey],
    ) -> Result<Vec<Subject>, StoreError> {
        if members.is_empty() {
            return Ok(Vec::new());
        }
        let mut question = cmd("MGET");
        for member in members {
            question.arg(self.keys.record(*member));
        }
        let found = Answer::new(self.link.ask(bucket, &question).await?)?;
        let records = found.rest().zip(members);
        let subjects = records.map(|(record, member)| {
            Record::decode(*member, &answer::bytes(record)?).map(|record| record.subject)
        });
        // A record that has expired is still in the index until the next sweep.
        let known = subjects.filter(|one| !one.as_ref().is_ok_and(Subject::is_blank));
        known.collect()
    }
}

fn key(member: &[u8]) -> Result<SubjectKey, StoreError> {
    let bytes = member.try_into();
    bytes.map(SubjectKey::from_bytes).map_err(|_| StoreError::new("an index in Redis is damaged"))
}
