//! From text to signed bytes.

use std::fmt;

use crate::base64url;
use crate::error::VerifyError;
use crate::jws::Header;
use crate::key::VerifyingKey;
use crate::limits;

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
    signing_input: &'t str,
    payload: &'t str,
    signature: Vec<u8>,
    header: Header,
}

impl<'t> Compact<'t> {
    /// Reads `header.payload.signature`.
    ///
    /// Length is checked before anything is read; one spelling of each part is accepted.
    ///
    /// # Errors
    ///
    /// [`VerifyError::Malformed`]
    pub fn parse(token: &'t str) -> Result<Self, VerifyError> {
        if token.len() > limits::TOKEN {
            return Err(VerifyError::Malformed);
        }
        let (signing_input, signature) = token.rsplit_once('.').ok_or(VerifyError::Malformed)?;
        let (header, payload) = signing_input.split_once('.').ok_or(VerifyError::Malformed)?;
        if payload.contains('.') {
            return Err(VerifyError::Malformed);
        }
        let header = base64url::decode(header).ok_or(VerifyError::Malformed)?;
        let signature = base64url::decode(signature).ok_or(VerifyError::Malformed)?;
        Ok(Self { signing_input, payload, signature, header: Header::from_json(&header)? })
    }

    /// What the token says of itself, to choose a key by.
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
    pub fn verify(self, key: &VerifyingKey) -> Result<Verified, VerifyError> {
        self.check(key)?;
        self.checked()
    }

    /// Whether the signature is this key's.
    pub(crate) fn check(&self, key: &VerifyingKey) -> Result<(), VerifyError> {
        if !self.header.algorithm().is_some_and(|asked| asked.is_same_as(key.algorithm())) {
            return Err(VerifyError::UnknownKey);
        }
        if !key.verify(self.signing_input.as_bytes(), &self.signature) {
            return Err(VerifyError::BadSignature);
        }
        Ok(())
    }

    /// What a key has [checked](Self::check).
    pub(crate) fn checked(self) -> Result<Verified, VerifyError> {
        let payload = base64url::decode(self.payload).ok_or(VerifyError::Malformed)?;
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
#[derive(Debug)]
pub struct Verified {
    header: Header,
    payload: Vec<u8>,
}

impl Verified {
    /// The header, now signed.
    #[must_use]
    pub const fn header(&self) -> &Header {
        &self.header
    }

    /// The signed bytes.
    #[must_use]
    pub fn payload(&self) -> &[u8] {
        &self.payload
    }
}
