//! Why a request did not get through, as RFC 6750 section 3 says it.

use std::fmt::Write as _;

use http::{HeaderValue, StatusCode};
use jeton::Refusal;

use crate::realm::is_plain;
use crate::{Realm, Scopes};

/// Why a request has no identity, or not one that will do.
///
/// # Examples
///
/// ```
/// use http::StatusCode;
/// use jeton::{Reason, Refusal};
/// use jeton_tower::Rejection;
///
/// let logged_out = Rejection::from(Refusal::Ended(Reason::LoggedOut));
/// assert_eq!((logged_out.status(), logged_out.code()), (StatusCode::UNAUTHORIZED, "logged_out"));
///
/// // Nobody knows: not the token's fault, so the client keeps it and comes again.
/// let stale = Rejection::from(Refusal::Stale);
/// assert_eq!((stale.status(), stale.code()), (StatusCode::SERVICE_UNAVAILABLE, "stale"));
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Rejection {
    /// It carries no token.
    #[error("no access token was sent")]
    Missing,
    /// It carries more than one.
    #[error("more than one access token was sent")]
    Ambiguous,
    /// Its credentials are not a token.
    #[error("the credentials are not `Bearer` and one token")]
    Malformed,
    /// Its token is in a cookie, and nothing shows that a page of our own sends it.
    #[error("another site may have sent this")]
    CrossSite,
    /// Its token was refused; never for [`Refusal::Stale`], which is [`Stale`](Self::Stale).
    #[error(transparent)]
    Refused(Refusal),
    /// Nobody knows whether its token was revoked.
    #[error("what was revoked is not known right now")]
    Stale,
    /// Its token is a client's own, and this is for users.
    #[error("this is for users, not for clients")]
    NotAUser,
    /// Its token has not all of these scopes.
    #[error("the token has not the scope that is needed")]
    InsufficientScope(Scopes),
}

impl Rejection {
    /// The stable code (`docs/http.md` lists them).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::Rejection;
    ///
    /// assert_eq!(Rejection::Missing.code(), "token_missing");
    /// assert_eq!(Rejection::InsufficientScope("a".into()).code(), "insufficient_scope");
    /// ```
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "token_missing",
            Self::Ambiguous | Self::Malformed => "bad_request",
            Self::Refused(refusal) => refusal.code(),
            Self::Stale => "stale",
            Self::CrossSite | Self::NotAUser => "forbidden",
            Self::InsufficientScope(_) => "insufficient_scope",
        }
    }

    /// 400 for a request that is wrong whoever sends it, 401 without a good token, 403 with one that
    /// does not suffice, 503 where nobody knows.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::Rejection;
    ///
    /// assert_eq!(Rejection::Ambiguous.status(), 400);
    /// assert_eq!(Rejection::NotAUser.status(), 403);
    /// ```
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Ambiguous | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Stale | Self::Refused(Refusal::Stale) => StatusCode::SERVICE_UNAVAILABLE,
            Self::Missing | Self::Refused(_) => StatusCode::UNAUTHORIZED,
            Self::CrossSite | Self::NotAUser | Self::InsufficientScope(_) => StatusCode::FORBIDDEN,
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 section 3): without `error` where there were no
    /// credentials, and without any detail that helps a forger. None where another token would not
    /// help.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::{Realm, Rejection};
    ///
    /// let needed = Rejection::InsufficientScope("orders:write".into());
    /// let challenge = needed.challenge(&Realm::default()).ok_or("no challenge")?;
    /// assert_eq!(
    ///     challenge,
    ///     r#"Bearer realm="jeton", error="insufficient_scope", scope="orders:write""#
    /// );
    /// assert_eq!(Rejection::Stale.challenge(&Realm::default()), None);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn challenge(&self, realm: &Realm) -> Option<HeaderValue> {
        let mut challenge = format!("Bearer realm=\"{}\"", realm.name());
        if let Some(error) = self.error()? {
            // Writing to a string cannot fail.
            let _ = write!(challenge, ", error=\"{error}\"");
            if realm.describes() {
                let _ = write!(challenge, ", error_description=\"{}\"", self.description());
            }
        }
        if let Self::InsufficientScope(scopes) = self
            && let Some(scopes) = scopes.challenge()
        {
            let _ = write!(challenge, ", scope=\"{scopes}\"");
        }
        // Everything in it is printable ASCII.
        let fallback = HeaderValue::from_static("Bearer");
        Some(HeaderValue::try_from(challenge).unwrap_or(fallback))
    }

    /// The error code of RFC 6750 section 3.1: inside, where a challenge has one; outside, where
    /// there is a challenge.
    #[expect(clippy::option_option, reason = "no challenge, and a challenge without an error")]
    const fn error(&self) -> Option<Option<&'static str>> {
        match self {
            Self::Missing => Some(None),
            Self::Ambiguous | Self::Malformed => Some(Some("invalid_request")),
            Self::Stale | Self::Refused(Refusal::Stale) | Self::CrossSite | Self::NotAUser => None,
            Self::Refused(_) => Some(Some("invalid_token")),
            Self::InsufficientScope(_) => Some(Some("insufficient_scope")),
        }
    }

    /// Its own words, of the characters that RFC 6750 section 3 allows.
    fn description(&self) -> String {
        let is_fit = |letter: &char| u8::try_from(*letter).is_ok_and(is_plain);
        self.to_string().chars().filter(is_fit).collect()
    }
}

impl From<Refusal> for Rejection {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Stale => Self::Stale,
            refusal => Self::Refused(refusal),
        }
    }
}
