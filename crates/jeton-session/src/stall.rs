//! How long the store has lately kept its callers waiting, or given them no answer.
//!
//! The grace of a refresh is for answers that got lost, and it counts from the rotation. Where the
//! store stalls, answers leave late; where it fails, a rotation may have been made of which nobody was
//! told. A client that was told to try again comes back after the grace through no fault of its own. So
//! the length of a stall is added to the grace of those who come back from it; else one slow sync, or
//! one failover, would look like a theft of every session in it.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use jeton::SubjectKey;

/// Waiting shorter than this is no stall.
const STALL: Duration = Duration::from_secs(1);

/// Subjects are looked at in so many groups, by the first bits of their keys: a store may be parted
/// like this, and one part of it fail while the others answer.
const GROUPS: usize = 64;

/// What is waiting for the store, and since when in vain. Measured on the monotonic clock.
#[derive(Debug)]
pub(crate) struct Stalls {
    groups: [Mutex<State>; GROUPS],
}

#[derive(Debug, Default)]
struct State {
    waiting: usize,
    /// When the store last made progress, or the first of those who wait came.
    progress: Option<Instant>,
    /// When the first call came that failed, if none has succeeded since.
    failing: Option<Instant>,
    /// When the last stall ended, and how long it was.
    last: Option<(Instant, Duration)>,
}

/// One call that waits for the store, until told how it went or dropped.
#[derive(Debug)]
pub(crate) struct Waiting<'a> {
    group: &'a Mutex<State>,
    since: Instant,
}

impl Default for Stalls {
    fn default() -> Self {
        Self { groups: std::array::from_fn(|_| Mutex::default()) }
    }
}

impl Stalls {
    /// A call about this subject begins.
    pub(crate) fn wait(&self, subject: SubjectKey) -> Waiting<'_> {
        let (group, since) = (self.group(subject), Instant::now());
        state(group).begin(since);
        Waiting { group, since }
    }

    /// A call about every subject, that came at this moment, failed or succeeded.
    pub(crate) fn heard(&self, since: Instant, succeeded: bool) {
        for group in &self.groups {
            if succeeded {
                state(group).succeeded(Instant::now());
            } else {
                state(group).failed(since);
            }
        }
    }

    /// The grace, and the stall that it has to outlast. Without a grace there is none to extend.
    pub(crate) fn extend(&self, grace: Duration, subject: SubjectKey) -> Duration {
        if grace.is_zero() {
            return grace;
        }
        grace + state(self.group(subject)).recent(grace, Instant::now())
    }

    fn group(&self, subject: SubjectKey) -> &Mutex<State> {
        let [first, ..] = *subject.as_bytes();
        let [zeroth, ..] = &self.groups;
        self.groups.get(usize::from(first >> 2)).unwrap_or(zeroth)
    }
}

impl Waiting<'_> {
    /// The store answered, or it is not known what it did.
    pub(crate) fn ends(self, succeeded: bool) {
        let mut state = state(self.group);
        if succeeded {
            state.succeeded(Instant::now());
        } else {
            state.failed(self.since);
        }
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        state(self.group).end(Instant::now());
    }
}

fn state(group: &Mutex<State>) -> MutexGuard<'_, State> {
    group.lock().unwrap_or_else(PoisonError::into_inner)
}

impl State {
    fn begin(&mut self, now: Instant) {
        if self.waiting == 0 {
            self.progress = Some(now);
        }
        self.waiting += 1;
    }

    fn end(&mut self, now: Instant) {
        self.stalled(self.waited(now), now);
        self.progress = Some(now);
        self.waiting = self.waiting.saturating_sub(1);
    }

    /// What this call wanted may have been done at any moment since it came.
    fn failed(&mut self, since: Instant) {
        self.failing = Some(self.failing.map_or(since, |failing| failing.min(since)));
    }

    fn succeeded(&mut self, now: Instant) {
        if let Some(failing) = self.failing.take() {
            self.stalled(now.saturating_duration_since(failing), now);
        }
    }

    fn stalled(&mut self, stall: Duration, now: Instant) {
        if stall >= STALL {
            let before = self.still(now).filter(|(_, lasted)| *lasted > stall);
            self.last = Some((now, before.map_or(stall, |(_, lasted)| lasted)));
        }
    }

    /// How long nobody has been answered although somebody waits.
    fn waited(&self, now: Instant) -> Duration {
        let since = self.progress.filter(|_| self.waiting > 0);
        since.map_or(Duration::ZERO, |since| now.saturating_duration_since(since))
    }

    /// The last stall, if it ended so recently that there may be some who have not come back.
    fn still(&self, now: Instant) -> Option<(Instant, Duration)> {
        self.last.filter(|(ended, lasted)| now.saturating_duration_since(*ended) < *lasted)
    }

    /// The stall that is going on, or that ended so recently that its victims may still come back.
    fn recent(&self, grace: Duration, now: Instant) -> Duration {
        let last = self
            .last
            .filter(|(ended, lasted)| now.saturating_duration_since(*ended) < grace + *lasted);
        let last = last.map_or(Duration::ZERO, |(_, lasted)| lasted);
        let failing = self.failing.map(|failing| now.saturating_duration_since(failing));
        let stall = self.waited(now).max(failing.unwrap_or_default()).max(last);
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

    /// INV4: what failed may have been done when it was asked for first.
    #[test]
    fn an_outage_counts_from_its_first_failure_to_the_first_success() {
        let (start, mut state) = (Instant::now(), State::default());
        state.failed(start + secs(1));
        state.failed(start);

        assert_eq!(state.recent(GRACE, start + secs(15)), secs(16), "while it lasts");
        state.succeeded(start + secs(15));
        state.succeeded(start + secs(16));
        assert_eq!(state.recent(GRACE, start + secs(39)), secs(16), "15 + 10 seconds later");
        assert_eq!(state.recent(GRACE, start + secs(40)), Duration::ZERO);
    }

    #[test]
    fn a_short_outage_does_not_shorten_a_long_one() {
        let (start, mut state) = (Instant::now(), State::default());
        state.failed(start);
        state.succeeded(start + secs(15));
        state.failed(start + secs(16));
        state.succeeded(start + secs(18));

        assert_eq!(state.recent(GRACE, start + secs(35)), secs(16));
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
