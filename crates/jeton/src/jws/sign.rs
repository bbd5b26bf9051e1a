//! From bytes to a signed token.

use serde::Serialize;

use crate::base64url;
use crate::error::SignError;
use crate::jws::Header;
use crate::key::{KeyError, KeyId, Signature, SigningKey};
use crate::limits::Limits;

/// Room for the signatures of HMAC and of elliptic curves, encoded; others make the text grow.
const SIGNATURE_ROOM: usize = 180;

#[derive(Serialize)]
struct HeaderOut<'h> {
    alg: &'h str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'h str>,
    typ: &'h str,
}

/// Signs a payload as a compact JWS with the header `{"alg","kid","typ"}`, however long they are:
/// [`Signer`](crate::Signer) signs nothing that verifiers would find too long.
///
/// # Errors
///
/// [`KeyError::Signing`] if the key could not sign, for want of randomness or because it lives
/// elsewhere ([`KeySource`](crate::KeySource)).
///
/// # Examples
///
/// ```
/// use jeton::jws::{self, Compact};
/// use jeton::{Algorithm, SecretKey, SigningKey};
///
/// let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
/// let token = jws::sign(&key, "example+jws", b"any bytes")?;
///
/// let verified = Compact::parse(&token)?.verify(&key.verifying_key())?;
/// assert_eq!(verified.payload(), b"any bytes");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign(key: &SigningKey, typ: &str, payload: &[u8]) -> Result<String, KeyError> {
    sign_encoded(key, &encoded_header(key, typ), payload)
}

/// Signs a payload under this header: JSON, byte for byte. Its `alg` must be the key's.
///
/// For headers that [`sign`] does not write, such as those with parameters of one's own.
///
/// # Errors
///
/// [`SignError::Header`] if the header is not one that a verifier would read, or names another
/// algorithm; [`SignError::Key`] if the key could not sign.
///
/// # Examples
///
/// ```
/// use jeton::{Algorithm, SecretKey, SigningKey, jws};
///
/// let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
/// let token = jws::sign_under(&key, r#"{"typ":"JWT","alg":"HS256","x":1}"#, b"{}")?;
/// assert!(token.starts_with("eyJ0eXAiOiJKV1QiLCJhbGciOiJIUzI1NiIsIngiOjF9.e30."));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn sign_under(key: &SigningKey, header: &str, payload: &[u8]) -> Result<String, SignError> {
    sign_within(&Limits::DEFAULT, key, header, payload)
}

/// The same for verifiers with these limits.
pub(crate) fn sign_within(
    limits: &Limits,
    key: &SigningKey,
    header: &str,
    payload: &[u8],
) -> Result<String, SignError> {
    let read = Header::from_json(header.as_bytes(), limits);
    if read.map(|header| header.algorithm()) != Ok(Some(key.algorithm())) {
        return Err(SignError::Header);
    }
    sign_encoded(key, &base64url::encode(header.as_bytes()), payload).map_err(SignError::Key)
}

/// The header `{"alg","kid","typ"}` of tokens by this key, in base64url.
pub(crate) fn encoded_header(key: &SigningKey, typ: &str) -> String {
    let header = HeaderOut { alg: key.algorithm().name(), kid: key.id().map(KeyId::as_str), typ };
    // Three texts always have a JSON form.
    base64url::encode(&serde_json::to_vec(&header).unwrap_or_default())
}

/// Signs a payload under a header in base64url.
pub(crate) fn sign_encoded(
    key: &SigningKey,
    header: &str,
    payload: &[u8],
) -> Result<String, KeyError> {
    let payload_room = payload.len() / 3 * 4 + 4;
    let mut token = String::with_capacity(header.len() + payload_room + 2 + SIGNATURE_ROOM);
    let mut signature = Signature::new();
    token.push_str(header);
    token.push('.');
    base64url::encode_onto(&mut token, payload);
    key.sign_onto(token.as_bytes(), &mut signature)?;
    token.push('.');
    base64url::encode_onto(&mut token, &signature);
    Ok(token)
}
