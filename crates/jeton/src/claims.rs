//! Claims: what a signature and a policy have vouched for.

mod access;

use serde_json::{Map, Number, Value};

pub use access::{AccessClaims, NewAccessToken, is_reserved};

use crate::error::VerifyError;
use crate::timestamp::Timestamp;

/// Dates reach this far: beyond 2^53 a JSON number is no longer exact.
const LAST_DATE: u64 = 1 << 53;

/// The verified and accepted claims of a JWT (RFC 7519 section 4).
///
/// Only [`Policy::accept`](crate::Policy::accept) makes them. The typed readers tell absent
/// (`Ok(None)`) from mistyped (an error).
#[derive(Clone, Debug, PartialEq)]
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
    /// [`VerifyError::ClaimMistyped`] unless it is a JSON number from 0 to 2^53.
    pub fn date(&self, name: &'static str) -> Result<Option<Timestamp>, VerifyError> {
        match self.members.get(name) {
            None => Ok(None),
            Some(Value::Number(number)) => {
                let secs = whole_seconds(number).ok_or(VerifyError::ClaimMistyped(name))?;
                Ok(Some(Timestamp::from_secs(secs)))
            }
            Some(_) => Err(VerifyError::ClaimMistyped(name)),
        }
    }

    /// The dates of the token, each absent or a NumericDate.
    pub(crate) fn times(&self) -> Result<Times, VerifyError> {
        Ok(Times {
            issued_at: self.date("iat")?,
            not_before: self.date("nbf")?,
            expires_at: self.date("exp")?,
        })
    }

    pub(crate) fn into_members(self) -> Map<String, Value> {
        self.members
    }
}

/// When a token was issued, and from when until when it is good.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) issued_at: Option<Timestamp>,
    pub(crate) not_before: Option<Timestamp>,
    pub(crate) expires_at: Option<Timestamp>,
}

fn whole_seconds(number: &Number) -> Option<u64> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "in range, cut")]
    #[expect(clippy::cast_precision_loss, reason = "2^53 is exact")]
    let cut = |secs: f64| (0.0..=LAST_DATE as f64).contains(&secs).then_some(secs as u64);
    let secs = number.as_u64().or_else(|| number.as_f64().and_then(cut))?;
    (secs <= LAST_DATE).then_some(secs)
}
