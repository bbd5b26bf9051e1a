//! What can be asked of a token.

use std::sync::Arc;
use std::time::Duration;

use serde_json::Value;

use super::Policy;
use super::check::{Check, Rule};
use super::times;

impl Policy {
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

    fn with_rule(mut self, claim: &'static str, rule: Rule) -> Self {
        self.checks.push(Check { claim, rule });
        self
    }
}

fn texts(texts: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    texts.into_iter().map(Into::into).collect()
}
