//! From claims to a token.

use serde::Serialize;

use crate::claims::NewAccessToken;
use crate::jws;
use crate::key::{KeyError, SigningKey};
use crate::policy::ACCESS_TOKEN;

/// Signs tokens with one key.
///
/// # Examples
///
/// ```
/// use jeton::{KeySet, Policy, SecretKey, Signer, SigningKey, Timestamp, Verifier};
///
/// let key = SigningKey::secret(None, SecretKey::generate()?);
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
        self.sign(ACCESS_TOKEN, claims)
    }

    /// Signs any claims as a JWT of this `typ`.
    ///
    /// # Errors
    ///
    /// [`SignError`]
    pub fn sign(&self, typ: &str, claims: &impl Serialize) -> Result<String, SignError> {
        let payload = serde_json::to_vec(claims).map_err(|_| SignError::Claims)?;
        jws::sign(&self.key, typ, &payload).map_err(SignError::Key)
    }
}

/// Why nothing was signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The claims do not serialize as JSON.
    #[error("claims do not serialize as JSON")]
    Claims,
    /// The key could not sign.
    #[error(transparent)]
    Key(KeyError),
}
