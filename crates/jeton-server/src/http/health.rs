//! `/health/*`: for whoever starts, restarts and routes.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use jeton::SubjectKey;
use jeton_session::SessionStore as _;
use serde::Serialize;

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

/// The store answers, and what was revoked is known: so requests may come.
pub(crate) async fn ready(State(app): State<App>) -> Result<Response, ApiError> {
    app.sessions().store().load(SubjectKey::ISSUER).await?;
    if !app.feed().publisher().is_ready() {
        return Err(ApiError::new(code::UNAVAILABLE));
    }
    Ok(is_ready())
}
