//! `/v1/check`: for gateways that ask before they pass a request on.
//!
//! nginx `auth_request`, Caddy and Traefik forward auth, Envoy `ext_authz`: 200 with the identity in
//! headers, or the refusal to hand to the client. Any method, since some gateways keep the client's.
//! `deploy/` has a configuration for each.
//!
//! An identity header always says what the token says, and is never left to what the client sent:
//! all of them are in every 200, empty if need be, and a text that would not arrive as it is gets
//! no 200 at all.

use axum::body::HttpBody as _;
use axum::extract::{Query, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header::{ACCEPT_LANGUAGE, CACHE_CONTROL, CONNECTION};
use http::{HeaderMap, HeaderName, HeaderValue, Uri, Version};
use jeton::Identity;
use jeton_tower::Scopes;
use tracing::debug;

use crate::http::code;
use crate::http::error::ApiError;
use crate::http::language::Language;
use crate::http::source::Source;

const SUBJECT: HeaderName = HeaderName::from_static("jeton-subject");
const SESSION: HeaderName = HeaderName::from_static("jeton-session");
const CLIENT: HeaderName = HeaderName::from_static("jeton-client");
const SCOPE: HeaderName = HeaderName::from_static("jeton-scope");

/// The code of a refusal, for gateways that answer it in words of their own.
const CODE: HeaderName = HeaderName::from_static("jeton-code");

/// What the query may be. A slip of the pen must not open what was to be closed.
const QUERY: &str = "the query can only be `scope=` and at least one scope";

/// `/v1/check`, with the scopes that are needed in its query: `?scope=orders:write`.
///
/// Every request of a protected service comes by here, so it is kept clear of the layers that the
/// other routes have, and speaks the language of a refusal by itself.
pub(crate) async fn check<S: Source>(State(source): State<S>, request: Request) -> Response {
    answer(&source, &request, needed)
}

/// `/v1/check/…`: the path and the query are the client's, as Envoy appends them, and say nothing.
pub(crate) async fn check_any_path<S: Source>(
    State(source): State<S>,
    request: Request,
) -> Response {
    answer(&source, &request, |_| Ok(Scopes::default()))
}

fn answer(
    source: &impl Source,
    request: &Request,
    needed: impl FnOnce(&Uri) -> Result<Scopes, ApiError>,
) -> Response {
    let admit = || {
        let identity = source.gate().check(request)?;
        identity.require(needed(request.uri())?)?;
        identity_headers(&identity)
    };
    let mut response = match admit() {
        Ok(headers) => headers.into_response(),
        Err(error) => {
            let code = HeaderValue::from_static(error.code());
            let language = Language::wanted(request.headers().get(ACCEPT_LANGUAGE));
            let mut response = error.render(language);
            response.headers_mut().insert(CODE, code);
            response
        }
    };
    // Nobody reads a body here. A connection with an unread one in it ends, and a gateway that has not
    // heard so would lose its next question in there.
    if !request.body().is_end_stream() && request.version() < Version::HTTP_2 {
        response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
    }
    let (method, status) = (request.method(), response.status().as_u16());
    debug!(event = "request", %method, route = "/v1/check", status);
    response
}

/// The scopes in a query: all of them, if it names several.
fn needed(uri: &Uri) -> Result<Scopes, ApiError> {
    let Query(pairs) = Query::<Vec<(String, String)>>::try_from_uri(uri)
        .map_err(|_| ApiError::bad_request(QUERY))?;
    let mut names = Vec::new();
    for (name, value) in &pairs {
        if name != "scope" || value.split(' ').all(str::is_empty) {
            return Err(ApiError::bad_request(QUERY));
        }
        names.push(&**value);
    }
    Ok(if names.is_empty() { Scopes::default() } else { Scopes::from(&*names.join(" ")) })
}

/// All of them always, empty if need be: a gateway overwrites what the client sent with what it gets
/// from here, and what it does not get, some leave as it was.
///
/// A client that speaks for itself is no subject, whatever it is called.
fn identity_headers(identity: &Identity) -> Result<HeaderMap, ApiError> {
    let claims = identity.claims();
    let session = claims.session.map(|session| session.to_string());
    let subject = if identity.is_client() { "" } else { &claims.subject };
    let mut headers = HeaderMap::with_capacity(5);
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, text) in [
        (SUBJECT, subject),
        (SESSION, session.as_deref().unwrap_or_default()),
        (CLIENT, &claims.client_id),
        (SCOPE, claims.scope.as_deref().unwrap_or_default()),
    ] {
        headers.insert(name, header_value(text)?);
    }
    Ok(headers)
}

/// A text as a header that arrives as it was sent. A line break would begin another header, and
/// spaces around it are lost on the way: ` root` would arrive as somebody else.
fn header_value(text: &str) -> Result<HeaderValue, ApiError> {
    let is_whole = text.trim_matches([' ', '\t']).len() == text.len();
    let value = HeaderValue::from_bytes(text.as_bytes()).ok().filter(|_| is_whole);
    value.ok_or_else(|| ApiError::new(code::CLAIM_REFUSED))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_text_that_arrives_as_it_is_becomes_a_header() {
        for text in ["", "alice", "alice smith", "ålice", "a, b", "a;b=c"] {
            assert!(header_value(text).is_ok_and(|value| value == text.as_bytes()), "{text:?}");
        }
        for text in [" alice", "alice ", "\talice", "a\r\nb: c", "a\nb", "a\0b", "a\u{7f}b"] {
            assert!(header_value(text).is_err(), "{text:?}");
        }
    }

    #[test]
    fn a_query_names_scopes_or_is_refused() {
        let cases = [
            ("/v1/check", Some("")),
            ("/v1/check?", Some("")),
            ("/v1/check?scope=a", Some("a")),
            ("/v1/check?scope=a+b", Some("a b")),
            ("/v1/check?scope=a%20b&scope=c", Some("a b c")),
            ("/v1/check?scope=", None),
            ("/v1/check?scope=+", None),
            ("/v1/check?scope=a&scope=", None),
            ("/v1/check?scopes=a", None),
            ("/v1/check?scope=a&x=y", None),
            ("/v1/check?Scope=a", None),
        ];
        for (uri, expected) in cases {
            let scopes = needed(&uri.parse().unwrap()).ok().map(|scopes| scopes.to_string());

            assert_eq!(scopes.as_deref(), expected, "{uri}");
        }
    }
}
