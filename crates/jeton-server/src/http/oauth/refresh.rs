//! `grant_type=refresh_token`: the next pair of a session, for the client that it belongs to.

use axum::response::Response;
use http::StatusCode;
use jeton_session::{Presenter, RefreshError, Refreshed};

use crate::app::App;
use crate::clients::Client;
use crate::http::oauth::error::OAuthError;
use crate::http::oauth::form::Form;
use crate::http::oauth::token::{Tokens, answer};
use crate::http::refresh::log;
use crate::scope;

pub(crate) async fn refresh(
    app: &App,
    client: &Client,
    form: &Form,
) -> Result<Response, OAuthError> {
    let token = form.text("refresh_token");
    let token = token.ok_or(OAuthError::invalid_request("`refresh_token` is missing"))?;
    let scope = match form.text("scope") {
        Some(asked) => Some(scope::split(asked).ok_or(OAuthError::invalid_scope())?.join(" ")),
        None => None,
    };
    let by = Presenter { client: client.id.clone(), scope };
    app.know_key_of(token).await.map_err(|cause| OAuthError::unavailable(&cause))?;
    let refreshed = app.sessions().refresh_as(token, by, app.now()).await;
    log(app, token, &refreshed);
    let Refreshed { pair, scope, .. } = refreshed?;
    Ok(answer(&Tokens {
        access_token: &pair.access_token,
        token_type: "Bearer",
        expires_in: pair.expires_in.as_secs(),
        refresh_token: Some(&pair.refresh_token),
        scope: scope.as_deref(),
    }))
}

impl From<RefreshError> for OAuthError {
    /// Whatever is wrong with a token, a client hears one code; why its session has ended, and that
    /// a token is another's, is not its to know.
    fn from(error: RefreshError) -> Self {
        let description = "the refresh token is not good, or not this client's";
        match error {
            RefreshError::Unavailable(cause) => Self::unavailable(&cause),
            RefreshError::Signing(cause) => Self::internal(&cause),
            RefreshError::TooWide => Self::invalid_scope(),
            _ => Self::new(StatusCode::BAD_REQUEST, "invalid_grant", description),
        }
    }
}
