//! Private keys: what an issuer signs with.

use std::fmt;

use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::key::container::{self, Container};
use crate::key::pair::Pair;
use crate::key::{KeyError, PublicKey, Signature};

/// What a private key is read from.
const CONTAINERS: [Container; 3] =
    [Container::Private, Container::RsaPrivate, Container::EcPrivate];

/// A private key, parsed once, with its one algorithm. Wiped when dropped, never printed.
///
/// # Examples
///
/// ```
/// use jeton::{Algorithm, PrivateKey};
///
/// let key = PrivateKey::generate(Algorithm::Es256)?;
/// assert_eq!(format!("{key:?}"), "PrivateKey { algorithm: Es256, .. }");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PrivateKey {
    pair: Pair,
    public: PublicKey,
}

impl PrivateKey {
    /// A new key. RSA keys have 3072 bits.
    ///
    /// # Errors
    ///
    /// [`KeyError::Algorithm`] for a symmetric algorithm; [`KeyError::NoRandomness`] if the system
    /// has none.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey};
    ///
    /// let key = PrivateKey::generate(Algorithm::EdDsa)?;
    /// let again = PrivateKey::from_pem(&key.to_pem()?)?;
    /// assert_eq!(again.public_key().to_pem(), key.public_key().to_pem());
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let signing = algorithm.signing().ok_or(KeyError::Algorithm)?;
        Self::from_pair(algorithm, Pair::generate(signing)?)
    }

    /// Reads `-----BEGIN PRIVATE KEY-----` (PKCS#8, RFC 5958), `-----BEGIN RSA PRIVATE KEY-----`
    /// (PKCS#1, RFC 8017 appendix A.1.2) or `-----BEGIN EC PRIVATE KEY-----` (RFC 5915).
    ///
    /// The key itself says which algorithm it has; an RSA key is one for RS256 until
    /// [`with_algorithm`](Self::with_algorithm) says otherwise.
    ///
    /// # Errors
    ///
    /// [`KeyError::Pem`] unless it is one block of a key; [`KeyError::IsPublic`];
    /// [`KeyError::Encrypted`] for a key under a password; [`KeyError::Unsupported`] for a damaged or
    /// weak one, also for a file whose public key does not belong to its private one.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeyError, PrivateKey};
    ///
    /// let pem = PrivateKey::generate(Algorithm::Es384)?.to_pem()?;
    /// assert_eq!(PrivateKey::from_pem(&pem)?.algorithm(), Algorithm::Es384);
    ///
    /// let encrypted = pem.replace("PRIVATE KEY", "ENCRYPTED PRIVATE KEY");
    /// assert_eq!(PrivateKey::from_pem(&encrypted).unwrap_err(), KeyError::Encrypted);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_pem(text: &str) -> Result<Self, KeyError> {
        Self::from_der(&container::read_pem(text, &CONTAINERS)?)
    }

    /// Reads the DER of the same three.
    ///
    /// # Errors
    ///
    /// [`KeyError::IsPublic`], [`KeyError::Encrypted`] for a key under a password, or
    /// [`KeyError::Unsupported`] as in [`from_pem`](Self::from_pem).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeyError, PrivateKey};
    ///
    /// let key = PrivateKey::generate(Algorithm::Es256)?;
    /// assert!(PrivateKey::from_der(&key.to_der()?).is_ok());
    /// let public = key.public_key().to_der();
    /// assert_eq!(PrivateKey::from_der(&public).unwrap_err(), KeyError::IsPublic);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn from_der(der: &[u8]) -> Result<Self, KeyError> {
        let container = container::of_wanted_der(der, &CONTAINERS)?;
        let read = |algorithm: Algorithm| {
            Some((algorithm, Pair::from_der(algorithm.signing()?, container, der)?))
        };
        let found = Algorithm::one_of_each_key_type().find_map(read);
        let (algorithm, pair) = found.ok_or(KeyError::Unsupported)?;
        Self::from_pair(algorithm, pair)
    }

    pub(super) fn from_pair(algorithm: Algorithm, pair: Pair) -> Result<Self, KeyError> {
        let public = PublicKey::from_bare(algorithm, pair.public_key())?;
        Ok(Self { pair, public })
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
    /// let key = PrivateKey::generate(Algorithm::Rs256)?.with_algorithm(Algorithm::Ps256)?;
    /// assert_eq!(key.algorithm(), Algorithm::Ps256);
    /// assert_eq!(key.with_algorithm(Algorithm::Es256).unwrap_err(), KeyError::Algorithm);
    /// # Ok::<(), KeyError>(())
    /// ```
    pub fn with_algorithm(self, algorithm: Algorithm) -> Result<Self, KeyError> {
        let signing = algorithm.signing().ok_or(KeyError::Algorithm)?;
        let pair = self.pair.signing(signing).ok_or(KeyError::Algorithm)?;
        Ok(Self { pair, public: self.public.with_algorithm(algorithm)? })
    }

    /// The key as PKCS#8 DER. Wiped when dropped.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotExportable`] for an ML-DSA key that was read without its seed.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey};
    ///
    /// let der = PrivateKey::generate(Algorithm::Ed25519)?.to_der()?;
    /// assert_eq!(PrivateKey::from_der(&der)?.algorithm(), Algorithm::EdDsa); // one key, two names
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        self.pair.to_der()
    }

    /// The key as `-----BEGIN PRIVATE KEY-----`. Wiped when dropped.
    ///
    /// # Errors
    ///
    /// [`KeyError::NotExportable`] for an ML-DSA key that was read without its seed.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey};
    ///
    /// let pem = PrivateKey::generate(Algorithm::MlDsa44)?.to_pem()?;
    /// assert!(pem.starts_with("-----BEGIN PRIVATE KEY-----\n"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        Ok(Zeroizing::new(container::write_pem(&self.to_der()?, Container::Private)))
    }

    /// The algorithm this key has.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey};
    ///
    /// assert_eq!(PrivateKey::generate(Algorithm::Es512)?.algorithm(), Algorithm::Es512);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// The public half.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, JwkSet, PrivateKey};
    ///
    /// let key = PrivateKey::generate(Algorithm::Es256)?;
    /// let published = JwkSet::new([(None, key.public_key())]).to_json();
    /// assert!(!published.contains(r#""d""#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    pub(super) const fn pair(&self) -> &Pair {
        &self.pair
    }

    /// Appends the signature of the message.
    pub(crate) fn sign_onto(
        &self,
        message: &[u8],
        signature: &mut Signature,
    ) -> Result<(), KeyError> {
        self.pair.sign_onto(message, signature)
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}
