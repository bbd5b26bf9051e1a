//! When a token is good, and what can be asked of its times.

use std::time::Duration;

use super::Policy;
use crate::claims::Times;
use crate::error::VerifyError;
use crate::limits;
use crate::timestamp::Timestamp;

/// What is asked of `exp`, `nbf` and `iat`.
#[derive(Clone, Debug)]
pub(super) struct TimeRules {
    pub(super) expiry_leeway: Duration,
    pub(super) not_before_leeway: Duration,
    pub(super) issue_leeway: Duration,
    pub(super) ignores_expiry: bool,
    pub(super) ignores_not_before: bool,
    pub(super) refuses_future_issue: bool,
    /// Longest `exp - iat`; both are required with it.
    pub(super) longest_life: Option<Duration>,
    /// Longest `now - iat`, which is required with it.
    pub(super) max_age: Option<Duration>,
}

impl TimeRules {
    pub(super) const DEFAULT: Self = Self {
        expiry_leeway: Duration::from_secs(30),
        not_before_leeway: Duration::from_secs(30),
        issue_leeway: Duration::from_secs(30),
        ignores_expiry: false,
        ignores_not_before: false,
        refuses_future_issue: false,
        longest_life: None,
        max_age: None,
    };

    /// What never changes while a token lives: whether it has the times it must have, and a life
    /// that is short enough.
    pub(super) fn accept_life(&self, times: Times) -> Result<(), VerifyError> {
        let issued_at = || times.issued_at.ok_or(VerifyError::ClaimMissing("iat"));
        if let Some(longest) = self.longest_life {
            let expires_at = times.expires_at.ok_or(VerifyError::ClaimMissing("exp"))?;
            if expires_at.since(issued_at()?) > longest {
                return Err(VerifyError::ClaimRefused("exp"));
            }
        }
        if self.max_age.is_some() {
            issued_at()?;
        }
        Ok(())
    }

    /// Whether a token with these times is good at this moment.
    ///
    /// Expired when `now >= exp + leeway`; too early when `now + leeway < nbf`; too old when
    /// `now - iat > max_age + leeway`.
    pub(super) fn accept(&self, times: Times, now: Timestamp) -> Result<(), VerifyError> {
        let has_passed = |exp: Timestamp| now >= exp.after(self.expiry_leeway);
        if !self.ignores_expiry && times.expires_at.is_some_and(has_passed) {
            return Err(VerifyError::Expired);
        }
        let is_early = |nbf: Timestamp| now.after(self.not_before_leeway) < nbf;
        if !self.ignores_not_before && times.not_before.is_some_and(is_early) {
            return Err(VerifyError::NotYetValid);
        }
        let is_future = |iat: Timestamp| now.after(self.issue_leeway) < iat;
        if self.refuses_future_issue && times.issued_at.is_some_and(is_future) {
            return Err(VerifyError::ClaimRefused("iat"));
        }
        match (self.max_age, times.issued_at) {
            (Some(age), Some(iat)) if now.since(iat) > age.saturating_add(self.issue_leeway) => {
                Err(VerifyError::Expired)
            }
            _ => Ok(()),
        }
    }
}

impl Policy {
    /// Tolerates clocks that differ by this much, 60 seconds at most, for `exp`, `nbf` and `iat` (RFC
    /// 7519 sections 4.1.4 to 4.1.6); 30 seconds unless told otherwise.
    /// More counts as 60.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// # use std::time::Duration;
    /// let strict = Policy::jwt().with_leeway(Duration::ZERO);
    /// assert_eq!(verdict(strict.clone(), json!({ "exp": 100 }), 99), Ok(()));
    /// assert_eq!(verdict(strict, json!({ "exp": 100 }), 100), Err(VerifyError::Expired));
    /// assert_eq!(verdict(Policy::jwt(), json!({ "exp": 100 }), 129), Ok(())); // 30 seconds
    /// ```
    #[must_use]
    pub fn with_leeway(self, leeway: Duration) -> Self {
        self.with_expiry_leeway(leeway).with_not_before_leeway(leeway).with_issue_leeway(leeway)
    }

    /// Tolerates an `exp` that passed this long ago, 60 seconds at most.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// # use std::time::Duration;
    /// let policy = Policy::jwt().with_expiry_leeway(Duration::from_hours(1)); // as a minute
    /// assert_eq!(verdict(policy.clone(), json!({ "exp": 100 }), 159), Ok(()));
    /// assert_eq!(verdict(policy, json!({ "exp": 100 }), 160), Err(VerifyError::Expired));
    /// ```
    #[must_use]
    pub fn with_expiry_leeway(mut self, leeway: Duration) -> Self {
        self.times.expiry_leeway = bounded(leeway);
        self
    }

    /// Tolerates an `nbf` that is this far away, 60 seconds at most.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// # use std::time::Duration;
    /// let policy = Policy::jwt().with_not_before_leeway(Duration::from_secs(5));
    /// assert_eq!(verdict(policy.clone(), json!({ "nbf": 100 }), 95), Ok(()));
    /// assert_eq!(verdict(policy, json!({ "nbf": 100 }), 94), Err(VerifyError::NotYetValid));
    /// ```
    #[must_use]
    pub fn with_not_before_leeway(mut self, leeway: Duration) -> Self {
        self.times.not_before_leeway = bounded(leeway);
        self
    }

    /// Tolerates an `iat` that is this far away, 60 seconds at most.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// # use std::time::Duration;
    /// let policy = Policy::jwt().refuse_future_issue().with_issue_leeway(Duration::from_secs(5));
    /// assert_eq!(verdict(policy.clone(), json!({ "iat": 100 }), 95), Ok(()));
    /// let refused = verdict(policy, json!({ "iat": 100 }), 94);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("iat")));
    /// ```
    #[must_use]
    pub fn with_issue_leeway(mut self, leeway: Duration) -> Self {
        self.times.issue_leeway = bounded(leeway);
        self
    }

    /// Asks for `exp` and `iat`, no further apart than this, and an `iat` that is not in the future.
    ///
    /// A revocation is remembered for the longest life of a token, so this is also the promise that
    /// no token outlives the revocation that ends it. It takes the place of the one before, also of
    /// the hour of [`Policy::access_token`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// # use std::time::Duration;
    /// let policy = Policy::jwt().with_longest_life(Duration::from_mins(10));
    /// assert_eq!(verdict(policy.clone(), json!({ "iat": 100, "exp": 700 }), 100), Ok(()));
    /// let refused = verdict(policy, json!({ "iat": 100, "exp": 701 }), 100);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("exp")));
    /// ```
    #[must_use]
    pub const fn with_longest_life(mut self, longest: Duration) -> Self {
        self.times.longest_life = Some(longest);
        self.times.refuses_future_issue = true;
        self
    }

    /// Asks for an `iat` that is at most this long ago, whatever `exp` says, and not in the future.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// # use std::time::Duration;
    /// let policy = Policy::jwt().with_max_age(Duration::from_mins(5)).with_leeway(Duration::ZERO);
    /// assert_eq!(verdict(policy.clone(), json!({ "iat": 100, "exp": 9_000 }), 400), Ok(()));
    /// let refused = verdict(policy, json!({ "iat": 100, "exp": 9_000 }), 401);
    /// assert_eq!(refused, Err(VerifyError::Expired));
    /// ```
    #[must_use]
    pub const fn with_max_age(mut self, age: Duration) -> Self {
        self.times.max_age = Some(age);
        self.times.refuses_future_issue = true;
        self
    }

    /// Refuses an `iat` in the future, where there is one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().refuse_future_issue();
    /// assert_eq!(verdict(policy.clone(), json!({}), 0), Ok(()));
    /// let refused = verdict(policy, json!({ "iat": 100 }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("iat")));
    /// ```
    #[must_use]
    pub const fn refuse_future_issue(mut self) -> Self {
        self.times.refuses_future_issue = true;
        self
    }

    /// Accepts tokens that have expired, against RFC 7519 section 4.1.4: to look at them, or to let
    /// somebody in whom something else vouches for.
    ///
    /// A date of another type is refused all the same, and so is a token that is too
    /// [old](Self::with_max_age).
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let claims = json!({ "exp": 100 });
    /// assert_eq!(verdict(Policy::jwt(), claims.clone(), 9_000), Err(VerifyError::Expired));
    /// assert_eq!(verdict(Policy::jwt().ignore_expiry(), claims, 9_000), Ok(()));
    /// ```
    #[must_use]
    pub const fn ignore_expiry(mut self) -> Self {
        self.times.ignores_expiry = true;
        self
    }

    /// Accepts tokens whose time has not come, against RFC 7519 section 4.1.5.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let claims = json!({ "nbf": 9_000 });
    /// assert_eq!(verdict(Policy::jwt(), claims.clone(), 0), Err(VerifyError::NotYetValid));
    /// assert_eq!(verdict(Policy::jwt().ignore_not_before(), claims, 0), Ok(()));
    /// ```
    #[must_use]
    pub const fn ignore_not_before(mut self) -> Self {
        self.times.ignores_not_before = true;
        self
    }
}

/// A leeway within what the field tolerates.
pub(super) fn bounded(leeway: Duration) -> Duration {
    leeway.min(Duration::from_secs(limits::LEEWAY))
}
