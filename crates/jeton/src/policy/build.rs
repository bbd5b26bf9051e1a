//! What can be asked of a token.

use std::sync::Arc;

use serde_json::Value;

use super::Policy;
use super::check::{Check, Rule};

impl Policy {
    /// Asks for this `typ` (RFC 7515 section 4.1.9); as a media type, so `application/` and case do
    /// not matter.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Policy, VerifyError};
    /// # use jeton::{Algorithm, KeySet, SecretKey, SigningKey, Verifier, jws};
    ///
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// let proof = jws::sign(&key, "application/DPoP+JWT", b"{}")?;
    /// let other = jws::sign(&key, "JWT", b"{}")?;
    ///
    /// let verifier = Verifier::new(keys, Policy::signature_and_time_only().with_type("dpop+jwt"));
    /// assert!(verifier.verify_payload(&proof).is_ok());
    /// assert_eq!(verifier.verify_payload(&other), Err(VerifyError::WrongType));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_type(mut self, media_type: impl Into<String>) -> Self {
        self.media_type = Some(media_type.into());
        self
    }

    /// Understands this header extension, so that `crit` may name it (RFC 7515 section 4.1.11). The
    /// caller promises to act on it.
    /// [`jws::Compact::parse`](crate::jws::Compact::parse) understands none.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Policy, VerifyError};
    /// # use jeton::{Algorithm, KeySet, SecretKey, SigningKey, Verifier, jws};
    ///
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// let header = r#"{"alg":"HS256","crit":["urn:example:form"],"urn:example:form":2}"#;
    /// let token = jws::sign_under(&key, header, b"{}")?;
    ///
    /// let policy = Policy::signature_and_time_only();
    /// let careful = Verifier::new(keys.clone(), policy.clone());
    /// assert_eq!(careful.verify_payload(&token), Err(VerifyError::Malformed));
    /// let knowing = Verifier::new(keys, policy.with_understood("urn:example:form"));
    /// assert!(knowing.verify_payload(&token).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_understood(mut self, parameter: impl Into<String>) -> Self {
        self.understood.push(parameter.into());
        self
    }

    /// Asks for exactly this `iss` (RFC 7519 section 4.1.1), compared byte by byte.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_issuer("https://a.example");
    /// let refused = verdict(policy, json!({ "iss": "https://a.example/" }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("iss")));
    /// ```
    #[must_use]
    pub fn with_issuer(self, issuer: impl Into<String>) -> Self {
        self.with_any_issuer([issuer])
    }

    /// Asks for an `iss` that is exactly one of these.
    ///
    /// Every key of the verifier vouches for every one of these names, so they must be names of one
    /// issuer, an old and a new one, say. Issuers that do not trust each other need a verifier each
    /// (RFC 8725 section 3.8).
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_any_issuer(["https://a.example", "https://b.example"]);
    /// assert_eq!(verdict(policy.clone(), json!({ "iss": "https://b.example" }), 0), Ok(()));
    /// assert_eq!(verdict(policy, json!({}), 0), Err(VerifyError::ClaimMissing("iss")));
    /// ```
    #[must_use]
    pub fn with_any_issuer(self, issuers: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with_rule("iss", Rule::OneOf(texts(issuers)))
    }

    /// Asks for exactly this `sub` (RFC 7519 section 4.1.2).
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_subject("alice");
    /// let refused = verdict(policy, json!({ "sub": "bob" }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("sub")));
    /// ```
    #[must_use]
    pub fn with_subject(self, subject: impl Into<String>) -> Self {
        self.with_rule("sub", Rule::OneOf(texts([subject])))
    }

    /// Asks for exactly this `jti` (RFC 7519 section 4.1.7).
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_token_id("t1");
    /// let refused = verdict(policy, json!({ "jti": 1 }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimMistyped("jti")));
    /// ```
    #[must_use]
    pub fn with_token_id(self, id: impl Into<String>) -> Self {
        self.with_rule("jti", Rule::OneOf(texts([id])))
    }

    /// Asks for exactly this `nonce` (`OpenID` Connect Core section 3.1.3.7).
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_nonce("n-0S6_WzA2Mj");
    /// let refused = verdict(policy, json!({ "nonce": "of another login" }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("nonce")));
    /// ```
    #[must_use]
    pub fn with_nonce(self, nonce: impl Into<String>) -> Self {
        self.with_rule("nonce", Rule::OneOf(texts([nonce])))
    }

    /// Asks for an `aud` that is, or contains, exactly this (RFC 7519 section 4.1.3).
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_audience("api");
    /// assert_eq!(verdict(policy.clone(), json!({ "aud": ["web", "api"] }), 0), Ok(()));
    /// let refused = verdict(policy, json!({ "aud": "api.evil.example" }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("aud")));
    /// ```
    #[must_use]
    pub fn with_audience(self, audience: impl Into<String>) -> Self {
        self.with_any_audience([audience])
    }

    /// Asks for an `aud` that is, or contains, one of these.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_any_audience(["api", "admin"]);
    /// assert_eq!(verdict(policy.clone(), json!({ "aud": "admin" }), 0), Ok(()));
    /// let refused = verdict(policy, json!({ "aud": [] }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("aud")));
    /// ```
    #[must_use]
    pub fn with_any_audience(self, audiences: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with_rule("aud", Rule::HoldsAny(texts(audiences)))
    }

    /// Asks for an `aud` that contains every one of these, of which there must be one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_all_audiences(["api", "admin"]);
    /// assert_eq!(verdict(policy.clone(), json!({ "aud": ["admin", "web", "api"] }), 0), Ok(()));
    /// let refused = verdict(policy, json!({ "aud": "api" }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("aud")));
    /// ```
    #[must_use]
    pub fn with_all_audiences(
        self,
        audiences: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.with_rule("aud", Rule::HoldsAll(texts(audiences)))
    }

    /// Asks for this claim, with any value but `null`.
    /// [`with_present`](Self::with_present) takes `null` too.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_required("sub");
    /// assert_eq!(verdict(policy.clone(), json!({}), 0), Err(VerifyError::ClaimMissing("sub")));
    /// let refused = verdict(policy, json!({ "sub": null }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("sub")));
    /// ```
    #[must_use]
    pub fn with_required(self, claim: &'static str) -> Self {
        self.with_rule(claim, Rule::Required)
    }

    /// Asks for this claim, with any value, `null` too.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_present("note");
    /// assert_eq!(verdict(policy.clone(), json!({ "note": null }), 0), Ok(()));
    /// assert_eq!(verdict(policy, json!({}), 0), Err(VerifyError::ClaimMissing("note")));
    /// ```
    #[must_use]
    pub fn with_present(self, claim: &'static str) -> Self {
        self.with_rule(claim, Rule::Present)
    }

    /// Asks for this claim, with the value `null`.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_null("locked_since");
    /// assert_eq!(verdict(policy.clone(), json!({ "locked_since": null }), 0), Ok(()));
    /// let refused = verdict(policy, json!({ "locked_since": 1 }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimMistyped("locked_since")));
    /// ```
    #[must_use]
    pub fn with_null(self, claim: &'static str) -> Self {
        self.with_rule(claim, Rule::Equals(Value::Null))
    }

    /// Asks for this claim, with exactly this value. Numbers are equal by value: `1` and `1.0` are.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_claim("admin", true).with_claim("level", 3);
    /// assert_eq!(verdict(policy.clone(), json!({ "admin": true, "level": 3.0 }), 0), Ok(()));
    /// let refused = verdict(policy, json!({ "admin": "true", "level": 3 }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimMistyped("admin")));
    /// ```
    #[must_use]
    pub fn with_claim(self, claim: &'static str, value: impl Into<Value>) -> Self {
        self.with_rule(claim, Rule::Equals(value.into()))
    }

    /// Asks for this claim, an array that contains each of these values, in any order. A single
    /// value counts as an array of one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_claim_containing("roles", ["reader", "writer"]);
    /// let roles = json!({ "roles": ["writer", "admin", "reader"] });
    /// assert_eq!(verdict(policy.clone(), roles, 0), Ok(()));
    /// let refused = verdict(policy, json!({ "roles": "reader" }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("roles")));
    /// ```
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
    /// A [`Guard`](crate::Guard) asks once for each token, so it must depend on the value alone.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::{Policy, VerifyError}, serde_json::json};
    /// # let verdict = include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/verdict.rs"));
    /// let policy = Policy::jwt().with_claim_where("level", |level| level.as_u64() >= Some(3));
    /// assert_eq!(verdict(policy.clone(), json!({ "level": 4 }), 0), Ok(()));
    /// let refused = verdict(policy, json!({ "level": 2 }), 0);
    /// assert_eq!(refused, Err(VerifyError::ClaimRefused("level")));
    /// ```
    #[must_use]
    pub fn with_claim_where(
        self,
        claim: &'static str,
        fits: impl Fn(&Value) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.with_rule(claim, Rule::Fits(Arc::new(fits)))
    }

    fn with_rule(mut self, claim: &'static str, rule: Rule) -> Self {
        self.checks.push(Check { claim, rule });
        self
    }
}

fn texts(texts: impl IntoIterator<Item = impl Into<String>>) -> Vec<String> {
    texts.into_iter().map(Into::into).collect()
}
