//! How long the store has lately kept its callers waiting.
//!
//! The grace of a refresh is for answers that got lost, and it counts from the rotation. Where the
//! store stalls, answers leave late, and a client that was told to try again comes back after the
//! grace through no fault of its own. So the length of a stall is added to the grace of those who
//! come back from it; else one slow sync would look like a theft of every session in it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// Waiting shorter than this is no stall.
const STALL: Duration = Duration::from_secs(1);

/// What is waiting for the store, and since when in vain. Measured on the monotonic clock.
#[derive(Debug, Default)]
pub(crate) struct Stalls {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    /// When the store last made progress, or the first of those who wait came.
    progress: Option<Instant>,
    /// When the last stall ended, and how long it was.
    last: Option<(Instant, Duration)>,
}

/// One call that waits for the store, until dropped.
#[derive(Debug)]
pub(crate) struct Waiting<'a>(&'a Stalls);

impl Stalls {
    pub(crate) fn wait(&self) -> Waiting<'_> {
        self.state().begin(Instant::now());
        Waiting(self)
    }

    /// The grace, and the stall that it has to outlast. Without a grace there is none to extend.
    pub(crate) fn extend(&self, grace: Duration) -> Duration {
        if grace.is_zero() { grace } else { grace + self.state().recent(grace, Instant::now()) }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.state().end(Instant::now());
    }
}

impl State {
    fn begin(&mut self, now: Instant) {
        if self.waiting == 0 {
            self.progress = Some(now);
        }
        self.waiting += 1;
    }

    fn end(&mut self, now: Instant) {
        let stall = self.current(now);
        if stall >= STALL {
            self.last = Some((now, stall));
        }
        self.progress = Some(now);
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// How long nobody has been answered although somebody waits.
    fn current(&self, now: Instant) -> Duration {
        let since = self.progress.filter(|_| self.waiting > 0);
        since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// The stall that is going on, or that ended so recently that its victims may still come back.
    fn recent(&self, grace: Duration, now: Instant) -> Duration {
        let last = self
            .last
            .filter(|(ended, lasted)| now.saturating_duration_since(*ended) < grace + *lasted);
        let last = last.map_or(Duration::ZERO, |(_, lasted)| lasted);
        let stall = self.current(now).max(last);
        // Times of sessions are whole seconds, so one more for what was cut.
        if stall >= STALL { stall + Duration::from_secs(1) } else { Duration::ZERO }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GRACE: Duration = Duration::from_secs(10);

    const fn secs(secs: u64) -> Duration {
        Duration::from_secs(secs)
    }

    #[test]
    fn a_store_that_answers_extends_nothing() {
        let (start, mut state) = (Instant::now(), State::default());

        state.begin(start);
        state.end(start + Duration::from_millis(900));
        state.begin(start + secs(3_600));

        assert_eq!(state.recent(GRACE, start + secs(3_600)), Duration::ZERO);
    }

    #[test]
    fn a_stall_counts_while_it_goes_on_and_until_its_victims_are_back() {
        let (start, mut state) = (Instant::now(), State::default());
        state.begin(start); // a refresh that is answered after 12 seconds
        state.begin(start + secs(11)); // its client again

        assert_eq!(state.recent(GRACE, start + secs(12)), secs(13), "before the first is told");
        state.end(start + secs(12));
        assert_eq!(state.recent(GRACE, start + secs(12)), secs(13), "after");
        state.end(start + secs(12));
        assert_eq!(state.recent(GRACE, start + secs(33)), secs(13), "12 + 10 seconds later");
        assert_eq!(state.recent(GRACE, start + secs(34)), Duration::ZERO);
    }

    #[test]
    fn those_who_are_answered_one_after_the_other_are_no_stall() {
        let (start, mut state) = (Instant::now(), State::default());
        for _ in 0..100 {
            state.begin(start);
        }

        for n in 1..=100 {
            state.end(start + secs(n) / 2);
            assert_eq!(state.recent(GRACE, start + secs(n) / 2), Duration::ZERO, "{n}");
        }
    }
}
