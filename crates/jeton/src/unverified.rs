//! For debuggers: what a token says, whoever wrote it.

use serde_json::{Map, Value};

use crate::base64url;
use crate::error::VerifyError;
use crate::json;
use crate::jws::Parts;
use crate::limits::Limits;

/// What a token says of itself. **Anybody may have written it**: nothing in here was verified, and
/// no decision may rest on it. Nothing turns it into [`Claims`](crate::Claims):
///
/// ```compile_fail,E0277
/// let token = jeton::decode_without_verifying("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.")?;
/// let claims: jeton::Claims = token.into();
/// # Ok::<(), jeton::VerifyError>(())
/// ```
///
/// ```compile_fail,E0308
/// # let now = jeton::Timestamp::from_secs(0);
/// let token = jeton::decode_without_verifying("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.")?;
/// let claims = jeton::Policy::jwt().accept(&token, now)?;
/// # Ok::<(), jeton::VerifyError>(())
/// ```
///
/// # Examples
///
/// ```
/// use jeton::UnverifiedToken;
///
/// /// For a log of refused tokens: which key it asked for.
/// fn asked_for(token: &UnverifiedToken) -> Option<&str> {
///     token.unverified_header.get("kid")?.as_str()
/// }
/// # let token = jeton::decode_without_verifying("eyJraWQiOiIyMDI3In0.e30.")?;
/// assert_eq!(asked_for(&token), Some("2027"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct UnverifiedToken {
    /// Every header parameter.
    pub unverified_header: Map<String, Value>,
    /// Every claim.
    pub unverified_claims: Map<String, Value>,
}

/// Decodes header and claims **without verifying the signature**: to look at a token, never to
/// trust it. [`Verifier::verify`](crate::Verifier::verify) is what services call.
///
/// Whatever the signature is, or if it is empty, it is not looked at; the rest is read as strictly
/// as ever.
///
/// # Errors
///
/// [`VerifyError::Malformed`] unless it is three parts, header and payload of which are JSON objects
/// in strict base64url, within the default [limits](crate::limits).
///
/// # Examples
///
/// ```
/// let token = jeton::decode_without_verifying("eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.")?;
///
/// assert_eq!(token.unverified_header["alg"], "none");
/// assert_eq!(token.unverified_claims["sub"], "alice");
/// # Ok::<(), jeton::VerifyError>(())
/// ```
pub fn decode_without_verifying(token: &str) -> Result<UnverifiedToken, VerifyError> {
    let parts = Parts::split(token, &Limits::DEFAULT)?;
    let object = |text: &str| {
        let bytes = base64url::decode(text).ok_or(VerifyError::Malformed)?;
        json::object(&bytes).ok_or(VerifyError::Malformed)
    };
    Ok(UnverifiedToken {
        unverified_header: object(parts.header)?,
        unverified_claims: object(parts.payload)?,
    })
}
