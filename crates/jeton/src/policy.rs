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
///
/// # Examples
///
/// ```
/// use jeton::{ACCESS_TOKEN, jws::Compact};
/// # let (_, token, _) = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
///
/// assert!(Compact::parse(&token)?.header().is_type(ACCESS_TOKEN));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub const ACCESS_TOKEN: &str = "at+jwt";

/// What a verifier asks of the claims of a token whose signature is good.
///
/// Names of claims are `&'static str`, as errors repeat them without owning anything. A name from a
/// configuration can be made one by [`String::leak`], once for each policy.
///
/// # Examples
///
/// ```
/// use jeton::{Claims, Policy, Verifier, VerifyError};
/// # use jeton::{Algorithm, KeySet, SecretKey, Signer, SigningKey, Timestamp};
/// # use serde_json::json;
///
/// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
/// # let keys = KeySet::new([key.verifying_key()])?;
/// # let signer = Signer::new(key);
/// # let now = Timestamp::from_secs(0);
/// let policy = Policy::jwt().with_issuer("https://login.example").with_claim("tenant", "acme");
/// let verifier = Verifier::new(keys, policy);
///
/// let token = signer.sign("JWT", &json!({ "iss": "https://login.example", "tenant": "evil" }))?;
/// let refused = verifier.verify::<Claims>(&token, now);
/// assert_eq!(refused, Err(VerifyError::ClaimRefused("tenant")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// The examples of the methods do the same behind `verdict(policy, claims, now)`: they sign these
/// claims and verify them at this second.
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
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{KeySet, Policy, Verifier, VerifyError};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// let keys = KeySet::new([key.verifying_key()])?;
    /// let of = |audience| Policy::access_token("https://login.example", audience);
    ///
    /// let ours = Verifier::new(keys.clone(), of("https://api.example"));
    /// assert!(ours.verify_access_token(&token, now).is_ok());
    /// let theirs = Verifier::new(keys, of("https://other.example"));
    /// let refused = theirs.verify_access_token(&token, now);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("aud")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// is asked for by its value (section 4.1.3); 30 seconds of leeway. Add at least an issuer.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_issuer("https://login.example");
    /// let claims = json!({ "iss": "https://login.example", "aud": "someone-else" });
    /// assert_eq!(verdict(policy, claims, 0), Err(VerifyError::ClaimRefused("aud")));
    /// ```
    #[must_use]
    pub const fn jwt() -> Self {
        let mut policy = Self::signature_and_time_only();
        policy.refuses_any_audience = true;
        policy
    }

    /// Any JWT that the keys vouch for and whose `exp` and `nbf`, where present, fit: for looking
    /// at tokens. Anyone with a token for another service would get in, so add what you expect.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let anybodys = json!({ "iss": "https://anywhere.example", "aud": "anyone" });
    /// assert_eq!(verdict(Policy::signature_and_time_only(), anybodys, 0), Ok(()));
    /// let refused = verdict(Policy::signature_and_time_only(), json!({ "exp": "never" }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimMistyped("exp")));
    /// ```
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
    ///
    /// For a token that was verified step by step; a [`Verifier`](crate::Verifier) does all of it.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Policy, Timestamp, VerifyError, jws::Compact};
    /// # use jeton::{Algorithm, SecretKey, Signer, SigningKey};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let token = Signer::new(key.clone()).sign("JWT", &serde_json::json!({ "exp": 100 }))?;
    ///
    /// let verified = Compact::parse(&token)?.verify(&key.verifying_key())?;
    /// assert!(Policy::jwt().accept(&verified, Timestamp::from_secs(50)).is_ok());
    /// let refused = Policy::jwt().accept(&verified, Timestamp::from_secs(500));
    /// assert_eq!(refused, Err(VerifyError::Expired));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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

    /// Whether something in particular is asked of this claim.
    fn asks_for(&self, claim: &str) -> bool {
        self.checks.iter().any(|check| check.claim == claim && check.rule.compares())
    }
}
