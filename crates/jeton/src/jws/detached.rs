//! Payloads that travel beside their token (RFC 7515 appendix F).

use crate::base64url;
use crate::error::VerifyError;

/// Takes the payload out of a token, which leaves `header..signature`.
///
/// # Errors
///
/// [`VerifyError::Malformed`] if the token has not three parts.
///
/// # Examples
///
/// ```
/// use jeton::jws::{self, Compact};
/// use jeton::{Algorithm, SecretKey, SigningKey};
///
/// let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
/// let document = b"a document of its own";
/// let detached = jws::detach(&jws::sign(&key, "example+jws", document)?)?;
/// assert!(detached.contains(".."));
///
/// let token = jws::attach(&detached, document)?;
/// assert!(Compact::parse(&token)?.verify(&key.verifying_key()).is_ok());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn detach(token: &str) -> Result<String, VerifyError> {
    let (header, _, signature) = parts(token)?;
    Ok(format!("{header}..{signature}"))
}

/// Puts the payload back into a token without one, to be verified like any other.
///
/// [`Compact::parse`](crate::jws::Compact::parse) reads tokens up to the default limits; for longer
/// ones there is [`Verifier::verify_payload`](crate::Verifier::verify_payload) of a verifier with
/// other [limits](crate::Verifier::with_limits).
///
/// # Errors
///
/// [`VerifyError::Malformed`] if the token has not three parts, or has a payload already.
///
/// # Examples
///
/// ```
/// # use jeton::{Algorithm, SecretKey, SigningKey, VerifyError, jws};
/// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
/// # let token = jws::sign(&key, "JWT", b"{}")?;
/// let detached = jws::detach(&token)?;
/// assert_eq!(jws::attach(&detached, b"{}")?, token);
/// assert_eq!(jws::attach(&token, b"{}"), Err(VerifyError::Malformed)); // has a payload
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn attach(detached: &str, payload: &[u8]) -> Result<String, VerifyError> {
    match parts(detached)? {
        (header, "", signature) => {
            Ok(format!("{header}.{}.{signature}", base64url::encode(payload)))
        }
        _ => Err(VerifyError::Malformed),
    }
}

fn parts(token: &str) -> Result<(&str, &str, &str), VerifyError> {
    let (header, rest) = token.split_once('.').ok_or(VerifyError::Malformed)?;
    let (payload, signature) = rest.split_once('.').ok_or(VerifyError::Malformed)?;
    if signature.contains('.') {
        return Err(VerifyError::Malformed);
    }
    Ok((header, payload, signature))
}
