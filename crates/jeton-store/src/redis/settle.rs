//! Settling in a lineage: everything that this node remembers is compared with what the stream says,
//! and what was lost is done again.

use std::sync::Arc;

use jeton::{Revocation, Timestamp};
use jeton_session::{Place, StoreError, rules};
use tokio::sync::mpsc;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;

use crate::redis::bucket::{BUCKETS, Bucket};
use crate::redis::lineage::{Attempt, Lineage};
use crate::redis::lost::{Covered, Lost, lost};
use crate::redis::node::Node;

/// Subjects that are brought back, at least, before looking what others have brought back meanwhile.
const BATCH: usize = 64;

/// Updates on their way at a time, of one bucket.
const WIDTH: usize = 8;

/// Attempts that wait to begin.
const QUEUE: usize = 4 * BUCKETS;

/// What settles buckets when a heartbeat has found them in a new lineage.
#[derive(Debug)]
pub(super) struct Settler(mpsc::Sender<(Bucket, Attempt)>);

/// The other end of it.
pub(super) type Orders = mpsc::Receiver<(Bucket, Attempt)>;

impl Settler {
    pub(super) fn new() -> (Self, Orders) {
        let (settler, orders) = mpsc::channel(QUEUE);
        (Self(settler), orders)
    }

    /// Begins an attempt. `false` if there are too many: a later heartbeat will ask again.
    pub(super) fn begin(&self, bucket: Bucket, attempt: Attempt) -> bool {
        self.0.try_send((bucket, attempt)).is_ok()
    }
}

/// Settles whatever it is told to, all at the same time, for ever.
pub(super) async fn run(node: Arc<Node>, mut orders: Orders) {
    let mut attempts = JoinSet::new();
    while let Some((bucket, attempt)) = orders.recv().await {
        while attempts.try_join_next().is_some() {}
        let running = Running { node: Arc::clone(&node), bucket, attempt, has_failed: true };
        attempts.spawn(running.finish());
    }
}

/// An attempt under way. However it ends, the next heartbeat goes on.
struct Running {
    node: Arc<Node>,
    bucket: Bucket,
    attempt: Attempt,
    has_failed: bool,
}

impl Running {
    async fn finish(mut self) {
        match self.node.settle(self.bucket, &self.attempt).await {
            Ok(()) => self.has_failed = false,
            Err(error) => {
                tracing::warn!(%error, bucket = ?self.bucket, "settling has to begin again");
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Ok(state) = self.node.bucket(self.bucket)
            && self.has_failed
        {
            state.leave(&self.attempt.lineage);
        }
        self.node.rounds.hurry();
    }
}

impl Node {
    async fn settle(self: &Arc<Self>, bucket: Bucket, attempt: &Attempt) -> Result<(), StoreError> {
        let (state, lineage) = (self.bucket(bucket)?, &attempt.lineage);
        let mut covered = Covered::default();
        let start = Place::default();
        let Some(mut read) = self.read_covered(bucket, lineage, start, &mut covered).await? else {
            return Ok(());
        };
        state.begin(attempt, read);
        self.counters.lineages.add(1);
        while state.all_here(attempt).await {
            // Also what this node was told of while it waited, and what came too late to be compared.
            match self.read_covered(bucket, lineage, read, &mut covered).await? {
                Some(end) => read = end,
                None => return Ok(()),
            }
            let mut missing = lost(bucket.first_subject(), &self.log.of(bucket), &covered);
            if missing.is_empty() {
                state.settled(attempt);
                return Ok(());
            }
            // Each node begins elsewhere, so that together they bring back most of it once.
            let turn = u64::from_str_radix(&self.name, 16).unwrap_or_default();
            let turn = usize::try_from(turn % missing.len() as u64).unwrap_or_default();
            missing.rotate_left(turn);
            // Looking goes through all that is remembered, so the more there is, the rarer.
            missing.truncate(BATCH.max(missing.len() / 4));
            self.restore(lineage, missing).await?;
        }
        Ok(())
    }

    /// Does some of it again.
    async fn restore(
        self: &Arc<Self>,
        lineage: &Lineage,
        missing: Vec<Lost>,
    ) -> Result<(), StoreError> {
        let mut running = JoinSet::new();
        for lost in missing {
            if running.len() >= WIDTH {
                ended(running.join_next().await)?;
            }
            let (node, lineage) = (Arc::clone(self), lineage.clone());
            running.spawn(async move { node.restore_one(&lineage, &lost).await });
        }
        while !running.is_empty() {
            ended(running.join_next().await)?;
        }
        Ok(())
    }

    async fn restore_one(&self, lineage: &Lineage, lost: &Lost) -> Result<(), StoreError> {
        let until = Timestamp::from_secs(self.time() / 1_000).after(self.retention);
        let step = |subject: &_| rules::reassert(subject, &lost.revocations, until);
        let deadline = Instant::now() + self.deadline;
        let done = self.update_in(lost.subject, &step, lineage, deadline).await?;
        if done.is_some() {
            self.counters.pushed_back.add(u64::try_from(lost.revocations.len()).unwrap_or(0));
        }
        Ok(())
    }

    /// Reads on into the log, and into what is covered.
    async fn read_covered(
        &self,
        bucket: Bucket,
        lineage: &Lineage,
        after: Place,
        covered: &mut Covered,
    ) -> Result<Option<Place>, StoreError> {
        let mut add = |revocation: &Revocation| covered.add(revocation);
        self.read_on(bucket, lineage, after, &mut add).await
    }
}

/// How one of several has ended.
fn ended(one: Option<Result<Result<(), StoreError>, JoinError>>) -> Result<(), StoreError> {
    match one {
        None => Ok(()),
        Some(Ok(outcome)) => outcome,
        Some(Err(_)) => Err(StoreError::new("bringing back was abandoned")),
    }
}
