//! `POST /admin/v1/subjects/{sub}/sessions`: opens a session for somebody whom the caller knows.

use axum::extract::rejection::PathRejection;
use axum::extract::{Path, State};
use axum::response::Response;
use http::HeaderMap;
use jeton_session::{Device, Login};
use serde::Deserialize;
use serde_json::{Map, Value};
use tracing::info;

use crate::app::App;
use crate::http::body::Body;
use crate::http::error::ApiError;
use crate::http::login::check_device;
use crate::http::{admin, caller, tokens};
use crate::scope;

/// Most values of `amr`, and the longest, in bytes.
const AMR: (usize, usize) = (8, 32);

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OpenRequest {
    device: Option<Device>,
    claims: Map<String, Value>,
    scope: Option<String>,
    amr: Vec<String>,
    /// Whether the session belongs to the caller, who alone refreshes it then, at the token endpoint.
    /// Otherwise it is the first-party client's, and its user's own application refreshes it.
    bound: bool,
}

pub(crate) async fn open(
    State(app): State<App>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
    body: Option<Body<OpenRequest>>,
) -> Result<Response, ApiError> {
    let client = caller::client(&app, &headers, scope::SESSIONS_MANAGE)?;
    let subject = admin::subject(path)?;
    let request = body.map(|Body(request)| request).unwrap_or_default();
    check(&request)?;
    let OpenRequest { device, claims, scope, amr, bound } = request;
    let first_party = Login::of(&subject);
    let client_id = if bound { client.id.clone() } else { first_party.client.clone() };
    let login = Login { device, claims, scope, amr, client: client_id, ..first_party };
    let pair = app.sessions().open(login, app.now()).await?;
    info!(event = "session_opened", client = client.id, subject, session = ?pair.session, bound);
    Ok(tokens::answer(&app, pair))
}

fn check(request: &OpenRequest) -> Result<(), ApiError> {
    check_device(request.device.as_ref())?;
    if let Some(text) = &request.scope {
        let scopes = scope::split(text);
        let scopes = scopes.ok_or_else(|| ApiError::bad_request("`scope` is not well-formed"))?;
        // Else whoever may open sessions could make a user into a client that may do more.
        if scopes.iter().any(|scope| scope::is_reserved(scope)) {
            return Err(ApiError::bad_request("`scope` has one that is for clients alone"));
        }
    }
    let is_short = |method: &String| method.len() <= AMR.1 && scope::is_scope(method);
    if request.amr.len() > AMR.0 || !request.amr.iter().all(is_short) {
        return Err(ApiError::bad_request("`amr` can have up to 8 names of up to 32 bytes"));
    }
    Ok(())
}
