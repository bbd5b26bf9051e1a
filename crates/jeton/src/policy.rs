//! Which claims are accepted.
//!
//! A [`Policy`] is what a verifier asks of a token whose signature is good. Every question about a
//! claim is added to those before; `typ`, leeways, the longest life and the greatest age are one
//! each, and the last one counts. What is *not* asked says so in its name
//! ([`ignore_expiry`](Policy::ignore_expiry)). Absent, of the wrong type, and of the wrong value are
//! three refusals, and the first claim that does not fit is named.

mod build;
mod check;
mod times;

use std::time::Duration;

use self::check::Check;
use self::times::TimeRules;
use crate::claims::{Claims, Times};
use crate::error::VerifyError;
use crate::json::Members;
use crate::jws::{Header, Verified};
use crate::limits::Limits;
use crate::timestamp::Timestamp;

/// `typ` of access tokens (RFC 9068 section 2.1).
pub const ACCESS_TOKEN: &str = "at+jwt";

/// What a verifier asks of the claims of a token whose signature is good.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use jeton::Policy;
///
/// let policy = Policy::access_token("https://login.example", "https://api.example")
///     .with_leeway(Duration::from_secs(5))
///     .with_claim("tenant", "acme");
/// # let _ = policy;
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    media_type: Option<String>,
    /// Extensions of the header that the caller understands.
    understood: Vec<String>,
    /// Whether a payload that is a token itself is refused by its label.
    refuses_nested: bool,
    /// Whether an `aud` that nobody asked about is refused.
    refuses_any_audience: bool,
    checks: Vec<Check>,
    times: TimeRules,
}

impl Policy {
    /// An access token (`typ: at+jwt`) of this issuer, for this audience, with `exp` and `iat`, at
    /// most an hour long; 30 seconds of leeway.
    #[must_use]
    pub fn access_token(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        let mut policy = Self::signature_and_time_only()
            .with_type(ACCESS_TOKEN)
            .with_issuer(issuer)
            .with_audience(audience)
            .with_longest_life(Duration::from_hours(1));
        policy.refuses_nested = true;
        policy
    }

    /// A JWT as RFC 7519 asks for by itself: `exp` and `nbf` where present, and no `aud` unless one
    /// is asked for (section 4.1.3); 30 seconds of leeway. Add at least an issuer.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::Policy;
    ///
    /// let policy = Policy::jwt()
    ///     .with_any_issuer(["https://a.example", "https://b.example"])
    ///     .with_required("sub");
    /// # let _ = policy;
    /// ```
    #[must_use]
    pub const fn jwt() -> Self {
        let mut policy = Self::signature_and_time_only();
        policy.refuses_any_audience = true;
        policy
    }

    /// Any JWT that the keys vouch for and whose `exp` and `nbf`, where present, fit: for looking
    /// at tokens. Anyone with a token for another service would get in, so add what you expect.
    #[must_use]
    pub const fn signature_and_time_only() -> Self {
        Self {
            media_type: None,
            understood: Vec::new(),
            refuses_nested: false,
            refuses_any_audience: false,
            checks: Vec::new(),
            times: TimeRules::DEFAULT,
        }
    }

    /// Accepts the claims of a token, or names the first that does not fit: header, claims in the
    /// order they were asked for, then times (RFC 7519 section 4.1).
    ///
    /// # Errors
    ///
    /// Every [`VerifyError`] that concerns claims, and [`VerifyError::Malformed`] if the payload is
    /// not a JSON object within the default [limits](crate::limits).
    pub fn accept(&self, token: &Verified, now: Timestamp) -> Result<Claims, VerifyError> {
        self.accept_header(token.header())?;
        let claims = Members::read(token.payload(), &Limits::DEFAULT);
        let claims = claims.ok_or(VerifyError::Malformed)?;
        self.accept_claims(&claims, now)?;
        Ok(Claims::new(claims.to_map()))
    }

    /// Whether every extension that the header calls critical is understood.
    pub(crate) fn understands(&self, header: &Header) -> bool {
        header.critical().all(|name| self.understood.iter().any(|known| known == name))
    }

    pub(crate) fn accept_header(&self, header: &Header) -> Result<(), VerifyError> {
        if self.refuses_nested && header.is_nested() {
            return Err(VerifyError::Malformed);
        }
        match &self.media_type {
            Some(expected) if !header.is_type(expected) => Err(VerifyError::WrongType),
            _ => Ok(()),
        }
    }

    pub(crate) fn accept_claims(
        &self,
        claims: &Members<'_>,
        now: Timestamp,
    ) -> Result<Times, VerifyError> {
        for check in &self.checks {
            check.accept(claims)?;
        }
        if self.refuses_any_audience && claims.get("aud").is_some() && !self.asks_for("aud") {
            return Err(VerifyError::ClaimRefused("aud"));
        }
        let times = Times::read(claims)?;
        self.times.accept_life(times)?;
        self.times.accept(times, now)?;
        Ok(times)
    }

    /// Whether a token with these times is good at this moment.
    pub(crate) fn accept_times(&self, times: Times, now: Timestamp) -> Result<(), VerifyError> {
        self.times.accept(times, now)
    }

    fn asks_for(&self, claim: &str) -> bool {
        self.checks.iter().any(|check| check.claim == claim)
    }
}
