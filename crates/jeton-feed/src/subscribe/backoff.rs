//! How long to wait between two attempts.

use std::hash::{BuildHasher, RandomState};
use std::time::Duration;

const FIRST: Duration = Duration::from_millis(100);
const MOST: Duration = Duration::from_secs(5);

/// Full jitter: any time up to a bound that doubles. So a thousand verifiers that lost the same
/// server do not come back in one moment.
#[derive(Clone, Copy, Debug)]
pub(super) struct Backoff {
    bound: Duration,
}

impl Backoff {
    pub(super) const fn new() -> Self {
        Self { bound: FIRST }
    }

    /// How long to wait this time, by a random number.
    pub(super) fn next(&mut self, random: u64) -> Duration {
        let wait = part(self.bound, random);
        self.bound = (self.bound * 2).min(MOST);
        wait
    }

    /// An attempt was of use: the next wait is short again.
    pub(super) const fn reset(&mut self) {
        self.bound = FIRST;
    }
}

/// Any part of a span of time.
pub(super) fn part(span: Duration, random: u64) -> Duration {
    let nanos = u64::try_from(span.as_nanos()).unwrap_or(u64::MAX);
    Duration::from_nanos(random % nanos.saturating_add(1).max(1))
}

/// A random number: not one that nobody could guess, but another one in each process.
pub(super) fn random() -> u64 {
    RandomState::new().hash_one(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_to_five_seconds_and_no_further() {
        let mut backoff = Backoff::new();
        let bounds = [100, 200, 400, 800, 1_600, 3_200, 5_000, 5_000];
        for bound in bounds.map(Duration::from_millis) {
            let longest = u64::try_from(bound.as_nanos()).unwrap();
            assert_eq!(Backoff { ..backoff }.next(longest), bound);
            assert_eq!(backoff.next(longest + 1), Duration::ZERO);
        }
        backoff.reset();
        assert_eq!(backoff.next(100_000_000), Duration::from_millis(100));
    }

    #[test]
    fn no_two_waits_are_alike() {
        let waits: std::collections::HashSet<_> =
            (0..100).map(|_| part(Duration::from_secs(5), random())).collect();

        assert!(waits.len() > 90);
    }
}
