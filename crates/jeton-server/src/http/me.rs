//! `GET /v1/me`: the identity behind the presented token.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use jeton::{SessionId, Timestamp};
use serde::Serialize;
use serde_json::{Map, Value};

use crate::app::App;
use crate::http::caller;
use crate::http::envelope::Data;
use crate::http::error::ApiError;

#[derive(Serialize)]
struct Me<'a> {
    sub: &'a str,
    session: Option<SessionId>,
    client_id: &'a str,
    scope: Option<&'a str>,
    issued_at: Timestamp,
    expires_at: Timestamp,
    auth_time: Option<Timestamp>,
    amr: &'a [String],
    claims: &'a Map<String, Value>,
}

pub(crate) async fn me(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let identity = caller::user(&app, &headers)?;
    let claims = identity.claims();
    Ok(Data(Me {
        sub: &claims.subject,
        session: claims.session,
        client_id: &claims.client_id,
        scope: claims.scope.as_deref(),
        issued_at: claims.issued_at,
        expires_at: claims.expires_at,
        auth_time: claims.auth_time,
        amr: &claims.amr,
        claims: &claims.other,
    })
    .into_response())
}
