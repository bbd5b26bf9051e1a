//! What a client hears that is told no (RFC 6749 section 5.2).

use std::any::Any;

use axum::Json;
use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, PRAGMA, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderMap, HeaderValue, StatusCode};
use serde::Serialize;
use tracing::error;

use crate::http::error::ApiError;

/// A code and a sentence. Both are ours: nothing that was sent is said again, and no cause of an
/// outage is told to anybody but the log. The letters are those that a header may quote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OAuthError {
    status: StatusCode,
    error: &'static str,
    description: &'static str,
    challenge: Option<HeaderValue>,
    /// Seconds.
    retry_after: Option<u32>,
}

#[derive(Serialize)]
struct Body {
    error: &'static str,
    error_description: &'static str,
}

impl OAuthError {
    pub(crate) const fn new(
        status: StatusCode,
        error: &'static str,
        description: &'static str,
    ) -> Self {
        Self { status, error, description, challenge: None, retry_after: None }
    }

    pub(crate) const fn invalid_request(description: &'static str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "invalid_request", description)
    }

    /// Whoever they are: an unknown client, a wrong secret and none at all hear the same.
    pub(crate) fn invalid_client() -> Self {
        let description = "the client is not known by these credentials";
        let challenge = Some(HeaderValue::from_static("Basic realm=\"jeton\""));
        let new = Self::new(StatusCode::UNAUTHORIZED, "invalid_client", description);
        Self { challenge, ..new }
    }

    pub(crate) const fn insufficient_scope() -> Self {
        let description = "the client may not do this";
        Self::new(StatusCode::FORBIDDEN, "insufficient_scope", description)
    }

    /// Too much at a time; the client comes back after so many seconds.
    pub(crate) fn too_many_requests(seconds: u32) -> Self {
        let description = "there are too many requests; try again later";
        let new = Self::new(StatusCode::TOO_MANY_REQUESTS, "temporarily_unavailable", description);
        Self { retry_after: Some(seconds), ..new }
    }

    pub(crate) const fn invalid_scope() -> Self {
        let description = "the scope is malformed, or more than may be had";
        Self::new(StatusCode::BAD_REQUEST, "invalid_scope", description)
    }

    /// RFC 6749 has no code for it; that of its section 4.1.2.1 says what is meant. Never a 4xx,
    /// after which clients throw good tokens away.
    pub(crate) fn unavailable(cause: &dyn std::fmt::Display) -> Self {
        error!(%cause, "unavailable");
        Self::try_again()
    }

    pub(crate) fn internal(cause: &dyn std::fmt::Display) -> Self {
        error!(%cause, "internal error");
        Self::out_of_order()
    }

    fn try_again() -> Self {
        let description = "the service is not available; try again";
        let status = StatusCode::SERVICE_UNAVAILABLE;
        let new = Self::new(status, "temporarily_unavailable", description);
        Self { retry_after: Some(1), ..new }
    }

    const fn out_of_order() -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, "server_error", "something went wrong")
    }
}

impl IntoResponse for OAuthError {
    fn into_response(self) -> Response {
        let body = Body { error: self.error, error_description: self.description };
        let mut response = (self.status, not_stored(), Json(body)).into_response();
        let headers = response.headers_mut();
        headers.extend(self.challenge.map(|challenge| (WWW_AUTHENTICATE, challenge)));
        headers.extend(self.retry_after.map(|seconds| (RETRY_AFTER, seconds.into())));
        response
    }
}

impl From<ApiError> for OAuthError {
    /// What happened outside of OAuth: a body that did not arrive, a deadline, a panic, a bearer
    /// token that was refused. Its cause has been logged.
    fn from(error: ApiError) -> Self {
        let challenge = error.challenge();
        let this = match error.status() {
            StatusCode::UNAUTHORIZED => {
                let description = "the access token is absent or not good";
                Self::new(StatusCode::UNAUTHORIZED, "invalid_token", description)
            }
            StatusCode::FORBIDDEN => Self::insufficient_scope(),
            StatusCode::SERVICE_UNAVAILABLE => Self::try_again(),
            StatusCode::PAYLOAD_TOO_LARGE => {
                let status = StatusCode::PAYLOAD_TOO_LARGE;
                Self::new(status, "invalid_request", "the request is too large")
            }
            StatusCode::BAD_REQUEST => Self::invalid_request("the request is not well-formed"),
            _ => Self::out_of_order(),
        };
        Self { challenge, ..this }
    }
}

/// Says what the layers have to say as OAuth says it.
pub(crate) async fn translate(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    match response.extensions_mut().remove::<ApiError>() {
        Some(error) => OAuthError::from(error).into_response(),
        None => response,
    }
}

/// The last resort, as elsewhere, but in OAuth's own way.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    error!(event = "panic", "a handler panicked");
    OAuthError::out_of_order().into_response()
}

pub(crate) async fn method_not_allowed() -> OAuthError {
    let status = StatusCode::METHOD_NOT_ALLOWED;
    OAuthError::new(status, "invalid_request", "the method is not allowed here")
}

/// Headers of an answer that nobody may keep (RFC 6749 section 5.1).
pub(crate) fn not_stored() -> HeaderMap {
    HeaderMap::from_iter([
        (CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (PRAGMA, HeaderValue::from_static("no-cache")),
    ])
}

#[cfg(test)]
mod tests {
    use axum::Router;
    use axum::body::{Body as AxumBody, to_bytes};
    use axum::routing::get;
    use tower::ServiceExt as _;
    use tower_http::catch_panic::CatchPanicLayer;

    use super::*;

    /// T7
    #[tokio::test]
    async fn a_defect_of_ours_is_told_as_oauth_tells_it() {
        async fn broken() {
            std::panic::resume_unwind(Box::new("a defect"))
        }
        let router = Router::new().route("/", get(broken));
        let router = router.layer(CatchPanicLayer::custom(panicked));

        let answer = router.oneshot(Request::new(AxumBody::empty())).await.unwrap();

        assert_eq!(answer.status(), StatusCode::INTERNAL_SERVER_ERROR);
        assert_eq!(answer.headers()[CACHE_CONTROL], "no-store");
        let body = to_bytes(answer.into_body(), 4_096).await.unwrap();
        let expected = br#"{"error":"server_error","error_description":"something went wrong"}"#;
        assert_eq!(&body[..], expected);
    }
}
