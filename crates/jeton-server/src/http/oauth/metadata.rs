//! `GET /.well-known/oauth-authorization-server` (RFC 8414): what there is, and where.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::Uri;
use http::header::CACHE_CONTROL;
use serde::Serialize;

use crate::app::App;
use crate::http::code;
use crate::http::error::ApiError;
use crate::http::oauth::{INTROSPECT, METADATA, REVOKE, TOKEN};
use crate::scope;

/// How clients authenticate.
const SECRETS: [&str; 2] = ["client_secret_basic", "client_secret_post"];

#[derive(Serialize)]
struct Metadata<'a> {
    issuer: &'a str,
    token_endpoint: String,
    jwks_uri: String,
    revocation_endpoint: String,
    introspection_endpoint: String,
    scopes_supported: [&'static str; 4],
    /// Has to be stated, and not empty. There is no authorization endpoint; `none` is the registered
    /// name of the response that gives nothing.
    response_types_supported: [&'static str; 1],
    grant_types_supported: [&'static str; 2],
    token_endpoint_auth_methods_supported: [&'static str; 2],
    revocation_endpoint_auth_methods_supported: [&'static str; 2],
    introspection_endpoint_auth_methods_supported: [&'static str; 3],
    introspection_signing_alg_values_supported: Vec<&'a str>,
}

/// Served at the root, and for an issuer with a path with that path behind (section 3.1).
pub(crate) async fn metadata(State(app): State<App>, uri: Uri) -> Result<Response, ApiError> {
    let issuer = app.settings().issuer.as_str();
    let behind = uri.path().strip_prefix(METADATA).unwrap_or_default();
    if !behind.is_empty() && behind != path_of(issuer) {
        return Err(ApiError::new(code::NOT_FOUND));
    }
    let at = |route: &str| format!("{}{route}", issuer.trim_end_matches('/'));
    let jwks = app.sessions().jwks();
    let mut algorithms: Vec<&str> = jwks.keys().map(|(_, key)| key.algorithm().name()).collect();
    if algorithms.is_empty() {
        algorithms.push(&app.settings().tokens.algorithm);
    }
    algorithms.sort_unstable();
    algorithms.dedup();
    let metadata = Metadata {
        issuer,
        token_endpoint: at(TOKEN),
        jwks_uri: at("/.well-known/jwks.json"),
        revocation_endpoint: at(REVOKE),
        introspection_endpoint: at(INTROSPECT),
        scopes_supported: scope::OURS,
        response_types_supported: ["none"],
        grant_types_supported: ["client_credentials", "refresh_token"],
        token_endpoint_auth_methods_supported: SECRETS,
        revocation_endpoint_auth_methods_supported: SECRETS,
        introspection_endpoint_auth_methods_supported: [SECRETS[0], SECRETS[1], "Bearer"],
        introspection_signing_alg_values_supported: algorithms,
    };
    Ok(([(CACHE_CONTROL, "public, max-age=300")], Json(metadata)).into_response())
}

/// The path of an issuer, without the slash at its end.
fn path_of(issuer: &str) -> &str {
    let behind_scheme = issuer.find("://").map_or(0, |at| at + 3);
    let rest = issuer.get(behind_scheme..).unwrap_or_default();
    let path = rest.find('/').and_then(|at| rest.get(at..)).unwrap_or_default();
    path.trim_end_matches('/')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_an_issuer_has_no_slash_at_its_end() {
        let cases = [
            ("https://h", ""),
            ("https://h/", ""),
            ("https://h/t1", "/t1"),
            ("https://h:1/t1/t2/", "/t1/t2"),
        ];
        for (issuer, path) in cases {
            assert_eq!(path_of(issuer), path, "{issuer}");
        }
    }
}
