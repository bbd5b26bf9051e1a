//! One connection: which event is next, and how the server's clock lies to ours.
//!
//! `t` is a clock of the server's that only runs forward. Where it stands on our own clock nobody
//! can tell exactly, but two bounds are certain: the first heartbeat was written after the request
//! for it had left, and each one before it arrived. The list is complete as of the earliest moment
//! that these allow, so an event that was held back on its way makes nothing fresh.

use std::time::{Duration, Instant};

use crate::wire::Complete;

/// The greatest age that means anything, in milliseconds: a day. What is older was never complete.
const OLDEST: u64 = 24 * 60 * 60 * 1_000;

/// How a connection stands.
#[derive(Debug)]
pub(super) struct Connection {
    requested_at: Instant,
    next: u64,
    tie: Option<Tie>,
    /// The shortest a heartbeat was under way, as [`Connection::under_way`] tells it.
    shortest: Option<i128>,
}

/// A moment of the server's clock, and the earliest one of ours that it can be.
#[derive(Clone, Copy, Debug)]
struct Tie {
    t: u64,
    at: Instant,
}

impl Tie {
    fn tell(self, t: u64) -> Option<Instant> {
        match t.checked_sub(self.t) {
            Some(later) => self.at.checked_add(Duration::from_millis(later)),
            None => self.at.checked_sub(Duration::from_millis(self.t - t)),
        }
    }
}

impl Connection {
    pub(super) const fn new(requested_at: Instant) -> Self {
        Self { requested_at, next: 1, tie: None, shortest: None }
    }

    /// Counts an event, if it is the next one.
    pub(super) fn is_next(&mut self, n: u64) -> bool {
        let is_next = n == self.next;
        if is_next {
            self.next = self.next.saturating_add(1);
        }
        is_next
    }

    /// As of when a heartbeat makes the list complete; `None` if that means nothing.
    pub(super) fn heartbeat(&mut self, told: Complete, arrived_at: Instant) -> Option<Instant> {
        let Complete { t, age_ms, .. } = told;
        let under_way = self.under_way(t, arrived_at);
        self.shortest = Some(self.shortest.map_or(under_way, |shortest| shortest.min(under_way)));

        let tie = *self.tie.get_or_insert(Tie { t, at: self.requested_at });
        let written_at = match tie.tell(t) {
            Some(written_at) if written_at <= arrived_at => written_at,
            // Its clock gains on ours: what it has gained is not believed, now or later.
            _ if t > tie.t => self.tie.insert(Tie { t, at: arrived_at }).at,
            _ => return None,
        };
        before(written_at, age_ms)
    }

    /// How long a canary was under way beyond the fastest heartbeat. One that comes before any is
    /// old, and tells nothing.
    pub(super) fn canary(&self, issued: u64, arrived_at: Instant) -> Option<Duration> {
        let delay = self.under_way(issued, arrived_at) - self.shortest?;
        u64::try_from(delay.max(0)).ok().map(Duration::from_nanos)
    }

    /// Nanoseconds from a moment of the server's clock to one of ours. The clocks begin anywhere, so
    /// only the difference of two of these means anything.
    fn under_way(&self, t: u64, arrived_at: Instant) -> i128 {
        let since = arrived_at.saturating_duration_since(self.requested_at).as_nanos();
        i128::try_from(since).unwrap_or(i128::MAX) - i128::from(t) * 1_000_000
    }
}

/// The moment so many milliseconds before; `None` if that means nothing.
pub(super) fn before(moment: Instant, age_ms: u64) -> Option<Instant> {
    if age_ms <= OLDEST { moment.checked_sub(Duration::from_millis(age_ms)) } else { None }
}
