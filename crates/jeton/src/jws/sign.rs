//! From bytes to a signed token.

use serde::Serialize;

use crate::base64url;
use crate::key::{KeyError, KeyId, SigningKey};

#[derive(Serialize)]
struct HeaderOut<'h> {
    alg: &'h str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kid: Option<&'h str>,
    typ: &'h str,
}

/// Signs a payload as a compact JWS with the header `{"alg","kid","typ"}`.
///
/// # Errors
///
/// [`KeyError::Signing`] if the key did not sign.
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
    let alg = key.algorithm().name();
    let header = HeaderOut { alg, kid: key.id().map(KeyId::as_str), typ };
    let header = serde_json::to_vec(&header).map_err(|_| KeyError::KeyId)?;

    let mut token = String::with_capacity((header.len() + payload.len()) * 4 / 3 + 100);
    base64url::encode_onto(&mut token, &header);
    token.push('.');
    base64url::encode_onto(&mut token, payload);
    let mut signature = Vec::new();
    key.sign_onto(token.as_bytes(), &mut signature)?;
    token.push('.');
    base64url::encode_onto(&mut token, &signature);
    Ok(token)
}
