//! When a token is good.

use std::time::Duration;

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

/// A leeway within what the field tolerates.
pub(super) fn bounded(leeway: Duration) -> Duration {
    leeway.min(Duration::from_secs(limits::LEEWAY))
}
