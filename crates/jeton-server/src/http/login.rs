//! `POST /v1/login`: account and password for a pair of tokens.

use axum::extract::State;
use axum::response::Response;
use http::HeaderMap;
use jeton_account::{AccountError, Password};
use jeton_session::Device;
use jeton_tower::Rejection;
use serde::Deserialize;

use crate::app::App;
use crate::http::body::Body;
use crate::http::code;
use crate::http::error::ApiError;
use crate::http::tokens;

/// Longest name of a device and of its kind, in bytes.
const DEVICE_TEXT: usize = 64;

#[derive(Deserialize)]
pub(crate) struct LoginRequest {
    account: String,
    password: String,
    device: Option<Device>,
}

/// Nothing of the request but the device gets near a token. An access token that comes along names
/// the session that this one replaces.
pub(crate) async fn login(
    State(app): State<App>,
    headers: HeaderMap,
    Body(request): Body<LoginRequest>,
) -> Result<Response, ApiError> {
    check_device(request.device.as_ref())?;
    let before = match app.gate().check(&headers) {
        // No client is a user, whatever it is called.
        Ok(identity) if identity.is_client() => return Err(Rejection::NotAUser.into()),
        Ok(identity) => Some(identity.into()),
        // One that is no longer good is what a login is for; two at once are a mistake.
        Err(Rejection::Missing | Rejection::Refused(_)) => None,
        Err(rejection) => return Err(rejection.into()),
    };
    let password = password_to_check(request.password)?;
    let pair = app.log_in(&request.account, password, request.device, before).await?;
    Ok(tokens::answer(&app, pair))
}

/// A password that is presented, not chosen: an empty one is simply wrong.
pub(crate) fn password_to_check(text: String) -> Result<Password, ApiError> {
    Password::new(text).map_err(|error| match error {
        AccountError::WeakPassword(_) => ApiError::new(code::INVALID_CREDENTIALS),
        other => other.into(),
    })
}

pub(crate) fn check_device(device: Option<&Device>) -> Result<(), ApiError> {
    let Some(Device { kind, name }) = device else {
        return Ok(());
    };
    for (field, text) in [("device.kind", Some(kind)), ("device.name", name.as_ref())] {
        let text = text.map_or("-", String::as_str);
        if text.is_empty() || text.len() > DEVICE_TEXT || text.chars().any(char::is_control) {
            let limits = format!("`{field}` needs 1 to {DEVICE_TEXT} bytes, no control characters");
            return Err(ApiError::bad_request(limits));
        }
    }
    Ok(())
}
