//! Heartbeats through all buckets, one round after another.
//!
//! A round proves that everything acknowledged before it began is in the log. Whoever asks for proof
//! needs a round that begins after the question; all who ask meanwhile share the next one.

use std::sync::Arc;
use std::time::Duration;

use jeton_session::{Cursor, Place, StoreError};
use tokio::sync::watch;
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep, timeout};

use crate::redis::bucket::Bucket;
use crate::redis::node::{GIVE_UP, Node};
use crate::redis::state::Lineage;

/// How long after a round the next begins if nobody asks for it.
const PAUSE: Duration = Duration::from_secs(1);

/// The same after a round that has proved nothing.
const HURRY: Duration = Duration::from_millis(100);

/// How often a bucket may turn out to be of another lineage within one round.
const TURNS: usize = 4;

/// Who asks for rounds, and what the last one has proved.
#[derive(Debug)]
pub(super) struct Rounds {
    /// How many have asked so far.
    asked: watch::Sender<u64>,
    /// How many had asked when the last round began, and its outcome.
    done: watch::Sender<(u64, Result<Cursor, StoreError>)>,
}

impl Rounds {
    pub(super) fn new() -> Self {
        let none = Err(StoreError::new("nothing is proved yet"));
        Self { asked: watch::Sender::new(0), done: watch::Sender::new((0, none)) }
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

    /// What a round has proved that began after this call.
    pub(super) async fn next(&self, patience: Duration) -> Result<Cursor, StoreError> {
        let mut done = self.done.subscribe();
        let ticket = self.hurry();
        let round = timeout(patience, done.wait_for(|(served, _)| *served >= ticket)).await;
        let late = || StoreError::new("no heartbeat got through in time");
        round.map_err(|_| late())?.map_err(|_| late())?.1.clone()
    }
}

/// Makes rounds until one proves everything, for others may have yet to settle as well.
///
/// # Errors
///
/// The last round's, if none has when nobody would wait for the others any more.
pub(super) async fn first(node: &Arc<Node>) -> Result<(), StoreError> {
    let until = Instant::now() + GIVE_UP + 2 * node.deadline;
    loop {
        match round(node).await {
            Ok(_) => return Ok(()),
            Err(error) if Instant::now() >= until => return Err(error),
            Err(_) => sleep(HURRY).await,
        }
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
    failure.map_or_else(|| Ok(node.log.mark(complete)), Err)
}

impl Node {
    /// Answers a place of the bucket before which everything is in the log, and behind which every
    /// later entry will be.
    pub(super) async fn prove(&self, bucket: Bucket) -> Result<Place, StoreError> {
        let state = self.bucket(bucket)?;
        for _ in 0..TURNS {
            let known = state.known();
            let beat = self.beat(bucket).await?;
            state.told(beat.clock);
            self.log.trim(beat.now);
            if known.lineage.as_ref() != Some(&beat.lineage) {
                self.settle(bucket, &beat.lineage).await?;
                continue;
            }
            if beat.waiting > 0 && !state.is_open_in(&beat.lineage) {
                return Err(StoreError::new("others have yet to settle after a failover of Redis"));
            }
            if let Some(last) = beat.last
                && last > known.read
                && last > state.known().read
            {
                let Some(end) = self.read_on(bucket, &beat.lineage, known.read).await? else {
                    continue;
                };
                state.advance(&beat.lineage, known.read, end.max(last));
            }
            state.open(&beat.lineage);
            return Ok(beat.clock);
        }
        Err(StoreError::new("Redis changes its lineage all the time"))
    }

    /// Reads a bucket anew in a lineage of which nothing is known yet.
    async fn settle(&self, bucket: Bucket, lineage: &Lineage) -> Result<(), StoreError> {
        let state = self.bucket(bucket)?;
        let _turn = state.settling.lock().await;
        if state.known().lineage.as_ref() == Some(lineage) {
            return Ok(());
        }
        state.forget();
        if let Some(end) = self.read_on(bucket, lineage, Place::default()).await? {
            state.settled(lineage, end);
            self.counters.lineages.add(1);
        }
        Ok(())
    }
}
