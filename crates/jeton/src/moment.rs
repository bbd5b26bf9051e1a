//! Now, as two clocks tell it.

use std::time::Instant;

use crate::timestamp::Timestamp;

/// A moment: the time of day, which tokens are judged by, and where the caller has one, the clock
/// that nobody can set, which the age of knowledge is judged by.
///
/// A list that [follows](crate::RevocationList::following) another is stale to a moment without that
/// second clock.
///
/// # Examples
///
/// ```
/// use std::time::{Instant, SystemTime};
/// use jeton::{Moment, Timestamp};
///
/// let now = Moment::new(Timestamp::from(SystemTime::now()), Instant::now());
/// assert_eq!(Moment::from(now.wall()).monotonic(), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Moment {
    wall: Timestamp,
    monotonic: Option<Instant>,
}

impl Moment {
    /// A moment of both clocks.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Instant, SystemTime};
    /// use jeton::Moment;
    ///
    /// let now = Moment::new(SystemTime::now().into(), Instant::now());
    /// assert!(now.monotonic().is_some());
    /// ```
    #[must_use]
    pub const fn new(wall: Timestamp, monotonic: Instant) -> Self {
        Self { wall, monotonic: Some(monotonic) }
    }

    /// The time of day.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Moment, Timestamp};
    ///
    /// let noon = Timestamp::from_secs(1_800_000_000);
    /// assert_eq!(Moment::from(noon).wall(), noon);
    /// ```
    #[must_use]
    pub const fn wall(self) -> Timestamp {
        self.wall
    }

    /// What the clock says that nobody can set, if the caller has one.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Instant;
    /// use jeton::{Moment, Timestamp};
    ///
    /// let (noon, instant) = (Timestamp::from_secs(1_800_000_000), Instant::now());
    /// assert_eq!(Moment::new(noon, instant).monotonic(), Some(instant));
    /// assert_eq!(Moment::from(noon).monotonic(), None);
    /// ```
    #[must_use]
    pub const fn monotonic(self) -> Option<Instant> {
        self.monotonic
    }
}

impl From<Timestamp> for Moment {
    fn from(wall: Timestamp) -> Self {
        Self { wall, monotonic: None }
    }
}
