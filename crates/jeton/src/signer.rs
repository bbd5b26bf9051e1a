//! From claims to a token.

use serde::Serialize;

use crate::claims::{NewAccessToken, is_reserved};
use crate::json;
use crate::jws;
use crate::key::{KeyError, SigningKey};
use crate::limits;
use crate::policy::ACCESS_TOKEN;

/// Signs tokens with one key.
///
/// # Examples
///
/// ```
/// use jeton::{
///     Algorithm, KeySet, Policy, SecretKey, Signer, SigningKey, Timestamp, Verifier,
/// };
///
/// let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
/// let token = Signer::new(key.clone()).sign("JWT", &serde_json::json!({ "sub": "alice" }))?;
///
/// let keys = KeySet::new([key.verifying_key()])?;
/// let verifier = Verifier::new(keys, Policy::signature_and_time_only().with_type("JWT"));
/// let claims = verifier.verify_claims(&token, Timestamp::from_secs(0))?;
/// assert_eq!(claims.text("sub")?, Some("alice"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Signer {
    key: SigningKey,
}

impl Signer {
    /// A signer with this key.
    #[must_use]
    pub const fn new(key: SigningKey) -> Self {
        Self { key }
    }

    /// Signs an access token: header `{"alg","kid","typ":"at+jwt"}` (RFC 9068 section 2.1).
    ///
    /// # Errors
    ///
    /// [`SignError`]
    pub fn access_token(&self, claims: &NewAccessToken<'_>) -> Result<String, SignError> {
        if claims.other.keys().any(|name| is_reserved(name)) {
            return Err(SignError::Reserved);
        }
        self.sign(ACCESS_TOKEN, claims)
    }

    /// Signs any claims as a JWT of this `typ`, if a verifier would read them.
    ///
    /// # Errors
    ///
    /// [`SignError`]
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, SignError> {
        let payload = serde_json::to_vec(claims).map_err(|_| SignError::Claims)?;
        if json::object(&payload).is_none() {
            return Err(SignError::Claims);
        }
        let token = jws::sign(&self.key, typ, &payload).map_err(SignError::Key)?;
        if token.len() > limits::TOKEN {
            return Err(SignError::Claims);
        }
        Ok(token)
    }
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The claims are not a JSON object, or over [`limits`](crate::limits): every verifier would
    /// refuse them.
    #[error("claims are not a JSON object that a verifier would read")]
    Claims,
    /// Among the application's claims is one that is [ours to set](is_reserved).
    #[error("an application's claim has a reserved name")]
    Reserved,
    /// The key could not sign.
    #[error(transparent)]
    Key(KeyError),
}
