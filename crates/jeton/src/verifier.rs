//! From a token to its claims.

use crate::claims::{AccessClaims, Claims};
use crate::error::VerifyError;
use crate::jws::{Compact, Verified};
use crate::key::{KeyId, KeySet};
use crate::policy::Policy;
use crate::timestamp::Timestamp;

/// Keys of one issuer and the policy for its tokens.
///
/// # Examples
///
/// ```
/// use jeton::{
///     Algorithm, KeySet, Policy, PrivateKey, SigningKey, Timestamp, Verifier, VerifyError,
/// };
///
/// let key = SigningKey::private(PrivateKey::generate(Algorithm::Es256)?);
/// let keys = KeySet::new([key.verifying_key()])?;
/// let verifier = Verifier::new(keys, Policy::access_token("https://login.example", "api"));
///
/// let refused = verifier.verify("no.token.atall", Timestamp::from_secs(0)).unwrap_err();
/// assert_eq!(refused, VerifyError::Malformed);
/// # Ok::<(), jeton::KeyError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verifier {
    keys: KeySet,
    policy: Policy,
}

impl Verifier {
    /// A verifier with these keys. With an empty set it refuses everything.
    #[must_use]
    pub const fn new(keys: KeySet, policy: Policy) -> Self {
        Self { keys, policy }
    }

    /// Verifies an access token (RFC 9068 section 4) and returns its claims.
    ///
    /// Structure, key, signature, claims, in this order; nothing unsigned is read.
    ///
    /// # Errors
    ///
    /// The first step that refuses the token names itself in [`VerifyError`].
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<AccessClaims, VerifyError> {
        let (key_id, verified) = self.verify_signature(token)?;
        let claims = self.policy.accept(&verified, now)?;
        AccessClaims::from_claims(key_id, claims)
    }

    /// Verifies any JWT and returns whatever claims it has.
    ///
    /// # Errors
    ///
    /// The first step that refuses the token names itself in [`VerifyError`].
    pub fn verify_claims(&self, token: &str, now: Timestamp) -> Result<Claims, VerifyError> {
        let (_, verified) = self.verify_signature(token)?;
        self.policy.accept(&verified, now)
    }

    /// What is asked of the claims.
    #[must_use]
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    fn verify_signature(&self, token: &str) -> Result<(Option<KeyId>, Verified), VerifyError> {
        let untrusted = Compact::parse(token)?;
        let header = untrusted.header();
        let mut refusal = VerifyError::UnknownKey;
        let key = self
            .keys
            .candidates(header.algorithm(), header.key_id())
            .find(|key| untrusted.check(key).map_err(|error| refusal = error).is_ok())
            .ok_or(refusal)?;
        Ok((key.id().cloned(), untrusted.checked()?))
    }
}
