//! The JOSE header: what a token claims about its own signature.

use serde_json::{Map, Value};

use crate::algorithm::Algorithm;
use crate::error::VerifyError;
use crate::json;
use crate::key::KeyId;
use crate::limits;

/// Header parameters that change what the signed bytes mean. None of them is understood here, so
/// a token that has one is refused: `crit` asks for exactly that (RFC 7515 section 4.1.11), `b64`
/// unencodes the payload (RFC 7797) and `zip` compresses it.
const NOT_UNDERSTOOD: [&str; 3] = ["crit", "b64", "zip"];

/// The header parameters that matter to a verifier. Everything else is ignored; `jwk`, `jku`,
/// `x5c` and `x5u` above all, which let a token bring its own key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Header {
    algorithm: Option<Algorithm>,
    key_id: Option<KeyId>,
    media_type: Option<String>,
}

impl Header {
    pub(super) fn from_json(text: &[u8]) -> Result<Self, VerifyError> {
        if text.len() > limits::HEADER {
            return Err(VerifyError::Malformed);
        }
        let members = json::object(text).ok_or(VerifyError::Malformed)?;
        let forbidden = NOT_UNDERSTOOD.iter().any(|name| members.contains_key(*name));
        if forbidden || is_nested(string(&members, "cty")?) {
            return Err(VerifyError::Malformed);
        }
        let algorithm = string(&members, "alg")?.ok_or(VerifyError::Malformed)?;
        let key_id = string(&members, "kid")?.map(KeyId::new).transpose();
        Ok(Self {
            algorithm: Algorithm::from_name(algorithm),
            key_id: key_id.map_err(|_| VerifyError::Malformed)?,
            media_type: string(&members, "typ")?.map(str::to_owned),
        })
    }

    /// `alg`, if it names an algorithm there is.
    #[must_use]
    pub const fn algorithm(&self) -> Option<Algorithm> {
        self.algorithm
    }

    /// `kid`, if there is one.
    #[must_use]
    pub const fn key_id(&self) -> Option<&KeyId> {
        self.key_id.as_ref()
    }

    /// Whether `typ` is this media type: case does not matter, nor a leading `application/`
    /// (RFC 7515 section 4.1.9).
    #[must_use]
    pub fn is_type(&self, expected: &str) -> bool {
        self.media_type
            .as_deref()
            .is_some_and(|typ| short(typ).eq_ignore_ascii_case(short(expected)))
    }
}

/// A media type without the `application/` that compact headers leave out.
fn short(media_type: &str) -> &str {
    const PREFIX: &str = "application/";
    match media_type.split_at_checked(PREFIX.len()) {
        Some((prefix, rest)) if prefix.eq_ignore_ascii_case(PREFIX) => rest,
        _ => media_type,
    }
}

/// A token inside a token, which nobody here issues (RFC 7519 section 5.2).
fn is_nested(content_type: Option<&str>) -> bool {
    content_type.is_some_and(|cty| short(cty).eq_ignore_ascii_case("JWT"))
}

/// A string member. Absent is fine, another type is not.
fn string<'m>(members: &'m Map<String, Value>, name: &str) -> Result<Option<&'m str>, VerifyError> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(VerifyError::Malformed),
    }
}
