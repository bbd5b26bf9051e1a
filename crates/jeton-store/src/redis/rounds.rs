//! Heartbeats through all buckets, one round after another.
//!
//! A round proves that everything acknowledged before it began is in the log. Whoever asks for proof
//! needs a round that begins after the question; all who ask meanwhile share the next one.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jeton_session::{Cursor, Place, StoreError};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};

use crate::redis::bucket::Bucket;
use crate::redis::lineage::{Lineage, Order};
use crate::redis::node::{Beat, Node};
use crate::redis::place;
use crate::redis::state::BucketState;

/// How long after a round the next begins if nobody asks for it.
const PAUSE: Duration = Duration::from_secs(1);

/// The same after a round that has proved nothing.
const HURRY: Duration = Duration::from_millis(100);

/// How often it is written down up to where the buckets are known, and what is older forgotten.
const WRITE_DOWN: Duration = Duration::from_secs(10);

/// How long a start may take: the others may have to be waited for.
const FIRST: Duration = Duration::from_secs(20);

/// Who asks for rounds, and what the last one has proved.
#[derive(Debug)]
pub(super) struct Rounds {
    /// How many have asked so far.
    asked: watch::Sender<u64>,
    /// How many had asked when the last round began, and its outcome.
    done: watch::Sender<(u64, Result<Cursor, StoreError>)>,
    /// When what is known was last written down.
    written: Mutex<Option<Instant>>,
}

impl Rounds {
    pub(super) fn new() -> Self {
        let none = Err(StoreError::new("nothing is proved yet"));
        Self {
            asked: watch::Sender::new(0),
            done: watch::Sender::new((0, none)),
            written: Mutex::default(),
        }
    }

    /// Asks for a round without waiting for it.
    pub(super) fn hurry(&self) -> u64 {
        let mut ticket = 0;
        self.asked.send_modify(|asked| {
            *asked += 1;
            ticket = *asked;
        });
        ticket
    }

    /// Whether it is time to write down what is known.
    fn is_due(&self) -> bool {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        let is_due = written.is_none_or(|at| at.elapsed() >= WRITE_DOWN);
        if is_due {
            *written = Some(Instant::now());
        }
        is_due
    }

    /// What a round has proved that began after this call.
    pub(super) async fn next(&self, patience: Duration) -> Result<Cursor, StoreError> {
        let mut done = self.done.subscribe();
        let ticket = self.hurry();
        let round = timeout(patience, done.wait_for(|(served, _)| *served >= ticket)).await;
        let late = || StoreError::new("no heartbeat got through in time");
        round.map_err(|_| late())?.map_err(|_| late())?.1.clone()
    }
}

/// Makes rounds for ever.
pub(super) async fn run(node: Arc<Node>) {
    let mut asked = node.rounds.asked.subscribe();
    loop {
        let served = *asked.borrow_and_update();
        let outcome = round(&node).await;
        let counters = &node.counters;
        let counter = if outcome.is_ok() { &counters.rounds } else { &counters.failed_rounds };
        counter.add(1);
        // Also while some buckets fail: the others go on, and nothing may pile up.
        if node.rounds.is_due() {
            node.write_down().await;
        }
        let pause = if outcome.is_ok() { PAUSE } else { HURRY };
        node.rounds.done.send_modify(|done| *done = (served, outcome));
        // Asked for or not, the next one begins.
        let _ = timeout(pause, asked.changed()).await;
    }
}

/// Proves every bucket, and claims what follows from all of them.
async fn round(node: &Arc<Node>) -> Result<Cursor, StoreError> {
    let mut proofs = JoinSet::new();
    for bucket in Bucket::all() {
        let node = Arc::clone(node);
        proofs.spawn(async move { node.prove(bucket).await });
    }
    let mut complete = Place::at(u64::MAX);
    let mut failure = None;
    while let Some(proof) = proofs.join_next().await {
        match proof {
            Ok(Ok(clock)) => complete = complete.min(clock),
            Ok(Err(error)) => failure = Some(error),
            Err(_) => failure = Some(StoreError::new("a heartbeat was abandoned")),
        }
    }
    if let Some(failure) = failure {
        return Err(failure);
    }
    // Not by the time alone: while Redis is away, nothing is forgotten that it may have lost.
    node.log.trim(place::millis(complete));
    Ok(node.log.mark(complete))
}

impl Node {
    /// Answers a place of the bucket before which everything is in the log, and behind which every
    /// later entry will be.
    pub(super) async fn prove(&self, bucket: Bucket) -> Result<Place, StoreError> {
        let state = self.bucket(bucket)?;
        let Beat { told, heard, last } = self.beat(bucket).await?;
        if let Order::Settle(attempt) = state.hear(&told, &heard, self.memory())
            && !self.settler.begin(bucket, attempt)
        {
            state.leave(&heard.lineage);
        }
        let is_read = self.read_up_to(bucket, &heard.lineage, last).await?;
        let is_proved = is_read && state.prove(&told, &heard);
        if is_proved { Ok(heard.clock) } else { Err(state.why_closed()) }
    }

    /// Whether everything in a lineage up to its last entry is in the log; what is not is read.
    pub(super) async fn read_up_to(
        &self,
        bucket: Bucket,
        lineage: &Lineage,
        last: Option<Place>,
    ) -> Result<bool, StoreError> {
        let state = self.bucket(bucket)?;
        let Some(read) = state.read_in(lineage) else { return Ok(false) };
        if let Some(last) = last
            && last > read
        {
            let end = self.read_on(bucket, lineage, read, &mut |_| {}).await?;
            let Some(end) = end else { return Ok(false) };
            state.advance(lineage.primary(), read, end.max(last));
        }
        Ok(true)
    }

    /// Writes down up to where the buckets are known, and forgets of each what is older than R.
    async fn write_down(&self) {
        let known = Bucket::all().zip(&self.buckets);
        let known: Vec<_> =
            known.filter_map(|(bucket, state)| Some((bucket, state.known()?))).collect();
        let clocks = known.iter().map(|(bucket, known)| (*bucket, known.clock)).collect();
        self.log.trim_each(&clocks);
        let Some(journal) = &self.journal else { return };
        // A disk that hangs must not hold up the heartbeats.
        let knowing = timeout(self.deadline, journal.know(known, self.retention)).await;
        let late = |_| Err(StoreError::new("it does not answer in time"));
        if let Err(error) = knowing.unwrap_or_else(late) {
            // What is older than it could be is still true.
            tracing::warn!(%error, "the journal cannot be brought up to date");
        }
    }

    /// Waits at the start until every bucket is open, or until only an operator can help.
    pub(super) async fn first_proof(&self) -> Result<(), StoreError> {
        let until = Instant::now() + FIRST;
        loop {
            let Err(error) = self.rounds.next(FIRST).await else { return Ok(()) };
            if self.buckets.iter().any(BucketState::is_rolled_back) {
                return Ok(());
            }
            if Instant::now() >= until {
                return Err(error);
            }
        }
    }

    /// The same, for as long as it may take a bucket to open.
    pub(super) async fn prove_soon(&self, bucket: Bucket) -> Result<Place, StoreError> {
        let until = Instant::now() + self.deadline;
        loop {
            self.bucket(bucket)?.opened(until).await?;
            match self.prove(bucket).await {
                Err(_) if !self.bucket(bucket)?.is_open() && Instant::now() < until => {}
                proof => return proof,
            }
        }
    }
}
