//! `POST /v1/refresh`: a refresh token for the next pair.

use axum::extract::State;
use axum::response::Response;
use jeton_session::{Outcome, RefreshError, Refreshed};
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
    app.know_key_of(&request.refresh_token).await?;
    let refreshed = app.sessions().refresh(&request.refresh_token, app.now()).await;
    log(&app, &request.refresh_token, &refreshed);
    Ok(tokens::answer(&app, refreshed?.pair))
}

/// What became of a refresh, for those who watch over sessions. Never the token.
pub(crate) fn log(app: &App, token: &str, refreshed: &Result<Refreshed, RefreshError>) {
    let session = || app.sessions().session_of(token, app.now()).ok().map(field::debug);
    match refreshed {
        Ok(Refreshed { pair, outcome: Outcome::Repaired, .. }) => {
            app.count_repair();
            warn!(event = "refresh_repaired", session = ?pair.session, "the store lost a write");
        }
        Ok(Refreshed { pair, outcome, .. }) => {
            debug!(event = "refresh", session = ?pair.session, ?outcome);
        }
        Err(RefreshError::Replayed) => warn!(event = "refresh_replayed", session = session()),
        Err(RefreshError::Foreign) => {
            warn!(event = "refresh_foreign", session = session(), "by another client");
        }
        Err(error) => {
            info!(event = "refresh_refused", code = error.code().unwrap_or("unavailable"));
        }
    }
}
