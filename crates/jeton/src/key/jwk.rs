//! JSON Web Keys and JWK Sets of public keys (RFC 7517, RFC 7518 section 6, RFC 8037 section 2).

use aws_lc_rs::digest;
use serde_json::{Map, Value, json};

use crate::algorithm::{Algorithm, KeyType};
use crate::base64url;
use crate::json;
use crate::key::public::Parts;
use crate::key::{KeyError, KeyId, PublicKey};
use crate::limits;

/// Members that only private and symmetric keys have.
const SECRET_MEMBERS: [&str; 8] = ["d", "p", "q", "dp", "dq", "qi", "oth", "k"];

/// A JWK Set: public keys and their ids, to publish or as published by an issuer.
#[derive(Clone, Debug, Default)]
pub struct JwkSet {
    keys: Vec<(Option<KeyId>, PublicKey)>,
}

impl JwkSet {
    /// A set of these keys.
    pub fn new<'k>(keys: impl IntoIterator<Item = (Option<KeyId>, &'k PublicKey)>) -> Self {
        Self { keys: keys.into_iter().map(|(id, key)| (id, key.clone())).collect() }
    }

    /// Reads a JWK Set, or a single JWK as a set of one.
    ///
    /// Keys of a type or for a use (`use`, `key_ops`, `alg`) that no algorithm here has are
    /// skipped, as RFC 7517 section 5 asks. An RSA key without `alg` is one for RS256.
    ///
    /// # Errors
    ///
    /// [`KeyError::Jwk`] for damaged JSON or members; [`KeyError::JwkIsPrivate`] if any key holds
    /// private or symmetric material; [`KeyError::Unsupported`] for a key of ours that is too
    /// small or not on its curve; [`KeyError::KeyId`]; [`KeyError::Ambiguous`] for too many keys.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::JwkSet;
    ///
    /// let rfc8037_a2 = r#"{"kty":"OKP","crv":"Ed25519",
    ///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// let set = JwkSet::from_json(rfc8037_a2)?;
    /// assert_eq!(set.keys().count(), 1);
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Self, KeyError> {
        if text.len() > limits::KEY_FILE {
            return Err(KeyError::Jwk);
        }
        let object = json::object(text.as_bytes()).ok_or(KeyError::Jwk)?;
        let jwks = match object.get("keys") {
            Some(Value::Array(jwks)) => jwks.iter().map(Value::as_object).collect(),
            Some(_) => None,
            None => Some(vec![&object]),
        };
        let jwks: Vec<_> = jwks.ok_or(KeyError::Jwk)?;
        if jwks.len() > limits::KEYS {
            return Err(KeyError::Ambiguous);
        }
        let keys = jwks.into_iter().filter_map(|jwk| read(jwk).transpose());
        Ok(Self { keys: keys.collect::<Result<_, _>>()? })
    }

    /// The set as JSON, each key with `kid`, `alg` and `use`.
    #[must_use]
    pub fn to_json(&self) -> String {
        let keys: Vec<Value> = self.keys.iter().map(|(id, key)| write(id.as_ref(), key)).collect();
        json!({ "keys": keys }).to_string()
    }

    /// The keys of the set.
    pub fn keys(&self) -> impl Iterator<Item = (Option<&KeyId>, &PublicKey)> {
        self.keys.iter().map(|(id, key)| (id.as_ref(), key))
    }

    pub(super) fn into_keys(self) -> Vec<(Option<KeyId>, PublicKey)> {
        self.keys
    }
}

impl PublicKey {
    /// The key's SHA-256 thumbprint, base64url (RFC 7638): the `kid` of keys that jeton makes.
    #[must_use]
    pub fn thumbprint(&self) -> String {
        // `serde_json` writes members in lexicographic order, as section 3 asks.
        let canonical = Value::Object(required(self.parts())).to_string();
        base64url::encode(digest::digest(&digest::SHA256, canonical.as_bytes()).as_ref())
    }
}

/// Reads one JWK; `None` where the key is well-formed but not for us.
fn read(jwk: &Map<String, Value>) -> Result<Option<(Option<KeyId>, PublicKey)>, KeyError> {
    if SECRET_MEMBERS.iter().any(|member| jwk.contains_key(*member)) {
        return Err(KeyError::JwkIsPrivate);
    }
    let Some(key_type) = key_type(jwk)? else {
        return Ok(None);
    };
    let for_signatures = text(jwk, "use")?.is_none_or(|usage| usage == "sig") && verifies(jwk)?;
    let algorithm = match text(jwk, "alg")? {
        Some(name) => Algorithm::from_name(name),
        None => Algorithm::of_key_type(key_type),
    };
    if !for_signatures || algorithm.map(Algorithm::key_type) != Some(key_type) {
        return Ok(None);
    }
    let parts = match key_type {
        KeyType::P256 => Parts::P256 { x: bytes(jwk, "x")?, y: bytes(jwk, "y")? },
        KeyType::Ed25519 => Parts::Ed25519 { x: bytes(jwk, "x")? },
        KeyType::Rsa => Parts::Rsa { n: integer(jwk, "n")?, e: integer(jwk, "e")? },
        KeyType::Oct => return Err(KeyError::JwkIsPrivate),
    };
    let id = text(jwk, "kid")?.map(KeyId::new).transpose()?;
    Ok(Some((id, PublicKey::from_parts(parts)?)))
}

fn key_type(jwk: &Map<String, Value>) -> Result<Option<KeyType>, KeyError> {
    let kty = text(jwk, "kty")?.ok_or(KeyError::Jwk)?;
    Ok(match (kty, text(jwk, "crv")?) {
        ("RSA", _) => Some(KeyType::Rsa),
        ("EC", Some("P-256")) => Some(KeyType::P256),
        ("OKP", Some("Ed25519")) => Some(KeyType::Ed25519),
        ("oct", _) => return Err(KeyError::JwkIsPrivate),
        _ => None,
    })
}

/// Whether `key_ops`, if there, lets the key verify signatures (RFC 7517 section 4.3).
fn verifies(jwk: &Map<String, Value>) -> Result<bool, KeyError> {
    match jwk.get("key_ops") {
        None => Ok(true),
        Some(Value::Array(operations)) => Ok(operations.iter().any(|name| name == "verify")),
        Some(_) => Err(KeyError::Jwk),
    }
}

fn write(id: Option<&KeyId>, key: &PublicKey) -> Value {
    let mut jwk = required(key.parts());
    if let Some(id) = id {
        jwk.insert("kid".to_owned(), id.as_str().into());
    }
    jwk.insert("alg".to_owned(), key.algorithm().name().into());
    jwk.insert("use".to_owned(), "sig".into());
    Value::Object(jwk)
}

/// The members that make the key (RFC 7638 section 3.2, RFC 8037 section 2).
fn required(parts: &Parts) -> Map<String, Value> {
    let text = |bytes: &[u8]| Value::from(base64url::encode(bytes));
    let members = match parts {
        Parts::P256 { x, y } => {
            vec![("crv", "P-256".into()), ("kty", "EC".into()), ("x", text(x)), ("y", text(y))]
        }
        Parts::Ed25519 { x } => {
            vec![("crv", "Ed25519".into()), ("kty", "OKP".into()), ("x", text(x))]
        }
        Parts::Rsa { n, e } => vec![("e", text(e)), ("kty", "RSA".into()), ("n", text(n))],
    };
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

fn text<'j>(jwk: &'j Map<String, Value>, member: &str) -> Result<Option<&'j str>, KeyError> {
    match jwk.get(member) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(KeyError::Jwk),
    }
}

fn bytes<const N: usize>(jwk: &Map<String, Value>, member: &str) -> Result<[u8; N], KeyError> {
    text(jwk, member)?.and_then(base64url::decode_array).ok_or(KeyError::Jwk)
}

/// A positive integer, big-endian, without leading zeros (RFC 7518 section 2, `Base64urlUInt`).
fn integer(jwk: &Map<String, Value>, member: &str) -> Result<Vec<u8>, KeyError> {
    let bytes = text(jwk, member)?.and_then(base64url::decode).ok_or(KeyError::Jwk)?;
    if bytes.first().is_some_and(|first| *first != 0) { Ok(bytes) } else { Err(KeyError::Jwk) }
}
