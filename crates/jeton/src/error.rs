//! Why a token was refused.

use crate::key::KeyError;
use crate::revocation::Reason;

/// Why a token's signature or claims were refused.
///
/// Everything here is the token's fault or the policy's: verifying does no I/O, so there is no
/// "try again". Absence, wrong type and wrong value of a claim are told apart.
///
/// # Examples
///
/// ```
/// use jeton::{Claims, KeySet, Policy, Timestamp, Verifier, VerifyError};
///
/// let verifier = Verifier::new(KeySet::default(), Policy::jwt());
/// let refused = verifier.verify::<Claims>("not a token", Timestamp::from_secs(0));
/// match refused {
///     Err(VerifyError::Expired) => println!("log in again"),
///     Err(error) => println!("{}: {error}", error.code()), // and to the client: invalid_token
///     Ok(_) => unreachable!(),
/// }
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
    /// Not three strict base64url parts, not JSON, over [`limits`](crate::limits), or with a header
    /// that is not ours to read: mistyped parameters, `crit` that is not understood, `b64`, `zip`.
    #[error("not a well-formed token")]
    Malformed,
    /// No key of the set has the header's `kid` and `alg`.
    #[error("no key matches the token's `kid` and `alg`")]
    UnknownKey,
    /// The signature is not the key's over these bytes.
    #[error("signature does not match")]
    BadSignature,
    /// `typ` is not the kind of token that was asked for.
    #[error("not a token of the wanted type")]
    WrongType,
    /// A claim the policy asks for is absent.
    #[error("claim `{0}` is missing")]
    ClaimMissing(&'static str),
    /// A claim is there with a JSON type it must not have; or something inside of it is not as the
    /// wanted type asks, which does not say what it is.
    #[error("claim `{0}` has the wrong JSON type")]
    ClaimMistyped(&'static str),
    /// A claim is not what the policy asks for.
    #[error("claim `{0}` was not accepted")]
    ClaimRefused(&'static str),
    /// The claims do not fit the type they were asked into, and no single one can be named.
    #[error("claims do not fit the wanted type")]
    ClaimsUnfit,
    /// `exp` has passed, or the token is older than the policy's greatest age.
    #[error("token has expired")]
    Expired,
    /// `nbf` has not come yet.
    #[error("token is not valid yet")]
    NotYetValid,
}

impl VerifyError {
    /// The stable code, for logs and answers (`docs/http.md` lists them).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::VerifyError;
    ///
    /// assert_eq!(VerifyError::Expired.code(), "token_expired");
    /// assert_eq!(VerifyError::ClaimRefused("aud").code(), "claim_refused");
    /// assert_eq!(VerifyError::ClaimRefused("aud").to_string(), "claim `aud` was not accepted");
    /// ```
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed => "token_malformed",
            Self::UnknownKey => "key_unknown",
            Self::BadSignature => "signature_invalid",
            Self::Expired => "token_expired",
            Self::NotYetValid => "token_not_yet_valid",
            Self::WrongType
            | Self::ClaimMissing(_)
            | Self::ClaimMistyped(_)
            | Self::ClaimRefused(_)
            | Self::ClaimsUnfit => "claim_refused",
        }
    }
}

/// Why [`Guard::check`](crate::Guard::check) refused a token.
///
/// Tell the client `invalid_token` (RFC 6750 section 3.1); [`code`](Self::code) says more.
///
/// # Examples
///
/// ```
/// use jeton::{Reason, Refusal, VerifyError};
///
/// /// Whether the client may go on with a refreshed token.
/// fn is_worth_a_refresh(refusal: Refusal) -> bool {
///     matches!(refusal, Refusal::Recalled | Refusal::Invalid(VerifyError::Expired))
/// }
/// assert!(is_worth_a_refresh(VerifyError::Expired.into()));
/// assert!(!is_worth_a_refresh(Refusal::Ended(Reason::LoggedOut)));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// Signature or claims were refused.
    #[error(transparent)]
    Invalid(#[from] VerifyError),
    /// The key that signed it was withdrawn.
    #[error("the key that signed the token was withdrawn")]
    KeyWithdrawn,
    /// The subject's access tokens were recalled: refreshing gives a new one.
    #[error("token was recalled")]
    Recalled,
    /// The token or its session has ended.
    #[error("session or token has ended: {}", .0.code())]
    Ended(Reason),
    /// The revocation list is older than it may be, so nobody knows. Not the token's fault: answer
    /// 503 with `Retry-After`, never 401, for a client throws its token away at a 401.
    #[error("the revocation list is too old to tell")]
    Stale,
}

impl Refusal {
    /// The stable code (`docs/http.md` lists them).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Reason, Refusal, VerifyError};
    ///
    /// assert_eq!(Refusal::Ended(Reason::PasswordChanged).code(), "password_changed");
    /// assert_eq!(Refusal::from(VerifyError::Expired).code(), "token_expired");
    /// ```
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Invalid(error) => error.code(),
            Self::KeyWithdrawn => "key_withdrawn",
            Self::Recalled => "token_recalled",
            Self::Ended(reason) => reason.code(),
            Self::Stale => "stale",
        }
    }
}

/// Why nothing was signed.
///
/// # Examples
///
/// ```
/// use jeton::{Algorithm, KeyError, SecretKey, SignError, Signer, SigningKey};
///
/// # let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
/// let refused = Signer::new(key).sign("JWT", &()).unwrap_err();
/// assert_eq!(refused, SignError::Claims);
/// assert!(!matches!(refused, SignError::Key(KeyError::NoRandomness)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignError {
    /// The claims are not a JSON object, or over [`limits`](crate::limits): every verifier would
    /// refuse them.
    #[error("claims are not a JSON object that a verifier would read")]
    Claims,
    /// Among the application's claims is one that is [ours to set](crate::is_reserved).
    #[error("an application's claim has a reserved name")]
    Reserved,
    /// A header parameter is the key's to set (`alg`, `kid`), changes what a payload means (`b64`,
    /// `zip`), or is of the wrong type; or the header is over [`limits`](crate::limits).
    #[error("a header parameter is not one that a verifier would read")]
    Header,
    /// The key could not sign.
    #[error(transparent)]
    Key(KeyError),
}
