//! The clock of a feed: `t` only runs forward, `now` is the time of day.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use jeton::Timestamp;
use tokio::time::Instant;

use crate::wire::Complete;

/// What `t` is when a feed begins, so that `t - age_ms` is never below zero.
const HEAD_START: Duration = Duration::from_hours(24);

/// Milliseconds since a day before the feed began; and the time of day.
#[derive(Clone)]
pub(super) struct FeedClock {
    began: Instant,
    wall: Arc<dyn Fn() -> Timestamp + Send + Sync>,
}

impl FeedClock {
    pub(super) fn new(wall: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { began: Instant::now(), wall: Arc::new(wall) }
    }

    /// `t`, rounded down. A moment from before the head start is none.
    pub(super) fn millis(&self, at: Instant) -> Option<u64> {
        let since = match at.checked_duration_since(self.began) {
            Some(since) => HEAD_START.checked_add(since)?,
            None => HEAD_START.checked_sub(self.began.duration_since(at))?,
        };
        u64::try_from(since.as_millis()).ok()
    }

    /// What is said at `now` of knowledge that is complete as of a moment.
    ///
    /// A reader takes the moment when it sent its request for `t`, which is later or as late, and
    /// then only differences of `t - age_ms`. With `t` rounded down and the millisecond more, what
    /// it makes of them is never later than `as_of`.
    pub(super) fn complete(&self, now: Instant, as_of: Instant) -> Option<Complete> {
        let (t, as_of) = (self.millis(now)?, self.millis(as_of)?.checked_sub(1)?);
        Some(Complete { t, age_ms: t.saturating_sub(as_of), now: (self.wall)() })
    }
}

impl fmt::Debug for FeedClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FeedClock").field("began", &self.began).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_rounding_claims_more_than_was_proven() {
        let clock = FeedClock::new(|| Timestamp::from_secs(0));
        let at = |micros| clock.began + Duration::from_micros(micros);
        for (first, next) in [(0, 999), (999, 1_000), (1_999, 2_000), (500, 1_500), (1_001, 1_999)]
        {
            for age in [0, 1, 999, 1_000, 1_001] {
                let now = [at(10_000 + first), at(10_000 + next)];
                let as_of = now.map(|now| now - Duration::from_micros(age));
                let said = [0, 1].map(|i| clock.complete(now[i], as_of[i]).unwrap());

                // As `docs/feed.md` has it, from a request that took no time at all.
                let anchor = now[0] - Duration::from_millis(said[0].age_ms);
                let moved = (said[1].t - said[1].age_ms) - (said[0].t - said[0].age_ms);

                assert!(anchor <= as_of[0], "{first} {next} {age}");
                assert!(anchor + Duration::from_millis(moved) <= as_of[1], "{first} {next} {age}");
            }
        }
    }

    #[test]
    fn an_age_never_comes_before_the_beginning_of_the_clock() {
        let clock = FeedClock::new(|| Timestamp::from_secs(7));
        let hours = |hours| Duration::from_hours(hours);
        let now = clock.began + hours(1);

        let said = clock.complete(now, clock.began).unwrap();

        assert_eq!(
            said,
            Complete { t: 90_000_000, age_ms: 3_600_001, now: Timestamp::from_secs(7) }
        );
        if let Some(long_ago) = clock.began.checked_sub(hours(25)) {
            assert_eq!(clock.complete(now, long_ago), None);
        }
    }
}
