//! On what terms tokens are issued.

use std::time::Duration;

use jeton::Policy;

use crate::keyring::KeyTimes;
use crate::rules::SessionPolicy;

/// Beyond the life of an access token and the leeway, how long a revocation is remembered.
const RETENTION_SLACK: Duration = Duration::from_mins(1);

/// Who issues tokens, for whom, and how long they and their sessions last.
///
/// Start from [`Terms::new`] and change what you need; [`Terms::check`] names what is out of bounds.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use jeton_session::Terms;
///
/// let mut terms = Terms::new("https://login.example", "https://api.example");
/// terms.access_lifetime = Duration::from_secs(300);
/// assert_eq!(terms.check(), Ok(()));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// `iss` of every token, and `aud` of refresh tokens.
    pub issuer: String,
    /// `aud` of access tokens.
    pub audience: String,
    /// How long an access token lives: 10 minutes, an hour at most.
    pub access_lifetime: Duration,
    /// How long they lived on earlier terms, as long as there may be such: they stay good, and what
    /// is revoked stays revoked for as long. An hour and a minute at most, for those whose leeway was
    /// longer too; 0 where it was no longer than now.
    pub earlier_lifetime: Duration,
    /// How far clocks may differ: 30 seconds, a minute at most.
    pub leeway: Duration,
    /// A session ends when it was not refreshed for this long: 14 days.
    pub idle_lifetime: Duration,
    /// A session ends this long after its login: 90 days, 10 years at most.
    pub absolute_lifetime: Duration,
    /// How long a spent refresh token still gets the same answer: 10 seconds, a minute at most; 0
    /// turns it off.
    pub grace: Duration,
    /// Sessions of one subject: 100, and 1,000 at most.
    pub max_sessions: usize,
    /// Whether a login over that limit is refused; otherwise the oldest session ends.
    pub refuse_over_limit: bool,
    /// Whether a login ends the subject's other session on the same kind of device.
    pub one_per_device_kind: bool,
}

/// A term that is out of bounds: its name and the bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{name} must be {bound}")]
pub struct TermsError {
    /// The field of [`Terms`].
    pub name: &'static str,
    /// What it has to be.
    pub bound: &'static str,
}

impl Terms {
    /// The defaults, for this issuer and this audience.
    #[must_use]
    pub fn new(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self {
            issuer: issuer.into(),
            audience: audience.into(),
            access_lifetime: Duration::from_mins(10),
            earlier_lifetime: Duration::ZERO,
            leeway: Duration::from_secs(30),
            idle_lifetime: Duration::from_hours(14 * 24),
            absolute_lifetime: Duration::from_hours(90 * 24),
            grace: Duration::from_secs(10),
            max_sessions: 100,
            refuse_over_limit: false,
            one_per_device_kind: false,
        }
    }

    /// Whether everything is within bounds.
    ///
    /// # Errors
    ///
    /// The first term that is not.
    pub fn check(&self) -> Result<(), TermsError> {
        let minute = Duration::from_mins(1);
        let hour = Duration::from_hours(1);
        let second = Duration::from_secs(1);
        let rules = [
            (!self.issuer.is_empty(), "issuer", "given"),
            (!self.audience.is_empty(), "audience", "given"),
            (self.audience != self.issuer, "audience", "another than the issuer"),
            (self.access_lifetime >= second, "access_lifetime", "at least 1 second"),
            (self.access_lifetime <= hour, "access_lifetime", "at most 1 hour"),
            (self.earlier_lifetime <= hour + minute, "earlier_lifetime", "at most 61 minutes"),
            (self.leeway <= minute, "leeway", "at most 60 seconds"),
            (self.grace <= minute, "grace", "at most 60 seconds"),
            (self.idle_lifetime > self.access_lifetime, "idle_lifetime", "over access_lifetime"),
            (
                self.absolute_lifetime >= self.idle_lifetime,
                "absolute_lifetime",
                "at least idle_lifetime",
            ),
            (
                self.absolute_lifetime <= hour * 24 * 365 * 10,
                "absolute_lifetime",
                "at most 10 years",
            ),
            ((1..=1_000).contains(&self.max_sessions), "max_sessions", "from 1 to 1000"),
        ];
        match rules.into_iter().find(|(holds, ..)| !holds) {
            Some((_, name, bound)) => Err(TermsError { name, bound }),
            None => Ok(()),
        }
    }

    /// R: how long a revocation is remembered. No access token outlives it.
    #[must_use]
    pub fn retention(&self) -> Duration {
        self.longest_life() + self.leeway + RETENTION_SLACK
    }

    /// Of an access token that may be about.
    fn longest_life(&self) -> Duration {
        self.access_lifetime.max(self.earlier_lifetime)
    }

    /// What the rules need of these terms.
    #[must_use]
    pub fn session_policy(&self) -> SessionPolicy {
        SessionPolicy {
            idle: self.idle_lifetime,
            absolute: self.absolute_lifetime,
            grace: self.grace,
            max_sessions: self.max_sessions,
            refuse_over_limit: self.refuse_over_limit,
            one_per_device_kind: self.one_per_device_kind,
            retention: self.retention(),
        }
    }

    /// What a verifier of our access tokens asks.
    #[must_use]
    pub fn access_policy(&self) -> Policy {
        Policy::access_token(&self.issuer, &self.audience)
            .with_leeway(self.leeway)
            .with_longest_life(self.longest_life())
    }

    /// How long keys have to be kept around their use.
    #[must_use]
    pub fn key_times(&self) -> KeyTimes {
        KeyTimes {
            lead: KeyTimes::LEAD,
            access_tail: self.retention(),
            refresh_tail: self.idle_lifetime + self.leeway,
        }
    }
}
