//! Claims: what a signature and a policy have vouched for.

mod access;

use std::fmt;

use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

pub use access::{AccessClaims, NewAccessToken, is_reserved};

use crate::error::VerifyError;
use crate::json::Members;
use crate::timestamp::{Rounding, Timestamp};

/// The verified and accepted claims of a JWT (RFC 7519 section 4), whatever they are.
///
/// The typed readers tell absent (`Ok(None)`) from mistyped (an error). Ask a
/// [`Verifier`](crate::Verifier) for a type of your own where you know what to expect.
///
/// Only a verifier makes them; no JSON does, whoever vouches for it.
///
/// # Examples
///
/// ```
/// # use {jeton::*, serde_json::json};
/// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
/// # let keys = KeySet::new([key.verifying_key()])?;
/// # let verifier = Verifier::new(keys, Policy::signature_and_time_only());
/// # let token = Signer::new(key).sign("JWT", &json!({ "sub": "alice", "level": 3 }))?;
/// # let now = Timestamp::from_secs(0);
/// let claims: Claims = verifier.verify(&token, now)?; // { "sub": "alice", "level": 3 }
/// assert_eq!(claims.text("sub"), Ok(Some("alice")));
/// assert_eq!(claims.text("name"), Ok(None));
/// assert_eq!(claims.text("level"), Err(VerifyError::ClaimMistyped("level")));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// ```
/// assert!(serde_json::from_str::<jeton::Claims>(r#"{"sub":"alice"}"#).is_err());
/// ```
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(transparent)]
pub struct Claims {
    members: Map<String, Value>,
}

impl Claims {
    pub(crate) const fn new(members: Map<String, Value>) -> Self {
        Self { members }
    }

    /// The claim of this name.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::*, serde_json::json};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let verifier = Verifier::new(keys, Policy::signature_and_time_only());
    /// # let token = Signer::new(key).sign("JWT", &json!({ "level": 3 }))?;
    /// # let now = Timestamp::from_secs(0);
    /// let claims: Claims = verifier.verify(&token, now)?; // { "level": 3 }
    /// assert_eq!(claims.get("level"), Some(&json!(3)));
    /// assert_eq!(claims.get("name"), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// All claims.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::*, serde_json::json};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let verifier = Verifier::new(keys, Policy::signature_and_time_only());
    /// # let token = Signer::new(key).sign("JWT", &json!({ "a": 1, "b": [] }))?;
    /// # let now = Timestamp::from_secs(0);
    /// let claims: Claims = verifier.verify(&token, now)?; // { "a": 1, "b": [] }
    /// assert!(claims.members().keys().eq(["a", "b"]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// A string claim.
    ///
    /// # Errors
    ///
    /// [`VerifyError::ClaimMistyped`] if it is there and no string.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::*, serde_json::json};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let verifier = Verifier::new(keys, Policy::signature_and_time_only());
    /// # let token = Signer::new(key).sign("JWT", &json!({ "sub": 7 }))?;
    /// # let now = Timestamp::from_secs(0);
    /// let claims: Claims = verifier.verify(&token, now)?; // { "sub": 7 }
    /// assert_eq!(claims.text("sub"), Err(VerifyError::ClaimMistyped("sub")));
    /// assert_eq!(claims.text("name"), Ok(None));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn text(&self, name: &'static str) -> Result<Option<&str>, VerifyError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(VerifyError::ClaimMistyped(name)),
        }
    }

    /// A claim that is one string or an array of strings, like `aud` (RFC 7519 section 4.1.3).
    ///
    /// # Errors
    ///
    /// [`VerifyError::ClaimMistyped`] if it is there and anything else.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::*, serde_json::json};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let verifier = Verifier::new(keys, Policy::signature_and_time_only());
    /// # let token = Signer::new(key).sign("JWT", &json!({ "amr": ["pwd", 1], "aud": "api" }))?;
    /// # let now = Timestamp::from_secs(0);
    /// let claims: Claims = verifier.verify(&token, now)?; // { "amr": ["pwd", 1], "aud": "api" }
    /// assert_eq!(claims.texts("aud"), Ok(vec!["api"]));
    /// assert_eq!(claims.texts("amr"), Err(VerifyError::ClaimMistyped("amr")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn texts(&self, name: &'static str) -> Result<Vec<&str>, VerifyError> {
        let mistyped = VerifyError::ClaimMistyped(name);
        match self.members.get(name) {
            None => Ok(Vec::new()),
            Some(Value::String(text)) => Ok(vec![text]),
            Some(Value::Array(items)) => {
                items.iter().map(|item| item.as_str().ok_or(mistyped)).collect()
            }
            Some(_) => Err(mistyped),
        }
    }

    /// A NumericDate; a fraction of a second is cut.
    ///
    /// # Errors
    ///
    /// [`VerifyError::ClaimMistyped`] unless it is a JSON number from 0 to 2^63 - 1, or to 2^53 if
    /// it is not spelled as a whole one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use {jeton::*, serde_json::json};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let verifier = Verifier::new(keys, Policy::signature_and_time_only());
    /// # let token = Signer::new(key).sign("JWT", &json!({ "auth_time": 99.5, "seen": "99" }))?;
    /// # let now = Timestamp::from_secs(0);
    /// let claims: Claims = verifier.verify(&token, now)?; // { "auth_time": 99.5, "seen": "99" }
    /// assert_eq!(claims.timestamp("auth_time"), Ok(Some(Timestamp::from_secs(99))));
    /// assert_eq!(claims.timestamp("seen"), Err(VerifyError::ClaimMistyped("seen")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn timestamp(&self, name: &'static str) -> Result<Option<Timestamp>, VerifyError> {
        let mistyped = VerifyError::ClaimMistyped(name);
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => {
                Timestamp::from_number(&number.to_string(), Rounding::Down)
                    .ok_or(mistyped)
                    .map(Some)
            }
            Some(_) => Err(mistyped),
        }
    }
}

/// What [`Claims`] ask a deserializer for. The one behind a signature knows the name and answers with
/// the claims; any other one hands over a newtype, and that is none.
pub(crate) const VERIFIED_CLAIMS: &str = "jeton::Claims";

impl<'de> Deserialize<'de> for Claims {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Verified;

        impl<'de> Visitor<'de> for Verified {
            type Value = Claims;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("the claims of a verified token")
            }

            fn visit_map<A: MapAccess<'de>>(self, claims: A) -> Result<Claims, A::Error> {
                Map::deserialize(MapAccessDeserializer::new(claims)).map(Claims::new)
            }
        }

        deserializer.deserialize_newtype_struct(VERIFIED_CLAIMS, Verified)
    }
}

/// When a token was issued, and from when until when it is good.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) expires_at: Option<Timestamp>,
}

impl Times {
    /// The times of a token, each absent or a NumericDate. Fractions of a second are rounded
    /// against the token.
    pub(crate) fn read(claims: &Members<'_>) -> Result<Self, VerifyError> {
        Ok(Self {
            issued_at: timestamp(claims, "iat", Rounding::Down)?,
            not_before: timestamp(claims, "nbf", Rounding::Up)?,
            expires_at: timestamp(claims, "exp", Rounding::Down)?,
        })
    }
}

fn timestamp(
    claims: &Members<'_>,
    name: &'static str,
    rounding: Rounding,
) -> Result<Option<Timestamp>, VerifyError> {
    let mistyped = VerifyError::ClaimMistyped(name);
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let number = value.to_number().ok_or(mistyped)?;
    Timestamp::from_number(number, rounding).ok_or(mistyped).map(Some)
}
