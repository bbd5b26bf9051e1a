//! `POST /v1/logout`: ends this session.

use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::header::CONTENT_TYPE;
use jeton::{Reason, SessionId};
use jeton_tower::Rejection;
use serde::{Deserialize, Serialize};
use tracing::info;

use crate::app::App;
use crate::http::body::Body;
use crate::http::code;
use crate::http::envelope::Data;
use crate::http::error::ApiError;

#[derive(Deserialize)]
struct LogoutRequest {
    refresh_token: String,
}

#[derive(Serialize)]
struct LoggedOut {
    session: SessionId,
}

/// Whoever holds one of a session's tokens may end it: the access token in its header, or, where that
/// is absent or no longer good, the refresh token in a JSON body. Ending what has ended is fine. It answers once
/// the revocation is durable.
pub(crate) async fn logout(State(app): State<App>, request: Request) -> Result<Response, ApiError> {
    let session = match app.gate().check(request.headers()) {
        Ok(identity) => identity.session().ok_or(ApiError::new(code::FORBIDDEN))?,
        Err(rejection @ (Rejection::Missing | Rejection::Refused(_)))
            if request.headers().contains_key(CONTENT_TYPE) =>
        {
            let body = Body::from_request(request, &()).await;
            let Body(LogoutRequest { refresh_token }) = body.map_err(|error| match rejection {
                Rejection::Missing => error,
                refused => refused.into(),
            })?;
            app.know_key_of(&refresh_token).await?;
            app.sessions().session_of(&refresh_token, app.now())?
        }
        Err(rejection) => return Err(rejection.into()),
    };
    app.sessions().end(session, Reason::LoggedOut, app.now()).await?;
    info!(event = "logout", ?session);
    Ok(Data(LoggedOut { session }).into_response())
}
