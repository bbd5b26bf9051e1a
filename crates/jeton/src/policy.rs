//! Which claims are accepted.

use std::time::Duration;

use crate::claims::{Claims, Times};
use crate::error::VerifyError;
use crate::json;
use crate::jws::Verified;
use crate::limits;
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
///     .with_leeway(Duration::from_secs(5));
/// ```
#[derive(Clone, Debug)]
pub struct Policy {
    media_type: Option<String>,
    issuer: Option<String>,
    audience: Option<String>,
    leeway: Duration,
    /// Longest `exp - iat`; with it, both are required and `iat` may not lie in the future.
    longest_life: Option<Duration>,
}

impl Policy {
    /// An access token (`typ: at+jwt`) of this issuer, for this audience, with `exp` and `iat`, at
    /// most an hour long; 30 seconds of leeway.
    #[must_use]
    pub fn access_token(issuer: impl Into<String>, audience: impl Into<String>) -> Self {
        Self::signature_and_time_only()
            .with_type(ACCESS_TOKEN)
            .with_issuer(issuer)
            .with_audience(audience)
            .with_longest_life(Duration::from_hours(1))
    }

    /// Any JWT that the keys vouch for and whose `exp` and `nbf`, where present, fit: for looking
    /// at tokens. Anyone with a token for another service would get in, so add what you expect.
    #[must_use]
    pub const fn signature_and_time_only() -> Self {
        Self {
            media_type: None,
            issuer: None,
            audience: None,
            leeway: Duration::from_secs(30),
            longest_life: None,
        }
    }

    /// Asks for this `typ`; as a media type, so `application/` and case do not matter.
    #[must_use]
    pub fn with_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Asks for exactly this `iss`.
    #[must_use]
    pub fn with_issuer(mut self, issuer: impl Into<String>) -> Self {
        self.issuer = Some(issuer.into());
        self
    }

    /// Asks for an `aud` that is, or contains, exactly this.
    #[must_use]
    pub fn with_audience(mut self, audience: impl Into<String>) -> Self {
        self.audience = Some(audience.into());
        self
    }

    /// Tolerates clocks that differ by this much, 60 seconds at most.
    #[must_use]
    pub fn with_leeway(mut self, leeway: Duration) -> Self {
        self.leeway = leeway.min(Duration::from_secs(limits::LEEWAY));
        self
    }

    /// Asks for `exp` and `iat`, no further apart than this.
    ///
    /// A revocation is remembered for the longest life of a token, so this is also the promise that
    /// no token outlives the revocation that ends it.
    #[must_use]
    pub const fn with_longest_life(mut self, longest: Duration) -> Self {
        self.longest_life = Some(longest);
        self
    }

    /// Accepts the claims of a token, or names the first that does not fit: `typ`, `iss`, `aud`,
    /// then times (RFC 7519 section 4.1).
    ///
    /// # Errors
    ///
    /// Every [`VerifyError`] that concerns claims, and [`VerifyError::Malformed`] if the payload is
    /// not a JSON object.
    pub fn accept(&self, token: &Verified, now: Timestamp) -> Result<Claims, VerifyError> {
        if self.media_type.as_deref().is_some_and(|typ| !token.header().is_type(typ)) {
            return Err(VerifyError::WrongType);
        }
        let claims = json::object(token.payload()).ok_or(VerifyError::Malformed)?;
        let claims = Claims::new(claims);
        self.accept_issuer(&claims)?;
        self.accept_audience(&claims)?;
        let times = claims.times()?;
        self.accept_life(times)?;
        self.accept_times(times, now)?;
        Ok(claims)
    }

    /// Whether a token with these times is good at this moment.
    ///
    /// Expired when `now >= exp + leeway`; too early when `now + leeway < nbf`, and under a longest
    /// life also when `now + leeway < iat`.
    pub(crate) fn accept_times(&self, times: Times, now: Timestamp) -> Result<(), VerifyError> {
        let is_future = |date: Timestamp| now.after(self.leeway) < date;
        if times.expires_at.is_some_and(|exp| now >= exp.after(self.leeway)) {
            return Err(VerifyError::Expired);
        }
        if times.not_before.is_some_and(is_future) {
            return Err(VerifyError::NotYetValid);
        }
        if self.longest_life.is_some() && times.issued_at.is_some_and(is_future) {
            return Err(VerifyError::ClaimRefused("iat"));
        }
        Ok(())
    }

    fn accept_issuer(&self, claims: &Claims) -> Result<(), VerifyError> {
        let Some(expected) = &self.issuer else {
            return Ok(());
        };
        match claims.text("iss")? {
            None => Err(VerifyError::ClaimMissing("iss")),
            Some(issuer) if issuer == expected => Ok(()),
            Some(_) => Err(VerifyError::ClaimRefused("iss")),
        }
    }

    fn accept_audience(&self, claims: &Claims) -> Result<(), VerifyError> {
        let Some(expected) = &self.audience else {
            return Ok(());
        };
        if claims.get("aud").is_none() {
            return Err(VerifyError::ClaimMissing("aud"));
        }
        if claims.texts("aud")?.contains(&expected.as_str()) {
            Ok(())
        } else {
            Err(VerifyError::ClaimRefused("aud"))
        }
    }

    fn accept_life(&self, times: Times) -> Result<(), VerifyError> {
        let Some(longest) = self.longest_life else {
            return Ok(());
        };
        let expires_at = times.expires_at.ok_or(VerifyError::ClaimMissing("exp"))?;
        let issued_at = times.issued_at.ok_or(VerifyError::ClaimMissing("iat"))?;
        if expires_at.since(issued_at) > longest {
            return Err(VerifyError::ClaimRefused("exp"));
        }
        Ok(())
    }
}
