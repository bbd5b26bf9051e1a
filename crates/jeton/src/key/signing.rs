//! A key to sign with, its name, and where it is.

use std::fmt;
use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::key::jwk::{Jwk, SIGN};
use crate::key::{KeyError, KeyId, PrivateKey, PublicKey, SecretKey, Signature, VerifyingKey};

/// A private key that lives elsewhere: in an HSM, a key management service, another process.
///
/// What [`sign`](Self::sign) returns is checked with [`public_key`](Self::public_key) before it is
/// used. An ECDSA signature, for one, has to be `r || s` (RFC 7518 section 3.4), while many devices
/// answer in DER: that becomes [`KeyError::Signing`], never a token that nobody accepts.
///
/// Signing is synchronous. Where it takes a round trip, sign on a thread that may wait.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use jeton::{Algorithm, KeyError, KeySource, PublicKey, Signer, SigningKey};
/// # use aws_lc_rs::{rand::SystemRandom, signature::*};
///
/// # struct Connection(EcdsaKeyPair);
/// # impl Connection {
/// #     fn sign_with_es256(&self, m: &[u8]) -> Result<Vec<u8>, ()> {
/// #         Ok(self.0.sign(&SystemRandom::new(), m).map_err(|_| ())?.as_ref().to_vec())
/// #     }
/// # }
/// struct Device {
///     connection: Connection,
///     public_key: PublicKey,
/// }
///
/// impl KeySource for Device {
///     fn public_key(&self) -> &PublicKey {
///         &self.public_key
///     }
///
///     fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, KeyError> {
///         self.connection.sign_with_es256(signing_input).map_err(|_| KeyError::Signing)
///     }
/// }
///
/// # let key = jeton::PrivateKey::generate(Algorithm::Es256)?;
/// # let public_key = key.public_key().clone();
/// # let der = key.to_der()?;
/// # let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der)?;
/// # let connection = Connection(pair);
/// let key = SigningKey::source(Arc::new(Device { connection, public_key }));
/// let token = Signer::new(key).sign("JWT", &serde_json::json!({ "sub": "alice" }))?;
/// # assert_eq!(token.split('.').count(), 3);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub trait KeySource: Send + Sync {
    /// The public half, with the algorithm that the source signs with.
    fn public_key(&self) -> &PublicKey;

    /// The signature of the signing input (RFC 7515 section 5.1), as its algorithm defines it for
    /// JWS.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unavailable`] where the source could not be asked, which is worth another try;
    /// [`KeyError::Signing`] where it was and did not sign.
    fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, KeyError>;
}

/// A key to sign with, and the `kid` its tokens carry. Cheap to clone.
///
/// # Examples
///
/// ```
/// use jeton::{Algorithm, KeyId, PrivateKey, SigningKey};
///
/// let private = PrivateKey::generate(Algorithm::Es256)?;
/// let id = KeyId::new(&private.public_key().thumbprint())?;
/// let key = SigningKey::private(private).with_id(id);
/// assert_eq!(key.verifying_key().id(), key.id());
/// # Ok::<(), jeton::KeyError>(())
/// ```
#[derive(Clone)]
pub struct SigningKey {
    /// Says everything about the key that is not secret: its id, its algorithm, its public half.
    verifying: VerifyingKey,
    means: Means,
}

#[derive(Clone)]
enum Means {
    Secret(Arc<SecretKey>),
    Private(Arc<PrivateKey>),
    Source(Arc<dyn KeySource>),
}

impl SigningKey {
    /// A private key.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey, SigningKey};
    ///
    /// let key = SigningKey::private(PrivateKey::generate(Algorithm::EdDsa)?);
    /// assert!(key.public_key().is_some() && key.id().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn private(key: PrivateKey) -> Self {
        let verifying = VerifyingKey::public(key.public_key().clone());
        Self { verifying, means: Means::Private(Arc::new(key)) }
    }

    /// A shared secret.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SecretKey, SigningKey};
    ///
    /// let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// assert!(key.public_key().is_none());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn secret(key: SecretKey) -> Self {
        let key = Arc::new(key);
        Self { verifying: VerifyingKey::shared(Arc::clone(&key)), means: Means::Secret(key) }
    }

    /// A private key that lives elsewhere; [`KeySource`] has an example.
    #[must_use]
    pub fn source(source: Arc<dyn KeySource>) -> Self {
        let verifying = VerifyingKey::public(source.public_key().clone());
        Self { verifying, means: Means::Source(source) }
    }

    /// Reads a private or symmetric (`oct`) JWK, with its `kid`.
    ///
    /// # Errors
    ///
    /// As [`PrivateKey::from_jwk`] or [`SecretKey::from_jwk`], where `key_ops` has to allow
    /// signing; [`KeyError::KeyId`] for a `kid` that is not usable.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{KeyError, SigningKey};
    ///
    /// let jwk = r#"{"kty":"oct","kid":"s1","k":"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"}"#;
    /// assert_eq!(SigningKey::from_jwk(jwk)?.id().map(|id| id.as_str()), Some("s1"));
    ///
    /// let verify_only = jwk.replace(r#""kid""#, r#""key_ops":["verify"],"kid""#);
    /// assert_eq!(SigningKey::from_jwk(&verify_only).unwrap_err(), KeyError::NotMeantForThis);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_jwk(text: &str) -> Result<Self, KeyError> {
        let jwk = Jwk::parse(text)?;
        let key = if jwk.is_symmetric()? {
            Self::secret(SecretKey::read(&jwk, &[SIGN])?)
        } else {
            Self::private(PrivateKey::read(&jwk)?)
        };
        Ok(match jwk.id()? {
            Some(id) => key.with_id(id),
            None => key,
        })
    }

    /// The same key under this id.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeyId, PrivateKey, SigningKey, jws};
    ///
    /// let key = SigningKey::private(PrivateKey::generate(Algorithm::EdDsa)?);
    /// let token = jws::sign(&key.with_id(KeyId::new("2027")?), "JWT", b"{}")?;
    /// let id = jws::Compact::parse(&token)?.header().key_id().cloned();
    /// assert_eq!(id, Some(KeyId::new("2027")?));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_id(mut self, id: KeyId) -> Self {
        self.verifying = self.verifying.with_id(id);
        self
    }

    /// The `kid` of tokens signed with this key.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey, SigningKey};
    /// # use jeton::{KeyId};
    ///
    /// let key = SigningKey::private(PrivateKey::generate(Algorithm::EdDsa)?);
    /// assert_eq!(key.id(), None);
    /// let id = KeyId::new("2027")?;
    /// assert_eq!(key.with_id(id.clone()).id(), Some(&id));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn id(&self) -> Option<&KeyId> {
        self.verifying.id()
    }

    /// The algorithm this key has.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey, SigningKey};
    ///
    /// let key = SigningKey::private(PrivateKey::generate(Algorithm::EdDsa)?);
    /// assert_eq!(key.algorithm(), Algorithm::EdDsa);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        self.verifying.algorithm()
    }

    /// The key that verifies what this one signs.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey, SigningKey};
    /// # use jeton::{jws};
    ///
    /// let key = SigningKey::private(PrivateKey::generate(Algorithm::EdDsa)?);
    /// let token = jws::sign(&key, "JWT", b"{}")?;
    /// assert!(jws::Compact::parse(&token)?.verify(&key.verifying_key()).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        self.verifying.clone()
    }

    /// The public half, unless the key is a shared secret.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey, SigningKey};
    ///
    /// let key = SigningKey::private(PrivateKey::generate(Algorithm::EdDsa)?);
    /// let thumbprint = key.public_key().map(|public| public.thumbprint());
    /// assert_eq!(thumbprint.map(|text| text.len()), Some(43));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn public_key(&self) -> Option<&PublicKey> {
        self.verifying.public_key()
    }

    /// Appends the signature of the message.
    pub(crate) fn sign_onto(
        &self,
        message: &[u8],
        signature: &mut Signature,
    ) -> Result<(), KeyError> {
        match &self.means {
            Means::Secret(key) => key.sign_onto(message, signature),
            Means::Private(key) => key.sign_onto(message, signature)?,
            Means::Source(source) => {
                let made = source.sign(message)?;
                if !self.verifying.verify(message, &made) {
                    return Err(KeyError::Signing);
                }
                signature.extend_from_slice(&made);
            }
        }
        Ok(())
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey")
            .field("id", &self.id())
            .field("algorithm", &self.algorithm())
            .finish_non_exhaustive()
    }
}
