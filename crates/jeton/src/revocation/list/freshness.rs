//! As of when a list knows everything.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::RevocationList;
use crate::moment::Moment;

/// The latest moment as of which a list is complete, read without waiting.
#[derive(Debug, Default)]
pub(super) struct Freshness {
    /// The first such moment, which the others are counted from.
    first: OnceLock<Instant>,
    /// Nanoseconds after it: enough for five hundred years.
    since: AtomicU64,
    /// It was told of something that it cannot hold.
    distrusted: AtomicBool,
}

impl Freshness {
    /// Written after everything that it vouches for (`Release`), and read before that (`Acquire`).
    pub(super) fn complete_as_of(&self, moment: Instant) {
        let first = *self.first.get_or_init(|| moment);
        let since = moment.saturating_duration_since(first).as_nanos();
        self.since.fetch_max(u64::try_from(since).unwrap_or(u64::MAX), Ordering::AcqRel);
    }

    pub(super) fn age(&self, now: Instant) -> Option<Duration> {
        let first = *self.first.get().filter(|_| !self.distrusted.load(Ordering::Acquire))?;
        let since = Duration::from_nanos(self.since.load(Ordering::Acquire));
        Some(now.saturating_duration_since(first).saturating_sub(since))
    }
}

impl RevocationList {
    /// How old its knowledge may be; `None` if nobody can tell.
    #[inline]
    pub(crate) fn age(&self, now: Moment) -> Option<Duration> {
        match &self.freshness {
            None => Some(Duration::ZERO),
            Some(freshness) => freshness.age(now.monotonic()?),
        }
    }

    /// Tells a list that follows another that it knows everything revoked before this moment. An
    /// earlier moment than one told before changes nothing.
    ///
    /// Merge first, and tell then.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    ///
    /// let list = jeton::RevocationList::following();
    /// let heard = Instant::now();
    /// list.complete_as_of(heard);
    /// list.complete_as_of(heard - Duration::from_millis(10)); // known already
    /// let later = heard + Duration::from_secs(2);
    /// assert_eq!(list.staleness(later), Some(Duration::from_secs(2)));
    /// ```
    pub fn complete_as_of(&self, moment: Instant) {
        if let Some(freshness) = &self.freshness {
            freshness.complete_as_of(moment);
        }
    }

    /// Tells a list that follows another that there is something which it cannot hold: an entry of a
    /// kind that came later, say. From now on it is as if it had never been complete, whatever else
    /// it is told. It still refuses what it holds.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    ///
    /// let (list, now) = (jeton::RevocationList::following(), Instant::now());
    /// list.complete_as_of(now);
    /// list.distrust();
    /// list.complete_as_of(now);
    /// assert_eq!(list.staleness(now), None);
    /// ```
    pub fn distrust(&self) {
        if let Some(freshness) = &self.freshness {
            freshness.distrusted.store(true, Ordering::Release);
        }
    }

    /// How old its knowledge may be at worst at this moment; `None` if it was never complete. A list
    /// that follows nobody is never old.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, Instant};
    /// use jeton::RevocationList;
    ///
    /// let now = Instant::now();
    /// assert_eq!(RevocationList::new().staleness(now), Some(Duration::ZERO));
    /// assert_eq!(RevocationList::following().staleness(now), None);
    /// ```
    #[must_use]
    pub fn staleness(&self, now: Instant) -> Option<Duration> {
        let Some(freshness) = &self.freshness else {
            return Some(Duration::ZERO);
        };
        freshness.age(now)
    }

    /// Whether it follows another list, and so can be stale.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::RevocationList;
    ///
    /// assert!(RevocationList::following().follows() && !RevocationList::new().follows());
    /// ```
    #[must_use]
    pub const fn follows(&self) -> bool {
        self.freshness.is_some()
    }
}
