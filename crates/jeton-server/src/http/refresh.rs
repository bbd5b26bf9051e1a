//! `POST /v1/refresh`: a refresh token for the next pair.

use axum::extract::State;
use axum::response::Response;
use jeton_session::{Outcome, RefreshError};
use serde::Deserialize;
use tracing::{debug, field, info, warn};

use crate::app::App;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::tokens;

#[derive(Deserialize)]
pub(crate) struct RefreshRequest {
    refresh_token: String,
}

pub(crate) async fn refresh(
    State(app): State<App>,
    Body(request): Body<RefreshRequest>,
) -> Result<Response, ApiError> {
    let refreshed = app.sessions().refresh(&request.refresh_token, app.now()).await;
    let refreshed = refreshed.inspect_err(|error| match error {
        RefreshError::Replayed => {
            let session = app.sessions().session_of(&request.refresh_token, app.now());
            warn!(event = "refresh_replayed", session = session.ok().map(field::debug));
        }
        other => info!(event = "refresh_refused", code = other.code().unwrap_or("unavailable")),
    })?;
    let session = refreshed.pair.session;
    match refreshed.outcome {
        Outcome::Repaired => warn!(event = "refresh_repaired", ?session, "the store lost a write"),
        outcome => debug!(event = "refresh", ?session, ?outcome),
    }
    Ok(tokens::answer(&app, refreshed.pair))
}
