//! Which claims are accepted.
//!
//! A [`Policy`] is what a verifier asks of a token whose signature is good. Every call adds to what
//! is asked and none takes anything back; what is *not* asked says so in its name
//! ([`ignore_expiry`](Policy::ignore_expiry)). Absent, of the wrong type, and of the wrong value are
//! three refusals, and the first claim that does not fit is named.

mod check;
mod times;

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use self::check::{Check, Rule};
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

    /// Asks for this `typ`; as a media type, so `application/` and case do not matter.
    #[must_use]
    pub fn with_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Understands this header extension, so that `crit` may name it (RFC 7515 section 4.1.11). The
    /// caller promises to act on it.
    #[must_use]
    pub fn with_understood(mut self, parameter: impl Into<String>) -> Self {
        self.understood.push(parameter.into());
        self
    }

    /// Asks for exactly this `iss`.
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        self.with_any_issuer([issuer])
    }

    /// Asks for an `iss` that is exactly one of these.
    #[must_use]
    pub fn with_any_issuer(self, issuers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with_rule("iss", Rule::OneOf(texts(issuers)))
    }

    /// Asks for exactly this `sub`.
    #[must_use]
    pub fn with_subject(self, subject: impl Into<String>) -> Self {
        self.with_rule("sub", Rule::OneOf(texts([subject])))
    }

    /// Asks for exactly this `jti`.
    #[must_use]
    pub fn with_token_id(self, id: impl Into<String>) -> Self {
        self.with_rule("jti", Rule::OneOf(texts([id])))
    }

    /// Asks for exactly this `nonce` (`OpenID` Connect Core section 3.1.3.7).
    #[must_use]
    pub fn with_nonce(self, nonce: impl Into<String>) -> Self {
        self.with_rule("nonce", Rule::OneOf(texts([nonce])))
    }

    /// Asks for an `aud` that is, or contains, exactly this.
    #[must_use]
    pub fn with_audience(self, audience: impl Into<String>) -> Self {
        self.with_any_audience([audience])
    }

    /// Asks for an `aud` that is, or contains, one of these.
    #[must_use]
    pub fn with_any_audience(self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with_rule("aud", Rule::HoldsAny(texts(audiences)))
    }

    /// Asks for an `aud` that contains every one of these, of which there must be one.
    #[must_use]
    pub fn with_all_audiences(
        self,
        audiences: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.with_rule("aud", Rule::HoldsAll(texts(audiences)))
    }

    /// Asks for this claim, with any value but `null`.
    #[must_use]
    pub fn with_required(self, claim: &'static str) -> Self {
        self.with_rule(claim, Rule::Required)
    }

    /// Asks for this claim, with any value, `null` too.
    #[must_use]
    pub fn with_present(self, claim: &'static str) -> Self {
        self.with_rule(claim, Rule::Present)
    }

    /// Asks for this claim, with the value `null`.
    #[must_use]
    pub fn with_null(self, claim: &'static str) -> Self {
        self.with_rule(claim, Rule::Equals(Value::Null))
    }

    /// Asks for this claim, with exactly this value. Numbers are equal by value: `1` and `1.0` are.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::Policy;
    ///
    /// let policy = Policy::jwt().with_claim("admin", true).with_claim("level", 3);
    /// # let _ = policy;
    /// ```
    #[must_use]
    pub fn with_claim(self, claim: &'static str, value: impl Into<Value>) -> Self {
        self.with_rule(claim, Rule::Equals(value.into()))
    }

    /// Asks for this claim, an array that contains each of these values, in any order. A single
    /// value counts as an array of one.
    #[must_use]
    pub fn with_claim_containing(
        self,
        claim: &'static str,
        values: impl IntoIterator<Item = impl Into<Value>>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        self.with_rule(claim, Rule::Contains(values))
    }

    /// Asks for this claim, with a value for which `fits` is true.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::Policy;
    ///
    /// let policy = Policy::jwt().with_claim_where("level", |level| level.as_u64() >= Some(3));
    /// # let _ = policy;
    /// ```
    #[must_use]
    pub fn with_claim_where(
        self,
        claim: &'static str,
        fits: impl Fn(&Value) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with_rule(claim, Rule::Fits(Arc::new(fits)))
    }

    /// Tolerates clocks that differ by this much, 60 seconds at most.
    #[must_use]
    pub fn with_leeway(self, leeway: Duration) -> Self {
        self.with_expiry_leeway(leeway).with_not_before_leeway(leeway).with_issue_leeway(leeway)
    }

    /// Tolerates an `exp` that passed this long ago, 60 seconds at most.
    #[must_use]
    pub fn with_expiry_leeway(mut self, leeway: Duration) -> Self {
        self.times.expiry_leeway = times::bounded(leeway);
        self
    }

    /// Tolerates an `nbf` that is this far away, 60 seconds at most.
    #[must_use]
    pub fn with_not_before_leeway(mut self, leeway: Duration) -> Self {
        self.times.not_before_leeway = times::bounded(leeway);
        self
    }

    /// Tolerates an `iat` that is this far away, 60 seconds at most.
    #[must_use]
    pub fn with_issue_leeway(mut self, leeway: Duration) -> Self {
        self.times.issue_leeway = times::bounded(leeway);
        self
    }

    /// Asks for `exp` and `iat`, no further apart than this, and an `iat` that is not in the future.
    ///
    /// A revocation is remembered for the longest life of a token, so this is also the promise that
    /// no token outlives the revocation that ends it.
    #[must_use]
    pub const fn with_longest_life(mut self, longest: Duration) -> Self {
        self.times.longest_life = Some(longest);
        self.times.refuses_future_issue = true;
        self
    }

    /// Asks for an `iat` that is at most this long ago, whatever `exp` says, and not in the future.
    #[must_use]
    pub const fn with_max_age(mut self, age: Duration) -> Self {
        self.times.max_age = Some(age);
        self.times.refuses_future_issue = true;
        self
    }

    /// Refuses an `iat` in the future, where there is one.
    #[must_use]
    pub const fn refuse_future_issue(mut self) -> Self {
        self.times.refuses_future_issue = true;
        self
    }

    /// Accepts tokens that have expired.
    #[must_use]
    pub const fn ignore_expiry(mut self) -> Self {
        self.times.ignores_expiry = true;
        self
    }

    /// Accepts tokens whose time has not come.
    #[must_use]
    pub const fn ignore_not_before(mut self) -> Self {
        self.times.ignores_not_before = true;
        self
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

    fn with_rule(mut self, claim: &'static str, rule: Rule) -> Self {
        self.checks.push(Check { claim, rule });
        self
    }
}

fn texts(texts: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    texts.into_iter().map(Into::into).collect()
}
