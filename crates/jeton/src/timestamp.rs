//! Seconds since the Unix epoch, as tokens carry them.

use std::fmt;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde::de::{Deserializer, Error, Unexpected, Visitor};
use serde::{Deserialize, Serialize};

/// A NumericDate (RFC 7519 section 2): whole seconds since 1970-01-01T00:00:00Z.
///
/// There is no `now()`: time is an argument wherever a decision depends on it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use jeton::Timestamp;
///
/// let issued = Timestamp::from_secs(1_700_000_000);
/// assert_eq!(issued.after(Duration::from_secs(600)).as_secs(), 1_700_000_600);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// This many seconds after the epoch.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::Timestamp;
    ///
    /// assert!(Timestamp::from_secs(1) > Timestamp::from_secs(0));
    /// ```
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs)
    }

    /// Seconds since the epoch.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(jeton::Timestamp::from_secs(1_800_000_000).as_secs(), 1_800_000_000);
    /// ```
    #[must_use]
    pub const fn as_secs(self) -> u64 {
        self.0
    }

    /// The moment `span` later, fractions cut; saturates at the end of time.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use jeton::Timestamp;
    ///
    /// let now = Timestamp::from_secs(100);
    /// assert_eq!(now.after(Duration::from_millis(1_999)), Timestamp::from_secs(101));
    /// assert_eq!(now.after(Duration::MAX).as_secs(), u64::MAX);
    /// ```
    #[must_use]
    pub const fn after(self, span: Duration) -> Self {
        Self(self.0.saturating_add(span.as_secs()))
    }

    /// The moment `span` earlier, fractions cut; saturates at the epoch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use jeton::Timestamp;
    ///
    /// assert_eq!(Timestamp::from_secs(100).before(Duration::from_mins(2)).as_secs(), 0);
    /// ```
    #[must_use]
    pub const fn before(self, span: Duration) -> Self {
        Self(self.0.saturating_sub(span.as_secs()))
    }

    /// How long after `earlier` this is; zero if it is not.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::Duration;
    /// use jeton::Timestamp;
    ///
    /// let (early, late) = (Timestamp::from_secs(100), Timestamp::from_secs(160));
    /// assert_eq!(late.since(early), Duration::from_mins(1));
    /// assert_eq!(early.since(late), Duration::ZERO);
    /// ```
    #[must_use]
    pub const fn since(self, earlier: Self) -> Duration {
        Duration::from_secs(self.0.saturating_sub(earlier.0))
    }
}

/// Which whole second a fraction belongs to: the one before it, or the one after.
#[derive(Clone, Copy)]
pub(crate) enum Rounding {
    Down,
    Up,
}

impl Timestamp {
    /// From a JSON number as it is spelled: whole seconds up to 2^63 - 1, where other systems end,
    /// or any other number up to 2^53, where such numbers cease to be exact.
    pub(crate) fn from_number(number: &str, rounding: Rounding) -> Option<Self> {
        match number.parse() {
            Ok(secs) => Self::from_whole(secs),
            Err(_) => Self::from_float(number.parse().ok()?, rounding),
        }
    }

    fn from_whole(secs: u64) -> Option<Self> {
        i64::try_from(secs).is_ok().then_some(Self(secs))
    }

    fn from_float(secs: f64, rounding: Rounding) -> Option<Self> {
        const EXACT: f64 = 9_007_199_254_740_992.0;
        let whole = match rounding {
            Rounding::Down => secs.floor(),
            Rounding::Up => secs.ceil(),
        };
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range")]
        (0.0..=EXACT).contains(&secs).then_some(Self(whole as u64))
    }
}

/// As the claims of a token are read: a number from 0 to 2^63 - 1, or to 2^53 if it is not spelled
/// as a whole one; a fraction is cut.
impl<'de> Deserialize<'de> for Timestamp {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumericDate;

        impl Visitor<'_> for NumericDate {
            type Value = Timestamp;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("seconds since 1970")
            }

            fn visit_u64<E: Error>(self, secs: u64) -> Result<Timestamp, E> {
                let mistyped = || E::invalid_type(Unexpected::Unsigned(secs), &self);
                Timestamp::from_whole(secs).ok_or_else(mistyped)
            }

            fn visit_f64<E: Error>(self, secs: f64) -> Result<Timestamp, E> {
                let mistyped = || E::invalid_type(Unexpected::Float(secs), &self);
                Timestamp::from_float(secs, Rounding::Down).ok_or_else(mistyped)
            }
        }

        deserializer.deserialize_u64(NumericDate)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl From<SystemTime> for Timestamp {
    /// Cuts the fraction; a time before the epoch becomes the epoch.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use jeton::Timestamp;
    ///
    /// let now = Timestamp::from(SystemTime::now()); // in `main`; everything else is told
    /// assert!(now.since(Timestamp::from_secs(0)) > Duration::from_hours(24));
    /// ```
    fn from(time: SystemTime) -> Self {
        Self(time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs()))
    }
}
