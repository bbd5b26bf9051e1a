//! The time of day that a verifier goes by: its own and the server's guard each other.
//!
//! Either clock may be wrong. Tokens expire by the later of the two, so a clock that is set back
//! revives nothing; entries are dropped by the earlier, so one that leaps ahead forgets nothing.

mod steady;

use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant};

use jeton::Timestamp;

pub(crate) use self::steady::SteadyClock;

/// The server may be ahead by so much before its time counts, in milliseconds.
const TOLERANCE: i64 = 30_000;

/// Nothing was told yet.
const UNTOLD: i64 = i64::MIN;

/// How far the clock may run ahead of the time that has passed.
const LEAP: Duration = Duration::from_mins(1);

/// Two times of day, one's own and what a server told. Shared by all threads.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, Instant};
/// use jeton::Timestamp;
/// use jeton_feed::clock::TwoClocks;
///
/// let clocks = TwoClocks::new(Instant::now());
/// let (told_at, now) = (Instant::now(), Timestamp::from_secs(1_800_000_000));
/// clocks.told(now, told_at);
///
/// let (later, set_back) = (told_at + Duration::from_secs(40), Timestamp::from_secs(1_000));
/// assert_eq!(clocks.later(set_back, later), now.after(Duration::from_secs(10)));
/// assert_eq!(clocks.earlier(set_back, later), Some(set_back));
/// ```
#[derive(Debug)]
pub struct TwoClocks {
    origin: Instant,
    /// What the server's time of day was at the origin, in milliseconds.
    told: AtomicI64,
}

impl TwoClocks {
    /// Clocks of which the server's is not known yet. Moments before `origin` are taken for it.
    #[must_use]
    pub const fn new(origin: Instant) -> Self {
        Self { origin, told: AtomicI64::new(UNTOLD) }
    }

    /// Takes the server's time of day, told at this moment, in place of what was told before.
    pub fn told(&self, now: Timestamp, at: Instant) {
        let now = i64::try_from(now.as_secs()).unwrap_or(i64::MAX).saturating_mul(1_000);
        let told = now.saturating_sub(self.since_origin(at)).max(UNTOLD + 1);
        self.told.store(told, Ordering::Relaxed);
    }

    /// By which tokens expire: the later of one's own time and the server's.
    #[must_use]
    pub fn later(&self, own: Timestamp, at: Instant) -> Timestamp {
        self.guarded(at).map_or(own, |server| own.max(server))
    }

    /// By which entries are dropped: the earlier of the two; `None` until the server's is known.
    #[must_use]
    pub fn earlier(&self, own: Timestamp, at: Instant) -> Option<Timestamp> {
        self.guarded(at).map(|server| own.min(server))
    }

    /// How far the two are apart.
    #[must_use]
    pub fn apart(&self, own: Timestamp, at: Instant) -> Duration {
        let server = self.server(at).map_or(own, timestamp);
        own.since(server).max(server.since(own))
    }

    fn guarded(&self, at: Instant) -> Option<Timestamp> {
        self.server(at).map(|server| timestamp(server.saturating_sub(TOLERANCE)))
    }

    fn server(&self, at: Instant) -> Option<i64> {
        let told = self.told.load(Ordering::Relaxed);
        (told != UNTOLD).then(|| told.saturating_add(self.since_origin(at)))
    }

    fn since_origin(&self, at: Instant) -> i64 {
        let since = at.saturating_duration_since(self.origin);
        i64::try_from(since.as_millis()).unwrap_or(i64::MAX)
    }
}

fn timestamp(millis: i64) -> Timestamp {
    Timestamp::from_secs(u64::try_from(millis).unwrap_or(0) / 1_000)
}

/// Notices when the time by which entries are dropped leaps ahead.
///
/// Even both clocks can be wrong at once. So nothing is dropped for as long as a revocation is
/// remembered after a leap; by then they are right, or what they say is true.
#[derive(Debug)]
pub(crate) struct LeapWatch {
    last: Option<(Timestamp, Instant)>,
    distrusted_until: Option<Instant>,
}

impl LeapWatch {
    pub(crate) const fn new() -> Self {
        Self { last: None, distrusted_until: None }
    }

    /// Whether what is over at this time may be dropped.
    pub(crate) fn may_drop(&mut self, wall: Timestamp, at: Instant, retention: Duration) -> bool {
        if let Some((last_wall, last_at)) = self.last.replace((wall, at)) {
            let passed = at.saturating_duration_since(last_at);
            if wall.since(last_wall) > passed.saturating_add(LEAP) {
                self.distrusted_until = at.checked_add(retention);
            }
        }
        self.distrusted_until.is_none_or(|until| at >= until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    #[test]
    fn clocks_part_either_way() {
        let origin = Instant::now();
        let clocks = TwoClocks::new(origin);
        assert_eq!(clocks.apart(NOW, origin), Duration::ZERO, "untold");
        assert_eq!(clocks.earlier(NOW, origin), None, "untold");

        clocks.told(NOW, origin);
        let at = origin + Duration::from_secs(10);
        assert_eq!(clocks.apart(NOW, at), Duration::from_secs(10));
        assert_eq!(clocks.apart(NOW.after(Duration::from_secs(17)), at), Duration::from_secs(7));
    }

    #[test]
    fn no_time_is_too_far() {
        let origin = Instant::now();
        let clocks = TwoClocks::new(origin);
        for secs in [0, 1, u64::MAX] {
            clocks.told(Timestamp::from_secs(secs), origin + Duration::from_secs(100));
            assert_eq!(clocks.earlier(Timestamp::from_secs(0), origin).unwrap().as_secs(), 0);
            assert!(clocks.later(NOW, origin) >= NOW);
        }
    }

    #[test]
    fn nothing_is_dropped_for_a_while_after_a_leap() {
        let start = Instant::now();
        let (hour, retention) = (Duration::from_hours(1), Duration::from_secs(690));
        let mut watch = LeapWatch::new();

        assert!(watch.may_drop(NOW, start, retention));
        assert!(watch.may_drop(NOW.after(hour), start + hour, retention), "an hour has passed");
        assert!(!watch.may_drop(NOW.after(2 * hour), start + hour, retention), "a leap");
        let almost = start + hour + Duration::from_secs(689);
        assert!(!watch.may_drop(NOW, almost, retention), "and back");
        assert!(watch.may_drop(NOW, start + hour + retention, retention));
    }
}
