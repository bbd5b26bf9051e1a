//! `/health/*`: for whoever starts, restarts and routes.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jeton::SubjectKey;
use jeton_session::SessionStore as _;
use serde::Serialize;
use tracing::debug;

use crate::app::App;
use crate::http::code;
use crate::http::envelope::Data;
use crate::http::error::ApiError;

#[derive(Serialize)]
struct Health {
    status: &'static str,
}

/// The process runs. It says nothing about anything it depends on.
pub(crate) async fn live() -> Response {
    Data(Health { status: "live" }).into_response()
}

/// What readiness is answered with.
pub(crate) fn is_ready() -> Response {
    Data(Health { status: "ready" }).into_response()
}

/// Requests may come: the store and the accounts answer, and what was revoked is known, anywhere in
/// the fleet. Otherwise 503 says in its code which of them it is, and nothing else.
pub(crate) async fn ready(State(app): State<App>) -> Result<Response, ApiError> {
    if app.is_stopping() {
        return Err(ApiError::new(code::STOPPING));
    }
    if let Err(cause) = app.sessions().store().load(SubjectKey::ISSUER).await {
        debug!(%cause, "not ready");
        return Err(ApiError::new(app.store_trouble().unwrap_or(code::STORE_UNAVAILABLE)));
    }
    if let Some(code) = app.store_trouble() {
        return Err(ApiError::new(code));
    }
    if let Err(cause) = app.accounts().is_empty().await {
        debug!(%cause, "not ready");
        return Err(ApiError::new(code::ACCOUNTS_UNAVAILABLE));
    }
    if !app.is_up_to_date() {
        return Err(ApiError::new(code::FEED_BEHIND));
    }
    Ok(is_ready())
}
