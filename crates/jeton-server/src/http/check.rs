//! `/v1/check`: for gateways that ask before they pass a request on.
//!
//! nginx `auth_request`, Caddy and Traefik forward auth, Envoy `ext_authz`: 200 with the identity in
//! headers, or the refusal to hand to the client. Any method, since some gateways keep the client's.

use axum::extract::{Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL};
use http::{HeaderMap, HeaderName, HeaderValue};
use jeton::Identity;
use tracing::debug;

use crate::app::App;
use crate::http::code;
use crate::http::error::ApiError;
use crate::http::language::Language;

const SUBJECT: HeaderName = HeaderName::from_static("jeton-subject");
const SESSION: HeaderName = HeaderName::from_static("jeton-session");
const CLIENT: HeaderName = HeaderName::from_static("jeton-client");
const SCOPE: HeaderName = HeaderName::from_static("jeton-scope");

/// Every request of a protected service comes by here, so it is kept clear of the layers that the
/// other routes have, and speaks the language of a refusal by itself.
pub(crate) async fn check(State(app): State<App>, request: Request) -> Response {
    let identity = app.gate().check(request.headers()).map_err(ApiError::from);
    let response = match identity.and_then(|identity| identity_headers(&identity)) {
        Ok(headers) => headers.into_response(),
        Err(error) => error.render(Language::wanted(request.headers().get(ACCEPT_LANGUAGE))),
    };
    let (method, status) = (request.method(), response.status().as_u16());
    debug!(event = "request", %method, route = "/v1/check", status);
    response
}

/// All of them always, empty if need be: a gateway overwrites what the client sent with what it gets
/// from here, and what it does not get, some leave as it was.
fn identity_headers(identity: &Identity) -> Result<HeaderMap, ApiError> {
    let claims = identity.claims();
    let session = claims.session.map(|session| session.to_string());
    let mut headers = HeaderMap::with_capacity(5);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, text) in [
        (SUBJECT, claims.subject.as_str()),
        (SESSION, session.as_deref().unwrap_or_default()),
        (CLIENT, claims.client_id.as_str()),
        (SCOPE, claims.scope.as_deref().unwrap_or_default()),
    ] {
        // A name with line breaks in it could smuggle a header; no token of ours has one.
        let value = HeaderValue::from_bytes(text.as_bytes());
        headers.insert(name, value.map_err(|_| ApiError::new(code::CLAIM_REFUSED))?);
    }
    Ok(headers)
}
