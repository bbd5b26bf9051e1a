//! JWK Sets of public keys.

use serde_json::{Map, Value, json};

use crate::key::jwk::{Jwk, public};
use crate::key::{KeyError, KeyId, PublicKey};
use crate::limits;

/// A JWK Set (RFC 7517 section 5): public keys and their ids, to publish or as published by an
/// issuer.
///
/// # Examples
///
/// ```
/// use jeton::{Algorithm, JwkSet, KeyId, KeySet, PrivateKey};
///
/// let key = PrivateKey::generate(Algorithm::Es256)?;
/// let set = JwkSet::new([(Some(KeyId::new("2027")?), key.public_key())]);
///
/// let published = set.to_json(); // at `/.well-known/jwks.json`
/// assert_eq!(KeySet::try_from(JwkSet::from_json(&published)?)?.len(), 1);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct JwkSet {
    keys: Vec<(Option<KeyId>, PublicKey)>,
    skipped: Vec<(Option<KeyId>, KeyError)>,
}

impl JwkSet {
    /// A set of these keys.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, JwkSet, PrivateKey};
    ///
    /// let old = PrivateKey::generate(Algorithm::Es256)?;
    /// let new = PrivateKey::generate(Algorithm::EdDsa)?;
    /// let set = JwkSet::new([&old, &new].map(|key| (None, key.public_key())));
    /// assert_eq!(set.keys().count(), 2);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
    /// An RSA key without `alg` is for RS256; give it another one by
    /// [`PublicKey::with_algorithm`]. A [`KeySet`](crate::KeySet) is made of keys that can be told
    /// apart: take the [`keys`](Self::keys) you mean where an issuer publishes others.
    ///
    /// # Errors
    ///
    /// [`KeyError::Jwk`] unless it is a JSON object with an array `keys`;
    /// [`KeyError::IsPrivate`] if any of them holds private or symmetric material, since then
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
        // A private key passed by mistake is wiped like one that was meant.
        let mut object = Jwk::parse(text)?;
        let Some(Value::Array(jwks)) = object.0.remove("keys") else {
            return Err(KeyError::Jwk);
        };
        let jwks: Vec<Option<Jwk>> = jwks.into_iter().map(as_jwk).collect();
        if jwks.iter().flatten().any(Jwk::is_private) {
            return Err(KeyError::IsPrivate);
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
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{JwkSet, PublicKey};
    ///
    /// let key = PublicKey::from_jwk(r#"{"kty":"OKP","crv":"Ed25519",
    ///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
    /// let json = JwkSet::new([(None, &key)]).to_json();
    /// assert!(json.contains(r#""alg":"EdDSA""#) && json.contains(r#""use":"sig""#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_json(&self) -> String {
        let keys: Vec<Value> = self.keys.iter().map(|(id, key)| write(id.as_ref(), key)).collect();
        json!({ "keys": keys }).to_string()
    }

    /// The keys of the set.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{JwkSet, PublicKey};
    ///
    /// let set = JwkSet::from_json(r#"{"keys":[{"kty":"OKP","crv":"Ed25519","kid":"a",
    ///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#)?;
    /// assert!(set.keys().all(|(id, _)| id.is_some_and(|id| id.as_str() == "a")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn keys(&self) -> impl Iterator<Item = (Option<&KeyId>, &PublicKey)> {
        self.keys.iter().map(|(id, key)| (id.as_ref(), key))
    }

    /// The JWKs that were passed over when the set was read, for a log.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{JwkSet, KeyError};
    ///
    /// let set = JwkSet::from_json(r#"{"keys":[{"kty":"RSA","kid":"a","n":"AQAB","e":"AQAB"}]}"#)?;
    /// for (id, reason) in set.skipped() {
    ///     assert_eq!((id.map(|id| id.as_str()), reason), (Some("a"), KeyError::Unsupported));
    /// }
    /// assert_eq!((set.skipped().len(), set.keys().count()), (1, 0));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
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
