//! JWK Sets of public keys.

use serde_json::{Map, Value, json};

use crate::json;
use crate::key::jwk::{Jwk, public};
use crate::key::{KeyError, KeyId, PublicKey};
use crate::limits;

/// A JWK Set (RFC 7517 section 5): public keys and their ids, to publish or as published by an
/// issuer.
#[derive(Clone, Debug, Default)]
pub struct JwkSet {
    keys: Vec<(Option<KeyId>, PublicKey)>,
    skipped: Vec<(Option<KeyId>, KeyError)>,
}

impl JwkSet {
    /// A set of these keys.
    pub fn new<'k>(keys: impl IntoIterator<Item = (Option<KeyId>, &'k PublicKey)>) -> Self {
        let keys = keys.into_iter().map(|(id, key)| (id, key.clone()));
        Self { keys: keys.collect(), skipped: Vec::new() }
    }

    /// Reads a JWK Set.
    ///
    /// JWKs that are damaged, too weak, for something else (`use`, `key_ops`, `alg`) or of a type
    /// that no algorithm here has are skipped, as RFC 7517 section 5 asks: an issuer can publish
    /// new kinds of keys beside those that everybody reads. [`skipped`](Self::skipped) tells which
    /// and why. So is a JWK whose `kid` is not usable: without it, it would answer to every `kid`.
    ///
    /// # Errors
    ///
    /// [`KeyError::Jwk`] unless it is a JSON object with an array `keys`;
    /// [`KeyError::JwkIsPrivate`] if any of them holds private or symmetric material, since then
    /// somebody published what nobody should have; [`KeyError::TooManyKeys`].
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{JwkSet, KeyError};
    ///
    /// let set = JwkSet::from_json(r#"{"keys":[
    ///     {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"},
    ///     {"kty":"OKP","crv":"Ed448","x":"…"}
    /// ]}"#)?;
    /// assert_eq!(set.keys().count(), 1);
    /// assert_eq!(set.skipped().next(), Some((None, KeyError::Unsupported)));
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn from_json(text: &str) -> Result<Self, KeyError> {
        if text.len() > limits::KEY_FILE {
            return Err(KeyError::Jwk);
        }
        let mut object = json::object(text.as_bytes()).ok_or(KeyError::Jwk)?;
        let Some(Value::Array(jwks)) = object.remove("keys") else {
            return Err(KeyError::Jwk);
        };
        let jwks: Vec<Option<Jwk>> = jwks.into_iter().map(as_jwk).collect();
        if jwks.iter().flatten().any(Jwk::is_private) {
            return Err(KeyError::JwkIsPrivate);
        }
        if jwks.len() > limits::KEYS {
            return Err(KeyError::TooManyKeys);
        }
        let mut set = Self::default();
        for jwk in jwks {
            let id = jwk.as_ref().map_or(Err(KeyError::Jwk), Jwk::id);
            let key = jwk.as_ref().ok_or(KeyError::Jwk).and_then(PublicKey::read);
            match (id, key) {
                (Ok(id), Ok(key)) => set.keys.push((id, key)),
                (Ok(id), Err(reason)) => set.skipped.push((id, reason)),
                (Err(reason), _) => set.skipped.push((None, reason)),
            }
        }
        Ok(set)
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

    /// The JWKs that were passed over when the set was read, for a log.
    #[must_use]
    pub fn skipped(&self) -> impl ExactSizeIterator<Item = (Option<&KeyId>, KeyError)> {
        self.skipped.iter().map(|(id, reason)| (id.as_ref(), *reason))
    }

    pub(in crate::key) fn into_keys(self) -> Vec<(Option<KeyId>, PublicKey)> {
        self.keys
    }
}

fn as_jwk(value: Value) -> Option<Jwk> {
    if let Value::Object(members) = value { Some(Jwk(members)) } else { None }
}

fn write(id: Option<&KeyId>, key: &PublicKey) -> Value {
    let members = public::members(key).into_iter();
    let mut jwk: Map<_, _> =
        members.map(|(name, value)| (name.to_owned(), value.as_str().into())).collect();
    if let Some(id) = id {
        jwk.insert("kid".to_owned(), id.as_str().into());
    }
    jwk.insert("alg".to_owned(), key.algorithm().name().into());
    jwk.insert("use".to_owned(), "sig".into());
    Value::Object(jwk)
}
