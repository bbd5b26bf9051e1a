//! `POST /oauth2/introspect` (RFC 7662): whether an access token is good, asked of the store.
//!
//! Only access tokens are ever active. A refresh token is good for nothing but to be traded here, so
//! no resource server has to learn about one.

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use http::header::CONTENT_TYPE;
use jeton::{AccessClaims, Identity};
use jeton_session::FIRST_PARTY;
use serde_json::{Map, Value, json};
use tracing::debug;

use crate::app::App;
use crate::http::oauth::error::{OAuthError, not_stored};
use crate::http::oauth::form::Form;
use crate::http::oauth::{accept, credentials};
use crate::scope;

/// A signed answer (RFC 9701).
const SIGNED: &str = "application/token-introspection+jwt";

pub(crate) async fn introspect(
    State(app): State<App>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, OAuthError> {
    let caller = credentials::authorize(&app, &headers, &form, scope::TOKENS_INTROSPECT)?;
    let token = form.text("token").ok_or(OAuthError::invalid_request("`token` is missing"))?;
    let now = app.now();
    app.know_key_of(token).await.map_err(|cause| OAuthError::unavailable(&cause))?;
    let found = app.sessions().introspect(token, now).await;
    let found = found.map_err(|cause| OAuthError::unavailable(&cause))?;
    let found = found.filter(|identity| is_of_known_client(&app, identity));
    debug!(event = "introspection", client = caller.id, active = found.is_some());
    let said = found.map_or_else(inactive, |identity| active(identity.claims()));
    if !accept::names(&headers, SIGNED) {
        return Ok((not_stored(), Json(said)).into_response());
    }
    let signed = app.sessions().sign_introspection(&caller.id, &said, now);
    let signed = signed.map_err(|error| OAuthError::internal(&error))?;
    Ok((not_stored(), [(CONTENT_TYPE, SIGNED)], signed).into_response())
}

/// What a client that is no longer in the settings has left behind.
fn is_of_known_client(app: &App, identity: &Identity) -> bool {
    let client = identity.claims().client_id.as_str();
    app.clients().get(client).is_some() || client == FIRST_PARTY && !identity.is_client()
}

/// And nothing else: why it is not, is not the caller's to know.
fn inactive() -> Map<String, Value> {
    Map::from_iter([("active".to_owned(), false.into())])
}

/// Everything the token says; what the application has added cannot say anything else than we do.
fn active(claims: &AccessClaims) -> Map<String, Value> {
    let audience = match claims.audience.as_slice() {
        [one] => json!(one),
        several => json!(several),
    };
    let ours = [
        ("active", json!(true)),
        ("token_type", json!("Bearer")),
        ("iss", json!(claims.issuer)),
        ("sub", json!(claims.subject)),
        ("aud", audience),
        ("client_id", json!(claims.client_id)),
        ("iat", json!(claims.issued_at)),
        ("nbf", json!(claims.not_before)),
        ("exp", json!(claims.expires_at)),
        ("jti", json!(claims.token_id)),
        ("sid", json!(claims.session)),
        ("ver", json!(claims.version)),
        ("scope", json!(claims.scope)),
        ("auth_time", json!(claims.auth_time)),
        ("amr", if claims.amr.is_empty() { Value::Null } else { json!(claims.amr) }),
    ];
    let mut said = claims.other.clone();
    // Names that mean something here (RFC 7662 section 2.2) and that the token does not have.
    said.remove("username");
    for (name, value) in ours {
        said.remove(name);
        if !value.is_null() {
            said.insert(name.to_owned(), value);
        }
    }
    said
}
