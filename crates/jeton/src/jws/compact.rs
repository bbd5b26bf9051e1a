//! From text to signed bytes.

use std::borrow::Cow;
use std::fmt;

use crate::base64url;
use crate::error::VerifyError;
use crate::jws::Header;
use crate::key::{Signature, VerifyingKey};
use crate::limits::Limits;

/// The three parts of a token, still encoded.
#[derive(Clone, Copy)]
pub(crate) struct Parts<'t> {
    pub(crate) header: &'t str,
    pub(crate) payload: &'t str,
    signing_input: &'t str,
    signature: &'t str,
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
    header: Cow<'t, Header>,
    signing_input: &'t str,
    payload: &'t str,
    signature: Signature,
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
        let untrusted = Self::read(parts, &Limits::DEFAULT)?;
        if untrusted.header.critical().next().is_some() || untrusted.payload.contains('.') {
            return Err(VerifyError::Malformed);
        }
        Ok(untrusted)
    }

    /// Reads the parts of a token; what `crit` asks for is the caller's to decide.
    pub(crate) fn read(parts: Parts<'t>, limits: &Limits) -> Result<Self, VerifyError> {
        let longest = limits.header.saturating_mul(4).div_ceil(3);
        if parts.header.len() > longest {
            return Err(VerifyError::Malformed);
        }
        let header = base64url::decode(parts.header).ok_or(VerifyError::Malformed)?;
        let header = Header::from_json(&header, limits)?;
        Self::under(Cow::Owned(header), parts)
    }

    /// A token whose header has been read before.
    pub(crate) fn under(header: Cow<'t, Header>, parts: Parts<'t>) -> Result<Self, VerifyError> {
        let len = base64url::decoded_len(parts.signature).ok_or(VerifyError::Malformed)?;
        let mut signature = Signature::from_elem(0, len);
        base64url::decode_into(parts.signature, &mut signature).ok_or(VerifyError::Malformed)?;
        let Parts { signing_input, payload, .. } = parts;
        Ok(Self { header, signing_input, payload, signature })
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
    pub fn header(&self) -> &Header {
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
        if !self.is_signed_by(key) {
            return Err(VerifyError::BadSignature);
        }
        let payload = base64url::decode(self.payload).ok_or(VerifyError::Malformed)?;
        Ok(Verified { header: self.header.into_owned(), payload })
    }

    /// Whether the signature is this key's, which must have the header's algorithm.
    pub(crate) fn is_signed_by(&self, key: &VerifyingKey) -> bool {
        key.verify(self.signing_input.as_bytes(), &self.signature)
    }

    /// The payload, still encoded. Not to be believed before the signature was checked.
    pub(crate) const fn encoded_payload(&self) -> &'t str {
        self.payload
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
