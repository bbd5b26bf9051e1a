//! A key to verify with, and its name.

use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::key::jwk::{Jwk, VERIFY};
use crate::key::{KeyError, KeyId, PublicKey, SecretKey};

/// A key to verify with, and the `kid` that chooses it. Cheap to clone.
///
/// # Examples
///
/// ```
/// use jeton::{Algorithm, KeyId, KeySet, PublicKey, SecretKey, VerifyingKey};
///
/// # let public = PublicKey::from_jwk(r#"{"kty":"OKP","crv":"Ed25519",
/// #     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
/// let issuer = VerifyingKey::public(public).with_id(KeyId::new("2027")?);
/// let own = VerifyingKey::secret(SecretKey::generate(Algorithm::Hs256)?);
/// assert_eq!(KeySet::new([issuer, own])?.len(), 2);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    id: Option<KeyId>,
    material: Material,
}

#[derive(Clone, Debug)]
enum Material {
    Secret(Arc<SecretKey>),
    Public(PublicKey),
}

impl VerifyingKey {
    /// A public key. Without an id it answers to every `kid`, and cannot be withdrawn by one.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{PublicKey, VerifyingKey};
    ///
    /// # let public = PublicKey::from_jwk(r#"{"kty":"OKP","crv":"Ed25519",
    /// #     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
    /// assert!(VerifyingKey::public(public).id().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn public(key: PublicKey) -> Self {
        Self { id: None, material: Material::Public(key) }
    }

    /// A shared secret. Without an id it answers to every `kid`.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SecretKey, VerifyingKey};
    ///
    /// let key = VerifyingKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// assert!(key.public_key().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn secret(key: SecretKey) -> Self {
        Self::shared(Arc::new(key))
    }

    pub(super) const fn shared(key: Arc<SecretKey>) -> Self {
        Self { id: None, material: Material::Secret(key) }
    }

    /// Reads a public or symmetric (`oct`) JWK, with its `kid`.
    ///
    /// # Errors
    ///
    /// As [`PublicKey::from_jwk`] or [`SecretKey::from_jwk`], where `key_ops` has to allow
    /// verifying; [`KeyError::KeyId`] for a `kid` that is not usable.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{KeyError, VerifyingKey};
    ///
    /// let key = VerifyingKey::from_jwk(r#"{"kty":"OKP","crv":"Ed25519","kid":"2026",
    ///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
    /// assert_eq!(key.id().map(|id| id.as_str()), Some("2026"));
    ///
    /// let refused = VerifyingKey::from_jwk(r#"{"kty":"OKP","crv":"Ed25519","use":"enc",
    ///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#);
    /// assert_eq!(refused.unwrap_err(), KeyError::NotMeantForThis);
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn from_jwk(text: &str) -> Result<Self, KeyError> {
        let jwk = Jwk::parse(text)?;
        let key = if jwk.is_symmetric()? {
            Self::secret(SecretKey::read(&jwk, &[VERIFY])?)
        } else {
            Self::public(PublicKey::read(&jwk)?)
        };
        Ok(Self { id: jwk.id()?, ..key })
    }

    /// The same key under this id.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Claims, KeyId, KeySet, Policy, Verifier, VerifyError};
    /// # use jeton::{Algorithm, SecretKey, Signer, SigningKey, Timestamp};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let now = Timestamp::from_secs(0);
    /// # let signer = Signer::new(key.clone().with_id(KeyId::new("1")?));
    /// # let token = signer.sign("JWT", &serde_json::json!({}))?;
    ///
    /// let key = key.verifying_key().with_id(KeyId::new("2")?);
    /// let verifier = Verifier::new(KeySet::new([key])?, Policy::jwt());
    /// let refused = verifier.verify::<Claims>(&token, now); // which says `"kid": "1"`
    /// assert_eq!(refused, Err(VerifyError::UnknownKey));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_id(mut self, id: KeyId) -> Self {
        self.id = Some(id);
        self
    }

    /// The `kid` this key answers to.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeyId, SecretKey, VerifyingKey};
    ///
    /// let key = VerifyingKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// assert_eq!(key.with_id(KeyId::new("s1")?).id(), Some(&KeyId::new("s1")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn id(&self) -> Option<&KeyId> {
        self.id.as_ref()
    }

    /// The algorithm this key has.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SecretKey, VerifyingKey};
    ///
    /// let key = VerifyingKey::secret(SecretKey::generate(Algorithm::Hs512)?);
    /// assert_eq!(key.algorithm(), Algorithm::Hs512);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match &self.material {
            Material::Secret(key) => key.algorithm(),
            Material::Public(key) => key.algorithm(),
        }
    }

    /// The key to publish, unless it is a shared secret.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{PublicKey, VerifyingKey};
    ///
    /// # let public = PublicKey::from_jwk(r#"{"kty":"OKP","crv":"Ed25519",
    /// #     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#)?;
    /// assert!(VerifyingKey::public(public).public_key().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn public_key(&self) -> Option<&PublicKey> {
        match &self.material {
            Material::Secret(_) => None,
            Material::Public(key) => Some(key),
        }
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            Material::Secret(key) => key.verify(message, signature),
            Material::Public(key) => key.verify(message, signature),
        }
    }

    /// Whether a token with this header may have been signed by this key. The `alg` of the header
    /// can only disagree; a `kid` that only one side has does not.
    pub(super) fn answers_to(&self, algorithm: Option<Algorithm>, id: Option<&KeyId>) -> bool {
        let ids_agree = match (&self.id, id) {
            (Some(own), Some(asked)) => own == asked,
            _ => true,
        };
        ids_agree && algorithm.is_some_and(|asked| asked.is_same_as(self.algorithm()))
    }
}
