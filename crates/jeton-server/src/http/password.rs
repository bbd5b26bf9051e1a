//! `POST /v1/password`: changes the password and ends the other sessions.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use jeton_account::Password;
use serde::{Deserialize, Serialize};

use crate::app::App;
use crate::http::body::Body;
use crate::http::caller;
use crate::http::envelope::Data;
use crate::http::error::ApiError;
use crate::http::login::password_to_check;

#[derive(Deserialize)]
pub(crate) struct ChangeRequest {
    current_password: String,
    new_password: String,
}

#[derive(Serialize)]
struct Changed {
    sessions_ended: usize,
}

pub(crate) async fn change(
    State(app): State<App>,
    headers: HeaderMap,
    Body(request): Body<ChangeRequest>,
) -> Result<Response, ApiError> {
    let identity = caller::user(&app, &headers)?;
    let current = password_to_check(request.current_password)?;
    let new = Password::new(request.new_password)?;
    let sessions_ended = app.change_password(&identity, current, new).await?;
    Ok(Data(Changed { sessions_ended }).into_response())
}
