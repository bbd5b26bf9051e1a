//! The operator goes on with data that is older than it should be.
//!
//! What was revoked after it was saved may be remembered by nobody. So every session ends that is in
//! it, unless the operator knows better: whose session was ended before must not be alive again.

use jeton::{Reason, SubjectKey, Timestamp};
use jeton_session::rules::{self, Which};
use jeton_session::{SessionPolicy, StoreError, Terms};
use redis::cmd;
use tokio::time::Instant;

use crate::redis::bucket::Bucket;
use crate::redis::lineage::Lineage;
use crate::redis::node::{Node, Said};
use crate::redis::random;

/// Subjects of one page.
const PAGE: usize = 500;

impl Node {
    /// Ends all sessions, unless they are kept; then lets every bucket open, and gives the feed another
    /// name. Answers how many sessions have ended.
    pub(super) async fn accept(&self, keep_sessions: bool) -> Result<usize, StoreError> {
        let lineages: Result<Vec<_>, _> = Bucket::all().map(|one| self.lineage(one)).collect();
        // What was ended in one lineage need not have ended in the next.
        let lineages = lineages?;
        let mut ended = 0;
        for (bucket, lineage) in Bucket::all().zip(&lineages).filter(|_| !keep_sessions) {
            ended += self.end_all(bucket, lineage).await?;
        }
        for (bucket, lineage) in Bucket::all().zip(&lineages) {
            let keys = [self.keys.bucket(bucket)];
            let script = &self.scripts.accept;
            let answer = self.link.run(bucket, script, &keys, &[lineage.as_bytes()]).await?;
            let Some(Said::Ok(_)) = self.said(bucket, lineage, answer)? else {
                return Err(failed_over());
            };
        }
        let (key, name) = (self.keys.settings(), u64::from_be_bytes(random::bytes()?));
        let mut rename = cmd("HSET");
        rename.arg(&key).arg("feed").arg(format!("{name:016x}"));
        self.link.ask_key(&key, &rename).await?;
        self.rounds.hurry();
        Ok(ended)
    }

    async fn end_all(&self, bucket: Bucket, lineage: &Lineage) -> Result<usize, StoreError> {
        let (mut after, mut ended) = (None, 0);
        loop {
            let subjects = self.members(bucket, after, PAGE).await?;
            for subject in &subjects {
                ended += self.end_sessions(*subject, lineage).await?;
            }
            if subjects.len() < PAGE {
                return Ok(ended);
            }
            after = subjects.last().copied();
        }
    }

    async fn end_sessions(
        &self,
        subject: SubjectKey,
        lineage: &Lineage,
    ) -> Result<usize, StoreError> {
        let policy = SessionPolicy {
            retention: self.retention,
            ..Terms::new(String::new(), String::new()).session_policy()
        };
        let now = Timestamp::from_secs(self.time() / 1_000);
        let step = |subject: &_| rules::end(subject, Which::All, Reason::Revoked, &policy, now);
        let until = Instant::now() + self.deadline;
        self.update_in(subject, &step, lineage, until).await?.ok_or_else(failed_over)
    }

    /// What this bucket is in, open or not.
    fn lineage(&self, bucket: Bucket) -> Result<Lineage, StoreError> {
        let unknown = || StoreError::new("Redis does not answer for all of its data");
        self.bucket(bucket)?.lineage().ok_or_else(unknown)
    }
}

fn failed_over() -> StoreError {
    StoreError::new("Redis has failed over meanwhile; do it again")
}
