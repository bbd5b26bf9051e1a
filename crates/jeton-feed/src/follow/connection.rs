//! One connection: which event is next, and how the server's clock lies to ours.
//!
//! `t` is a clock of the server's that only runs forward. Where it stands on our own clock nobody
//! can tell exactly, but two bounds are certain. The first heartbeat was written after the request
//! for it had left, and each one before it arrived. The list is complete as of the earliest moment
//! that these allow, so an event that was held back on its way makes nothing fresh.

use std::time::{Duration, Instant};

use crate::wire::Complete;

/// How a connection stands.
#[derive(Debug)]
pub(super) struct Connection {
    requested_at: Instant,
    next: u64,
    beats: Option<Beats>,
    /// A canary that came before any heartbeat: when, and issued when on the server's clock.
    canary: Option<(Instant, u64)>,
}

/// What the heartbeats of a connection have told.
#[derive(Clone, Copy, Debug)]
struct Beats {
    first: u64,
    latest: u64,
    /// The shortest a heartbeat was under way, measured as in [`Connection::under_way`].
    shortest: i128,
}

/// What a heartbeat is worth.
#[derive(Debug)]
pub(super) struct Beat {
    /// Everything revoked before is known; `None` if no clock goes back so far.
    pub(super) complete_as_of: Option<Instant>,
    /// How long the canary was under way that waited for this heartbeat.
    pub(super) delay: Option<Duration>,
}

/// A clock that only runs forward went back.
#[derive(Debug)]
pub(super) struct WentBack;

impl Connection {
    pub(super) const fn new(requested_at: Instant) -> Self {
        Self { requested_at, next: 1, beats: None, canary: None }
    }

    /// Counts an event, if it is the next one.
    pub(super) fn is_next(&mut self, n: u64) -> bool {
        let is_next = n == self.next;
        if is_next {
            self.next = self.next.saturating_add(1);
        }
        is_next
    }

    pub(super) fn heartbeat(&mut self, told: Complete, at: Instant) -> Result<Beat, WentBack> {
        let Complete { t, age_ms, .. } = told;
        let first = self.beats.map_or(t, |beats| beats.first);
        if self.beats.is_some_and(|beats| t < beats.latest) {
            return Err(WentBack);
        }
        let under_way = self.under_way(first, t, at);
        let shortest = self.beats.map_or(under_way, |beats| beats.shortest.min(under_way));
        self.beats = Some(Beats { first, latest: t, shortest });

        let earliest = self.requested_at.checked_add(Duration::from_millis(t - first));
        let written_at = earliest.map_or(at, |earliest| earliest.min(at));
        let complete_as_of = written_at.checked_sub(Duration::from_millis(age_ms));
        let waited = self.canary.take();
        let delay = waited.and_then(|(arrived_at, issued)| self.canary(issued, arrived_at));
        Ok(Beat { complete_as_of, delay })
    }

    /// How long a canary was under way, by the heartbeat that was the fastest so far.
    pub(super) fn canary(&mut self, issued: u64, arrived_at: Instant) -> Option<Duration> {
        let Some(beats) = self.beats else {
            self.canary = Some((arrived_at, issued));
            return None;
        };
        let delay = self.under_way(beats.first, issued, arrived_at) - beats.shortest;
        u64::try_from(delay.max(0)).ok().map(Duration::from_nanos)
    }

    /// Nanoseconds from a moment of the server's clock to one of ours, if the first heartbeat was
    /// written when the request for it was sent. Off by the same error each time, so the difference
    /// of two is exact.
    fn under_way(&self, first: u64, t: u64, arrived_at: Instant) -> i128 {
        let since_request = arrived_at.saturating_duration_since(self.requested_at).as_nanos();
        let since_first = i128::from(t) - i128::from(first);
        i128::try_from(since_request).unwrap_or(i128::MAX) - since_first * 1_000_000
    }
}
