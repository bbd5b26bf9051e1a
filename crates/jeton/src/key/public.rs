//! Public keys: what resource servers verify with.

use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::signature::ParsedPublicKey;

use crate::algorithm::Algorithm;
use crate::key::container::{self, Container};
use crate::key::{KeyError, der, sound};

/// What a public key is read from.
const CONTAINERS: [Container; 2] = [Container::Public, Container::RsaPublic];

/// A public key, parsed once, with its one algorithm. Cheap to clone.
///
/// # Examples
///
/// ```
/// use jeton::{KeySet, PublicKey, VerifyingKey};
///
/// let key = PublicKey::from_pem(
///     "-----BEGIN PUBLIC KEY-----
/// MCowBQYDK2VwAyEA11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo=
/// -----END PUBLIC KEY-----",
/// )?;
/// let keys = KeySet::new([VerifyingKey::public(key)])?;
/// # let _ = keys;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct PublicKey {
    algorithm: Algorithm,
    parsed: Arc<Parsed>,
}

struct Parsed {
    /// Remembers the bare key that it was parsed from.
    key: ParsedPublicKey,
    spki: Box<[u8]>,
}

impl PublicKey {
    /// Reads `-----BEGIN PUBLIC KEY-----` (SPKI, RFC 5280 section 4.1) or
    /// `-----BEGIN RSA PUBLIC KEY-----` (PKCS#1, RFC 8017 appendix A.1.1).
    ///
    /// The key itself says which algorithm it has; an RSA key is one for RS256 until
    /// [`with_algorithm`](Self::with_algorithm) says otherwise.
    ///
    /// # Errors
    ///
    /// [`KeyError::Pem`] unless it is one block of a key; [`KeyError::IsPrivate`];
    /// [`KeyError::Certificate`]; [`KeyError::Unsupported`] as in [`from_der`](Self::from_der).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeyError, PrivateKey, PublicKey};
    ///
    /// let key = PrivateKey::generate(Algorithm::Es256)?;
    /// assert!(PublicKey::from_pem(&key.public_key().to_pem()).is_ok());
    /// assert_eq!(PublicKey::from_pem(&key.to_pem()?).unwrap_err(), KeyError::IsPrivate);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        Self::from_der(&container::read_pem(text, &CONTAINERS)?)
    }

    /// Reads the DER of the same two.
    ///
    /// # Errors
    ///
    /// [`KeyError::IsPrivate`]; [`KeyError::Certificate`]; [`KeyError::Unsupported`] for anything else,
    /// also for RSA below 2048 or above 8192 bits or bound to PSS by its type, points that are not
    /// on their curve or compressed, and Ed25519 points of small order.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeyError, PrivateKey, PublicKey};
    ///
    /// let mut der = PrivateKey::generate(Algorithm::Es256)?.public_key().to_der();
    /// assert_eq!(PublicKey::from_der(&der)?.algorithm(), Algorithm::Es256);
    /// der.push(0);
    /// assert_eq!(PublicKey::from_der(&der).unwrap_err(), KeyError::Unsupported);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let container = container::of_wanted_der(der, &CONTAINERS)?;
        let bare = if container == Container::Public { bare_key(der) } else { Some(der) };
        let bare = bare.ok_or(KeyError::Unsupported)?;
        if container == Container::RsaPublic {
            return Self::from_bare(Algorithm::Rs256, bare);
        }
        Algorithm::one_of_each_key_type()
            .filter_map(|algorithm| Self::from_bare(algorithm, bare).ok())
            // One spelling of a key: no compressed points, no parameters nobody asked for.
            .find(|key| *key.parsed.spki == *der)
            .ok_or(KeyError::Unsupported)
    }

    /// The key as it stands in the bit string of its SPKI: PKCS#1 for RSA, an uncompressed point
    /// (SEC 1 section 2.3.3) for ECDSA, the plain bytes of the others.
    pub(super) fn from_bare(algorithm: Algorithm, bare: &[u8]) -> Result<Self, KeyError> {
        let verification = algorithm.verification().ok_or(KeyError::Algorithm)?;
        let key = ParsedPublicKey::new(verification, bare).map_err(|_| KeyError::Unsupported)?;
        if !sound::is_sound(algorithm, bare) {
            return Err(KeyError::Unsupported);
        }
        let spki: PublicKeyX509Der<'_> = key.as_der().map_err(|_| KeyError::Unsupported)?;
        // The library reads some keys out of an SPKI as well: a key has one spelling here, too.
        if bare_key(spki.as_ref()) != Some(bare) {
            return Err(KeyError::Unsupported);
        }
        let spki = spki.as_ref().into();
        Ok(Self { algorithm, parsed: Arc::new(Parsed { key, spki }) })
    }

    /// The same key for another algorithm.
    ///
    /// RSA keys fit six algorithms, Ed25519 has two names, every other key fits one algorithm.
    ///
    /// # Errors
    ///
    /// [`KeyError::Algorithm`] if keys of this type cannot have it.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeyError, PrivateKey};
    ///
    /// let key = PrivateKey::generate(Algorithm::EdDsa)?.public_key().clone();
    /// let key = key.with_algorithm(Algorithm::Ed25519)?;
    /// assert_eq!(key.with_algorithm(Algorithm::Es256).unwrap_err(), KeyError::Algorithm);
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn with_algorithm(self, algorithm: Algorithm) -> Result<Self, KeyError> {
        if algorithm.key_type() != self.algorithm.key_type() {
            return Err(KeyError::Algorithm);
        }
        Self::from_bare(algorithm, self.bare())
    }

    /// The algorithm this key has.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PublicKey};
    ///
    /// let jwk = r#"{"kty":"OKP","crv":"Ed25519","alg":"Ed25519",
    ///     "x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;
    /// assert_eq!(PublicKey::from_jwk(jwk)?.algorithm(), Algorithm::Ed25519);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key as a DER `SubjectPublicKeyInfo`.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey, PublicKey};
    ///
    /// let key = PrivateKey::generate(Algorithm::EdDsa)?.public_key().clone();
    /// assert_eq!(PublicKey::from_der(&key.to_der())?.thumbprint(), key.thumbprint());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_der(&self) -> Vec<u8> {
        self.parsed.spki.to_vec()
    }

    /// The key as `-----BEGIN PUBLIC KEY-----`.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey};
    ///
    /// let pem = PrivateKey::generate(Algorithm::EdDsa)?.public_key().to_pem();
    /// assert!(pem.starts_with("-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEA"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_pem(&self) -> String {
        container::write_pem(&self.parsed.spki, Container::Public)
    }

    pub(super) fn bare(&self) -> &[u8] {
        self.parsed.key.as_ref()
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.key.verify_sig(message, signature).is_ok()
    }
}

/// What is in the bit string of a `SubjectPublicKeyInfo`.
pub(super) fn bare_key(spki: &[u8]) -> Option<&[u8]> {
    match der::sequence(spki)?.as_slice() {
        [_, bits] => bits.content.strip_prefix(&[0]), // no unused bits
        _ => None,
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}
