//! Why a login or a refresh gave no tokens.

use jeton::{KeyError, Reason, Refusal, SignError, VerifyError};

use crate::store::StoreError;

/// Why no session was opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The subject has as many sessions as it may.
    #[error("the subject has too many sessions")]
    TooManySessions,
    /// The application may not set this claim.
    #[error("claim `{0}` is not the application's to set")]
    ReservedClaim(String),
    /// Empty, or over [`limits::SUBJECT`](jeton::limits::SUBJECT).
    #[error("`sub` must have 1 to 256 bytes")]
    Subject,
    /// Verifiers would refuse the token, for its claims are too long, too many or nested too deep.
    #[error("verifiers would refuse the token: {0}")]
    Unacceptable(Refusal),
    /// It is not known whether the session was opened. Answer 503.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The tokens could not be signed. Answer 500.
    #[error(transparent)]
    Signing(#[from] SignError),
}

/// Why a refresh token was not traded.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum RefreshError {
    /// Signature or claims were refused. Nothing has changed.
    #[error(transparent)]
    Invalid(#[from] VerifyError),
    /// The session has ended, for this reason if it is still known.
    #[error("the session has ended")]
    Ended(Option<Reason>),
    /// The token was spent and has come back: the session ended just now.
    #[error("a spent refresh token was replayed")]
    Replayed,
    /// It is the token of another client. Nothing has changed.
    #[error("the session is another client's")]
    Foreign,
    /// More scope was asked for than the session has. Nothing has changed.
    #[error("the session does not have this scope")]
    TooWide,
    /// It is not known whether the token was traded. Answer 503; asking again is safe.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The tokens could not be signed. Answer 500; asking again is safe.
    #[error(transparent)]
    Signing(#[from] SignError),
}

impl RefreshError {
    /// The stable code of a refusal; none for an outage.
    #[must_use]
    pub const fn code(&self) -> Option<&'static str> {
        match self {
            Self::Invalid(error) => Some(error.code()),
            Self::Ended(Some(reason)) => Some(reason.code()),
            // Too long ago for the reason to be known: it ended by itself, or nobody asks any more.
            Self::Ended(None) => Some("token_expired"),
            Self::Foreign => Some("claim_refused"),
            Self::TooWide => Some("invalid_scope"),
            Self::Replayed => Some(Reason::Replayed.code()),
            Self::Unavailable(_) | Self::Signing(_) => None,
        }
    }
}

/// Why a client got no token of its own.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientTokenError {
    /// The client's version could not be read. Answer 503.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
    /// The token could not be signed, or verifiers would not read it. Answer 500.
    #[error(transparent)]
    Signing(#[from] SignError),
}

/// No randomness means no session, and no pretence of one.
pub(crate) const NO_RANDOMNESS: SignError = SignError::Key(KeyError::NoRandomness);
