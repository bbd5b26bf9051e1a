//! `POST /oauth2/token`: tokens for a client, for itself (RFC 6749 section 4.4) or out of a session
//! of its (section 6).

use axum::Json;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use jeton_session::ClientTokenError;
use serde::Serialize;
use tracing::info;

use crate::app::App;
use crate::clients::Client;
use crate::http::oauth::credentials;
use crate::http::oauth::error::{OAuthError, not_stored};
use crate::http::oauth::form::Form;
use crate::http::oauth::refresh::refresh;

/// RFC 6749 section 5.1.
#[derive(Serialize)]
pub(crate) struct Tokens<'a> {
    pub(crate) access_token: &'a str,
    pub(crate) token_type: &'static str,
    pub(crate) expires_in: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) refresh_token: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) scope: Option<&'a str>,
}

pub(crate) async fn token(
    State(app): State<App>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, OAuthError> {
    let client = credentials::authenticate(&app, &headers, &form)?;
    check_audience(&app, &form)?;
    match form.text("grant_type") {
        Some("client_credentials") => client_credentials(&app, client, &form).await,
        Some("refresh_token") => refresh(&app, client, &form).await,
        Some(_) => {
            let description = "the grant is not client_credentials or refresh_token";
            Err(OAuthError::new(StatusCode::BAD_REQUEST, "unsupported_grant_type", description))
        }
        None => Err(OAuthError::invalid_request("`grant_type` is missing")),
    }
}

/// Access tokens are for one audience. Whoever asks for another (RFC 8707 section 2) must not take
/// ours for it.
fn check_audience(app: &App, form: &Form) -> Result<(), OAuthError> {
    let ours = app.settings().audience.as_str();
    let asked = [form.text("resource"), form.text("audience")];
    if asked.into_iter().flatten().any(|asked| asked != ours) {
        let description = "tokens are not for this resource";
        return Err(OAuthError::new(StatusCode::BAD_REQUEST, "invalid_target", description));
    }
    Ok(())
}

/// A token for the client itself; without a refresh token, since it has its secret.
async fn client_credentials(
    app: &App,
    client: &Client,
    form: &Form,
) -> Result<Response, OAuthError> {
    let scope = client.grant(form.text("scope")).ok_or(OAuthError::invalid_scope())?;
    let scope = Some(scope.as_str()).filter(|scope| !scope.is_empty());
    let token = app.sessions().client_token(&client.id, scope, app.now()).await;
    let token = token.map_err(|error| match error {
        ClientTokenError::Unavailable(cause) => OAuthError::unavailable(&cause),
        other => OAuthError::internal(&other),
    })?;
    info!(event = "client_token", client = client.id, scope);
    Ok(answer(&Tokens {
        access_token: &token.access_token,
        token_type: "Bearer",
        expires_in: token.expires_in.as_secs(),
        refresh_token: None,
        scope,
    }))
}

pub(crate) fn answer(tokens: &Tokens<'_>) -> Response {
    (not_stored(), Json(tokens)).into_response()
}
