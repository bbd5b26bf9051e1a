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
/// Only a verifier makes them. No JSON does, whoever vouches for it:
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
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.members.get(name)
    }

    /// All claims.
    #[must_use]
    pub const fn members(&self) -> &Map<String, Value> {
        &self.members
    }

    /// A string claim.
    ///
    /// # Errors
    ///
    /// [`VerifyError::ClaimMistyped`]
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
    /// [`VerifyError::ClaimMistyped`]
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
