//! JSON Web Keys (RFC 7517; RFC 7518 section 6, RFC 8037 section 2, and `AKP` for ML-DSA).
//!
//! Each member has one spelling, strict base64url, and what a JWK says of its use is heeded. What
//! was read is wiped: it may have been private.

mod private;
mod public;
mod secret;
mod set;
mod thumbprint;

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use zeroize::{Zeroize as _, Zeroizing};

pub use self::thumbprint::jwk_thumbprint;
pub use set::JwkSet;

use crate::algorithm::Algorithm;
use crate::base64url;
use crate::json;
use crate::key::{KeyError, KeyId};
use crate::limits;

/// Members that only private and symmetric keys have.
const SECRET_MEMBERS: [&str; 9] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];

/// An operation that a key is wanted for, as `key_ops` spells it (RFC 7517 section 4.3).
pub(super) const SIGN: &str = "sign";
/// The other one.
pub(super) const VERIFY: &str = "verify";

/// The members of one JWK.
pub(super) struct Jwk(Map<String, Value>);

impl Jwk {
    pub(super) fn parse(text: &str) -> Result<Self, KeyError> {
        if text.len() > limits::KEY_FILE {
            return Err(KeyError::Jwk);
        }
        json::object(text.as_bytes()).map(Self).ok_or(KeyError::Jwk)
    }

    /// `kid`, if there is one.
    pub(super) fn id(&self) -> Result<Option<KeyId>, KeyError> {
        match self.0.get("kid") {
            None => Ok(None),
            Some(Value::String(id)) => KeyId::new(id).map(Some),
            Some(_) => Err(KeyError::KeyId),
        }
    }

    pub(super) fn is_symmetric(&self) -> Result<bool, KeyError> {
        Ok(self.text("kty")?.ok_or(KeyError::Jwk)? == "oct")
    }

    /// Whether it holds anything that must not be published.
    fn is_private(&self) -> bool {
        let is_symmetric = self.is_symmetric() == Ok(true);
        is_symmetric || SECRET_MEMBERS.iter().any(|member| self.has(member))
    }

    /// The algorithm of this key, if the key is meant for one of these operations.
    fn algorithm_for(&self, operations: &[&str]) -> Result<Algorithm, KeyError> {
        let is_for_signatures = self.text("use")?.is_none_or(|usage| usage == "sig");
        if !is_for_signatures || !self.allows(operations)? {
            return Err(KeyError::NotMeantForThis);
        }
        let kty = self.text("kty")?.ok_or(KeyError::Jwk)?;
        let says = |member, value: &str| self.0.get(member).is_some_and(|said| said == value);
        let default = Algorithm::of_key_type(|key_type| {
            key_type.kty == kty
                && key_type.variant.is_none_or(|(member, value)| says(member, value))
        });
        let default = default.ok_or(KeyError::Unsupported)?;
        let Some(name) = self.text("alg")? else { return Ok(default) };
        Algorithm::from_name(name)
            .filter(|algorithm| algorithm.key_type() == default.key_type())
            .ok_or(KeyError::Algorithm)
    }

    /// Whether `key_ops`, if there, has one of these operations.
    fn allows(&self, operations: &[&str]) -> Result<bool, KeyError> {
        match self.0.get("key_ops") {
            None => Ok(true),
            Some(Value::Array(allowed)) => {
                Ok(operations.iter().any(|wanted| allowed.iter().any(|name| name == wanted)))
            }
            Some(_) => Err(KeyError::Jwk),
        }
    }

    fn has(&self, member: &str) -> bool {
        self.0.contains_key(member)
    }

    fn text(&self, member: &str) -> Result<Option<&str>, KeyError> {
        match self.0.get(member) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(KeyError::Jwk),
        }
    }

    fn bytes(&self, member: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let bytes = self.text(member)?.and_then(base64url::decode);
        bytes.map(Zeroizing::new).ok_or(KeyError::Jwk)
    }

    /// A positive integer, big-endian, without leading zeros (RFC 7518 section 2, `Base64urlUInt`).
    fn integer(&self, member: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let bytes = self.bytes(member)?;
        if bytes.first().is_some_and(|first| *first != 0) { Ok(bytes) } else { Err(KeyError::Jwk) }
    }
}

impl Drop for Jwk {
    fn drop(&mut self) {
        for value in self.0.values_mut() {
            if let Value::String(text) = value {
                text.zeroize();
            }
        }
    }
}

/// Members to write, with values that JSON needs not escape.
type Members = Vec<(&'static str, Zeroizing<String>)>;

fn member(name: &'static str, bytes: &[u8]) -> (&'static str, Zeroizing<String>) {
    (name, Zeroizing::new(base64url::encode(bytes)))
}

/// `kty` and what tells keys of this type apart.
fn type_members(algorithm: Algorithm) -> Members {
    let key_type = algorithm.key_type();
    let members = [("kty", key_type.kty)].into_iter().chain(key_type.variant);
    members.map(|(name, value)| (name, Zeroizing::new(value.to_owned()))).collect()
}

/// One JSON object, members in lexicographic order as RFC 7638 section 3 asks. Written into one
/// allocation, so that nothing private stays behind in another.
fn object(mut members: Members) -> Zeroizing<String> {
    members.sort_by_key(|(name, _)| *name);
    let length: usize = members.iter().map(|(name, value)| name.len() + value.len() + 6).sum();
    let mut text = Zeroizing::new(String::with_capacity(length + 2));
    text.push('{');
    for (position, (name, value)) in members.iter().enumerate() {
        let comma = if position == 0 { "" } else { "," };
        for piece in [comma, "\"", name, "\":\"", value, "\""] {
            text.push_str(piece);
        }
    }
    text.push('}');
    text
}

/// A key's SHA-256 thumbprint, base64url, from the members that make the key.
fn thumbprint(members: Members) -> String {
    base64url::encode(&Sha256::digest(object(members).as_bytes()))
}
