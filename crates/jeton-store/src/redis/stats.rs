//! What the store counts of itself.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jeton_session::StoreError;
use tokio::time::Instant;

/// How a store in Redis has fared since it was connected.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct RedisStats {
    /// Updates, loads, pages and heartbeats that were asked for and have ended.
    pub calls: u64,
    /// Those of them that ended in a [`StoreError`].
    pub errors: u64,
    /// How long they took.
    pub latency: Latency,
    /// Updates that met a newer record than they had read, and ran again on it.
    pub conflicts: u64,
    /// Lineages of buckets that were read anew, the first of each included.
    pub lineages: u64,
    /// Revocations that Redis had lost and this node has brought back.
    pub pushed_back: u64,
    /// Rounds of heartbeats that have proved everything.
    pub rounds: u64,
    /// Rounds of heartbeats that have not.
    pub failed_rounds: u64,
    /// Buckets that take updates at the moment; 64 if all is well.
    pub open_buckets: u64,
    /// Revocations that this process remembers.
    pub log_entries: u64,
    /// Bytes that it needs for them, about.
    pub log_bytes: u64,
}

/// A histogram of durations.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Latency {
    /// How many took at most as long as each of [`BOUNDS`](Self::BOUNDS), and longer than the one
    /// before; at the end, how many took longer than all of them.
    pub counts: [u64; 13],
    /// All of them together.
    pub sum: Duration,
}

impl Latency {
    /// The upper bounds of the counts, but for the last, which has none.
    pub const BOUNDS: [Duration; 12] = [
        Duration::from_micros(250),
        Duration::from_micros(500),
        Duration::from_millis(1),
        Duration::from_micros(2_500),
        Duration::from_millis(5),
        Duration::from_millis(10),
        Duration::from_millis(25),
        Duration::from_millis(50),
        Duration::from_millis(100),
        Duration::from_millis(250),
        Duration::from_secs(1),
        Duration::from_millis(2_500),
    ];
}

/// The counters behind [`RedisStats`].
#[derive(Debug, Default)]
pub(super) struct Counters {
    errors: AtomicU64,
    latency: [AtomicU64; 13],
    /// Microseconds.
    sum: AtomicU64,
    pub(super) conflicts: Counter,
    pub(super) lineages: Counter,
    pub(super) pushed_back: Counter,
    pub(super) rounds: Counter,
    pub(super) failed_rounds: Counter,
}

/// A number that only goes up.
#[derive(Debug, Default)]
pub(super) struct Counter(AtomicU64);

impl Counter {
    pub(super) fn add(&self, more: u64) {
        self.0.fetch_add(more, Ordering::Relaxed);
    }
}

impl Counters {
    /// Counts a call and passes its outcome on.
    pub(super) async fn call<T>(
        &self,
        call: impl Future<Output = Result<T, StoreError>>,
    ) -> Result<T, StoreError> {
        let begun = Instant::now();
        let outcome = call.await;
        let took = begun.elapsed();
        let at = Latency::BOUNDS.partition_point(|bound| *bound < took);
        if let Some(count) = self.latency.get(at) {
            count.fetch_add(1, Ordering::Relaxed);
        }
        let micros = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
        self.sum.fetch_add(micros, Ordering::Relaxed);
        self.errors.fetch_add(u64::from(outcome.is_err()), Ordering::Relaxed);
        outcome
    }

    /// What was counted so far; the rest is not counted but looked up.
    pub(super) fn read(&self) -> RedisStats {
        let get = |counter: &AtomicU64| counter.load(Ordering::Relaxed);
        let counts = self.latency.each_ref().map(get);
        RedisStats {
            calls: counts.iter().sum(),
            errors: get(&self.errors),
            latency: Latency { counts, sum: Duration::from_micros(get(&self.sum)) },
            conflicts: get(&self.conflicts.0),
            lineages: get(&self.lineages.0),
            pushed_back: get(&self.pushed_back.0),
            rounds: get(&self.rounds.0),
            failed_rounds: get(&self.failed_rounds.0),
            ..RedisStats::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_call_is_counted_where_its_duration_belongs() {
        let counters = Counters::default();
        let take = async |micros, outcome: Result<(), StoreError>| {
            let call = async {
                tokio::time::sleep(Duration::from_micros(micros)).await;
                outcome
            };
            let _ = counters.call(call).await;
        };

        take(0, Ok(())).await;
        take(10_000, Err(StoreError::new("gone"))).await;
        take(60_000_000, Ok(())).await;

        let stats = counters.read();
        assert_eq!((stats.calls, stats.errors), (3, 1));
        assert_eq!(stats.latency.counts, [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 1]);
        assert_eq!(stats.latency.sum, Duration::from_millis(60_010));
    }
}
