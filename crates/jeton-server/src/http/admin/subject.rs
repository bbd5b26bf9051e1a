//! What a subject has: listed, ended, recalled.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use jeton::{Reason, SessionId, SubjectKey, Timestamp};
use jeton_session::{Device, Session};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use tracing::info;

use crate::app::App;
use crate::http::body::Body;
use crate::http::envelope::Data;
use crate::http::error::ApiError;
use crate::http::{admin, caller};
use crate::scope;

/// Why a backend may end a session. The others are for the service to say.
const REASONS: [Reason; 5] =
    [Reason::Revoked, Reason::LoggedOut, Reason::Kicked, Reason::Banned, Reason::PasswordChanged];

#[derive(Serialize)]
struct Listed {
    session: SessionId,
    device: Option<Device>,
    client_id: String,
    scope: Option<String>,
    claims: Map<String, Value>,
    amr: Vec<String>,
    auth_time: Timestamp,
    started_at: Timestamp,
    refreshed_at: Timestamp,
    /// When it ends unless it is refreshed before.
    expires_at: Timestamp,
    /// When it ends whatever happens.
    ends_at: Timestamp,
}

#[derive(Serialize)]
struct Ended {
    ended: usize,
}

#[derive(Serialize)]
struct Recalled {
    version: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Why {
    reason: Option<String>,
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct RecallRequest {
    claims: Option<Map<String, Value>>,
}

/// `GET /admin/v1/subjects/{sub}/sessions`
pub(crate) async fn list(
    State(app): State<App>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    caller::client(&app, &headers, scope::SESSIONS_MANAGE)?;
    let subject = admin::subject(path)?;
    let sessions = app.sessions().list(SubjectKey::of(&subject), app.now()).await?;
    let listed = |session: Session| Listed {
        session: session.id,
        device: session.device,
        client_id: session.client,
        scope: session.scope,
        claims: session.claims,
        amr: session.amr,
        auth_time: session.auth_time,
        started_at: session.started_at,
        refreshed_at: session.rotated_at,
        expires_at: session.idle_expires_at,
        ends_at: session.expires_at,
    };
    Ok(Data(sessions.into_iter().map(listed).collect::<Vec<_>>()).into_response())
}

/// `DELETE /admin/v1/subjects/{sub}/sessions?reason=…`
pub(crate) async fn end_all(
    State(app): State<App>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<Why>, QueryRejection>,
) -> Result<Response, ApiError> {
    let client = caller::client(&app, &headers, scope::SESSIONS_MANAGE)?;
    let (subject, why) = (admin::subject(path)?, reason(query)?);
    let ended = app.sessions().end_all(SubjectKey::of(&subject), why, app.now()).await?;
    let (client, reason) = (client.id.as_str(), why.code());
    info!(event = "sessions_ended", client, subject, reason, ended);
    Ok(Data(Ended { ended }).into_response())
}

/// `DELETE /admin/v1/sessions/{sid}?reason=…`. One that has ended and one that never was are the
/// same.
pub(crate) async fn end_one(
    State(app): State<App>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
    query: Result<Query<Why>, QueryRejection>,
) -> Result<Response, ApiError> {
    let client = caller::client(&app, &headers, scope::SESSIONS_MANAGE)?;
    let why = reason(query)?;
    let session = path.ok().and_then(|Path(sid)| SessionId::parse(&sid));
    let session = session.ok_or_else(|| ApiError::bad_request("the path names no session"))?;
    let ended = app.sessions().end(session, why, app.now()).await?;
    let (client, reason) = (client.id.as_str(), why.code());
    info!(event = "session_ended", client, ?session, reason, ended);
    Ok(Data(Ended { ended: usize::from(ended) }).into_response())
}

/// `POST /admin/v1/subjects/{sub}/recall`. Claims that come along are whole: what a session carried
/// before and is not among them, is gone with its next refresh.
pub(crate) async fn recall(
    State(app): State<App>,
    headers: HeaderMap,
    path: Result<Path<String>, PathRejection>,
    body: Option<Body<RecallRequest>>,
) -> Result<Response, ApiError> {
    let client = caller::client(&app, &headers, scope::SESSIONS_MANAGE)?;
    let subject = admin::subject(path)?;
    let claims = body.and_then(|Body(request)| request.claims);
    let (with_claims, now) = (claims.is_some(), app.now());
    let version = match claims {
        Some(claims) => app.sessions().recall_with_claims(&subject, claims, now).await?,
        None => app.sessions().recall(SubjectKey::of(&subject), now).await?,
    };
    info!(event = "subject_recalled", client = client.id, subject, version, with_claims);
    Ok(Data(Recalled { version }).into_response())
}

/// The reason in the query; `revoked` if there is none.
fn reason(query: Result<Query<Why>, QueryRejection>) -> Result<Reason, ApiError> {
    let wrong = || {
        let codes = REASONS.map(Reason::code).join(", ");
        ApiError::bad_request(format!("the query can only be `reason=` and one of {codes}"))
    };
    let Query(Why { reason }) = query.map_err(|_| wrong())?;
    let Some(reason) = reason else { return Ok(Reason::Revoked) };
    Reason::from_code(&reason).filter(|reason| REASONS.contains(reason)).ok_or_else(wrong)
}
