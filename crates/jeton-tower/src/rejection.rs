//! Why a request did not get through, as RFC 6750 section 3 says it.

use axum_core::body::Body;
use axum_core::response::{IntoResponse, Response};
use http::header::{CONTENT_TYPE, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use jeton::Refusal;

/// Why a request has no identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
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
    /// Its token was refused.
    #[error(transparent)]
    Refused(#[from] Refusal),
}

impl Rejection {
    /// The stable code (`docs/http.md` lists them).
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Missing => "token_missing",
            Self::Ambiguous | Self::Malformed => "bad_request",
            Self::Refused(refusal) => refusal.code(),
        }
    }

    /// 400 for a request that is wrong whoever sends it, else 401.
    #[must_use]
    pub const fn status(&self) -> StatusCode {
        match self {
            Self::Ambiguous | Self::Malformed => StatusCode::BAD_REQUEST,
            Self::Missing | Self::Refused(_) => StatusCode::UNAUTHORIZED,
        }
    }

    /// The value of `WWW-Authenticate` (RFC 6750 section 3): without `error` where there were no
    /// credentials, and without any detail that helps a forger.
    #[must_use]
    pub const fn challenge(&self) -> HeaderValue {
        let challenge = match self {
            Self::Missing => "Bearer realm=\"jeton\"",
            Self::Ambiguous | Self::Malformed => {
                "Bearer realm=\"jeton\", error=\"invalid_request\""
            }
            Self::Refused(_) => "Bearer realm=\"jeton\", error=\"invalid_token\"",
        };
        HeaderValue::from_static(challenge)
    }
}

impl IntoResponse for Rejection {
    /// `{"success":false,"data":null,"msg":…,"code":…}` with the challenge.
    fn into_response(self) -> Response {
        let (code, msg) = (self.code(), self.to_string());
        // Both are ours and free of quotes and backslashes.
        let body = format!(r#"{{"success":false,"data":null,"msg":"{msg}","code":"{code}"}}"#);
        let mut response = Response::new(Body::from(body));
        *response.status_mut() = self.status();
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(WWW_AUTHENTICATE, self.challenge());
        response
    }
}
