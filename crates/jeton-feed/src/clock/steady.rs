//! A clock that only runs forward, and goes on while the machine sleeps.
//!
//! What Rust calls an `Instant` stands still while a machine is suspended, and so would the age of a
//! list: after an hour of sleep it would be as young as before. The time of day does not stand still,
//! so what that gains is taken for time that has passed. It may have been set ahead instead; then the
//! list is taken for older than it is, which no harm comes from.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use jeton::Timestamp;

/// The time of day comes in whole seconds: so much of it is not seen, in milliseconds.
const SECOND: i64 = 1_000;

/// What the time of day gains before that means anything, in milliseconds: whoever reads two clocks
/// may be held up in between.
const HELD_UP: i64 = 250;

/// The longest sleep that is told from a longer one, in milliseconds: ten years.
const LONGEST: i64 = 10 * 366 * 24 * 60 * 60 * 1_000;

/// A clock to tell ages by. Shared by all threads; what it tells never goes back.
#[derive(Debug)]
pub(crate) struct SteadyClock {
    origin: Instant,
    /// How far the time of day is ahead of the time since the origin, in milliseconds, and never less
    /// than that.
    ahead: AtomicI64,
    /// For how long the machine has slept, in milliseconds.
    slept: AtomicU64,
    /// Held while the two change.
    turn: Mutex<()>,
}

impl SteadyClock {
    /// A clock whose machine has not slept yet.
    pub(crate) fn new(wall: Timestamp, at: Instant) -> Self {
        let clock = Self {
            origin: at,
            ahead: AtomicI64::new(0),
            slept: AtomicU64::new(0),
            turn: Mutex::default(),
        };
        clock.ahead.store(clock.lead(wall, at).saturating_add(SECOND), Ordering::Relaxed);
        clock
    }

    /// This moment, with the sleep before it. The time of day has to be read first: so a thread that
    /// is held up has not slept.
    pub(crate) fn tell(&self, wall: Timestamp, at: Instant) -> Instant {
        if self.is_off(wall, at) {
            self.mend(wall, at);
        }
        at.checked_add(self.slept()).unwrap_or(at)
    }

    /// The two clocks are as they should be: what they differ by from now on, they differ by more
    /// than they did a moment ago. Here the time of day has to be read last.
    pub(crate) fn agree(&self, at: Instant, wall: Timestamp) {
        self.mend(wall, at);
    }

    /// For how long the machine has slept, as far as that was noticed. Changes with each sleep.
    pub(crate) fn slept(&self) -> Duration {
        Duration::from_millis(self.slept.load(Ordering::Acquire))
    }

    /// Whether one of the two clocks was set, or stood still.
    fn is_off(&self, wall: Timestamp, at: Instant) -> bool {
        let gain = self.gain(wall, at);
        !(-3 * SECOND..=HELD_UP).contains(&gain)
    }

    fn mend(&self, wall: Timestamp, at: Instant) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        // Once more: another thread may have seen the same.
        let gain = self.gain(wall, at);
        if gain > HELD_UP {
            // Two fractions of a second were not seen.
            let gain = gain.saturating_add(2 * SECOND).min(LONGEST);
            let slept = self.slept.load(Ordering::Relaxed);
            self.slept.store(slept.saturating_add(gain.unsigned_abs()), Ordering::Release);
        }
        // Last: whoever sees the new difference sees the sleep as well.
        self.ahead.store(self.lead(wall, at).saturating_add(SECOND), Ordering::Release);
    }

    /// How much the time of day has gained at least, in milliseconds.
    fn gain(&self, wall: Timestamp, at: Instant) -> i64 {
        self.lead(wall, at).saturating_sub(self.ahead.load(Ordering::Acquire))
    }

    fn lead(&self, wall: Timestamp, at: Instant) -> i64 {
        let wall = i64::try_from(wall.as_secs()).unwrap_or(i64::MAX).saturating_mul(SECOND);
        let since = at.saturating_duration_since(self.origin).as_millis();
        wall.saturating_sub(i64::try_from(since).unwrap_or(i64::MAX))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

    fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    /// The time of day so long after the start, at a fraction of a second.
    fn wall(fraction: u64, millis: u64) -> Timestamp {
        NOW.after(Duration::from_millis(fraction + millis))
    }

    #[test]
    fn clocks_that_run_alike_have_not_slept() {
        for fraction in [0, 1, 500, 999] {
            let start = Instant::now();
            let clock = SteadyClock::new(wall(fraction, 0), start);
            for millis in (0..20_000).step_by(97) {
                let at = start + Duration::from_millis(millis);
                assert_eq!(clock.tell(wall(fraction, millis), at), at, "{fraction} {millis}");
                if millis % 3 == 0 {
                    clock.agree(at, wall(fraction, millis));
                }
            }
        }
    }

    /// INV5
    #[test]
    fn a_sleep_counts_once_and_never_for_less_than_it_was() {
        for fraction in [0, 1, 500, 999] {
            for slept in [2_250, 3_000, 60_000, 86_400_000] {
                let start = Instant::now();
                let clock = SteadyClock::new(wall(fraction, 0), start);
                let at = start + secs(1);
                let told = [1_000, 1_001, 1_800].map(|millis| {
                    let at = start + Duration::from_millis(millis);
                    clock.tell(wall(fraction, millis + slept), at) - at
                });
                let least = Duration::from_millis(slept);
                assert!((least..=least + secs(2)).contains(&told[0]), "{fraction} {told:?}");
                assert!(told.iter().all(|other| *other == told[0]), "{fraction} {told:?}");
                clock.agree(at, wall(fraction, 1_000 + slept));
                assert_eq!(clock.slept(), told[0]);
            }
        }
    }

    /// INV5
    #[test]
    fn a_sleep_counts_after_the_clock_was_set_back() {
        let start = Instant::now();
        let clock = SteadyClock::new(NOW, start);
        let back = Timestamp::from_secs(NOW.as_secs() - 86_400);
        assert_eq!(clock.tell(back, start + secs(1)), start + secs(1));

        assert!(clock.tell(back.after(secs(60)), start + secs(2)) >= start + secs(59));
    }

    /// INV5: what is noticed when a heartbeat comes is no less of a sleep.
    #[test]
    fn agreeing_hides_no_sleep() {
        let start = Instant::now();
        let clock = SteadyClock::new(NOW, start);

        clock.agree(start + secs(1), NOW.after(secs(3_601)));

        assert!(clock.slept() >= secs(3_600));
    }

    #[test]
    fn no_time_is_too_far() {
        let start = Instant::now();
        let ends = [0, 1, NOW.as_secs(), u64::MAX / 1_000, i64::MAX.unsigned_abs(), u64::MAX];
        for from in ends {
            let clock = SteadyClock::new(Timestamp::from_secs(from), start);
            let mut last = start;
            for to in ends.into_iter().chain(ends) {
                let told = clock.tell(Timestamp::from_secs(to), start);
                assert!(told >= last, "{from} {to}");
                last = told;
            }
        }
    }
}
