//! From text to signed bytes.

use std::fmt;

use crate::base64url;
use crate::error::VerifyError;
use crate::jws::Header;
use crate::key::VerifyingKey;
use crate::limits::Limits;

/// The three parts of a token, still encoded.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'t> {
    pub(crate) header: &'t str,
    pub(crate) payload: &'t str,
    pub(crate) signing_input: &'t str,
    pub(crate) signature: &'t str,
}

impl<'t> Parts<'t> {
    pub(crate) fn split(token: &'t str, limits: &Limits) -> Result<Self, VerifyError> {
        if token.len() > limits.token {
            return Err(VerifyError::Malformed);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(VerifyError::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(VerifyError::Malformed)?;
        Ok(Self { header, payload, signing_input, signature })
    }

    /// What the header says. What `crit` asks for is the caller's to decide.
    pub(crate) fn read_header(&self, limits: &Limits) -> Result<Header, VerifyError> {
        if self.header.len() > limits.header.saturating_mul(4).div_ceil(3) {
            return Err(VerifyError::Malformed);
        }
        let header = base64url::decode(self.header).ok_or(VerifyError::Malformed)?;
        Header::from_json(&header, limits)
    }
}

/// A well-formed token of which nothing is known yet.
///
/// It has no payload to read, and `Debug` shows its header only:
///
/// ```compile_fail,E0599
/// # let token = "eyJhbGciOiJFUzI1NiJ9.e30.";
/// let untrusted = jeton::jws::Compact::parse(token)?;
/// println!("{:?}", untrusted.payload()); // only `Verified` has one
/// # Ok::<(), jeton::VerifyError>(())
/// ```
pub struct Compact<'t> {
    header: Header,
    parts: Parts<'t>,
    signature: Vec<u8>,
}

impl<'t> Compact<'t> {
    /// Reads `header.payload.signature`.
    ///
    /// Length is checked before anything is read; one spelling of each part is accepted.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Malformed`], also for a header whose `crit` asks for anything.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Algorithm, SecretKey, SigningKey, VerifyError, jws::{self, Compact}};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// let token = jws::sign(&key, "JWT", b"{}")?;
    /// assert!(Compact::parse(&token).is_ok());
    /// assert_eq!(Compact::parse(&format!("{token}=")).unwrap_err(), VerifyError::Malformed);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn parse(token: &'t str) -> Result<Self, VerifyError> {
        let parts = Parts::split(token, &Limits::DEFAULT)?;
        let header = parts.read_header(&Limits::DEFAULT)?;
        if header.critical().next().is_some() || parts.payload.contains('.') {
            return Err(VerifyError::Malformed);
        }
        let signature = base64url::decode(parts.signature).ok_or(VerifyError::Malformed)?;
        Ok(Self { header, parts, signature })
    }

    /// What the token says of itself, to choose a key by.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Algorithm, SecretKey, SigningKey, VerifyError, jws::{self, Compact}};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// let token = jws::sign(&key, "JWT", b"{}")?;
    /// let untrusted = Compact::parse(&token)?;
    /// assert_eq!(untrusted.header().algorithm(), Some(Algorithm::Hs256)); // says the token
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// Checks the signature with this key.
    ///
    /// # Errors
    ///
    /// [`VerifyError::BadSignature`]; [`VerifyError::UnknownKey`] if the header names another
    /// algorithm than the key's; [`VerifyError::Malformed`] if the signed payload is not strict
    /// base64url.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Algorithm, SecretKey, SigningKey, VerifyError, jws::{self, Compact}};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// let token = jws::sign(&key, "JWT", b"{}")?;
    /// let other = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    ///
    /// assert!(Compact::parse(&token)?.verify(&key.verifying_key()).is_ok());
    /// let refused = Compact::parse(&token)?.verify(&other.verifying_key());
    /// assert_eq!(refused.unwrap_err(), VerifyError::BadSignature);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn verify(self, key: &VerifyingKey) -> Result<Verified, VerifyError> {
        if !self.header.algorithm().is_some_and(|asked| asked.is_same_as(key.algorithm())) {
            return Err(VerifyError::UnknownKey);
        }
        if !key.verify(self.parts.signing_input.as_bytes(), &self.signature) {
            return Err(VerifyError::BadSignature);
        }
        let payload = base64url::decode(self.parts.payload).ok_or(VerifyError::Malformed)?;
        Ok(Verified { header: self.header, payload })
    }
}

/// The header alone: the rest is a credential, and logs are no place for it.
impl fmt::Debug for Compact<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Compact").field("header", &self.header).finish_non_exhaustive()
    }
}

/// Header and payload behind a signature that was checked.
///
/// Only [`Compact::verify`] makes one. Claims are read out of it by
/// [`Policy::accept`](crate::Policy::accept).
///
/// # Examples
///
/// ```
/// # use jeton::{Algorithm, SecretKey, SigningKey, VerifyError, jws::{self, Compact}};
/// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
/// let token = jws::sign(&key, "JWT", b"{}")?;
/// let verified = Compact::parse(&token)?.verify(&key.verifying_key())?;
/// assert!(verified.header().is_type("JWT"));
/// assert_eq!(verified.payload(), b"{}");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Verified {
    header: Header,
    payload: Vec<u8>,
}

impl Verified {
    /// The header, now signed.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Algorithm, SecretKey, SigningKey, VerifyError, jws::{self, Compact}};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let token = jws::sign(&key, "JWT", b"{}")?;
    /// let verified = Compact::parse(&token)?.verify(&key.verifying_key())?;
    /// assert_eq!(verified.header().algorithm(), Some(Algorithm::Hs256));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The signed bytes.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Algorithm, SecretKey, SigningKey, VerifyError, jws::{self, Compact}};
    /// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
    /// # let token = jws::sign(&key, "JWT", b"{}")?;
    /// let verified = Compact::parse(&token)?.verify(&key.verifying_key())?;
    /// assert_eq!(verified.payload(), b"{}");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
}

/// The header, and how long the payload is: claims are no business of a log.
impl fmt::Debug for Verified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Verified")
            .field("header", &self.header)
            .field("payload_len", &self.payload.len())
            .finish_non_exhaustive()
    }
}
