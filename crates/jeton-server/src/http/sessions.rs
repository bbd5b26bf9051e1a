//! `/v1/sessions`: one's own devices.

use axum::extract::rejection::{PathRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use http::HeaderMap;
use jeton::{Identity, Reason, SessionId, SubjectKey, Timestamp};
use jeton_session::{Device, Session};
use serde::{Deserialize, Serialize};
use tracing::info;

use crate::app::App;
use crate::http::caller;
use crate::http::code;
use crate::http::envelope::Data;
use crate::http::error::ApiError;

#[derive(Serialize)]
struct Listed {
    session: SessionId,
    /// Whether it is the one that asks.
    current: bool,
    device: Option<Device>,
    client_id: String,
    started_at: Timestamp,
    refreshed_at: Timestamp,
    expires_at: Timestamp,
}

#[derive(Serialize)]
struct Ended {
    ended: usize,
}

/// What the query may be. A slip of the pen must not end the session that was to be kept.
const KEEP: &str = "the query can only be `keep=current`";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Keep {
    keep: Option<String>,
}

/// `GET /v1/sessions`
pub(crate) async fn list(State(app): State<App>, headers: HeaderMap) -> Result<Response, ApiError> {
    let identity = caller::user(&app, &headers)?;
    let sessions = app.sessions().list(subject(&identity), app.now()).await?;
    let listed = |session: Session| Listed {
        session: session.id,
        current: identity.session() == Some(session.id),
        device: session.device,
        client_id: session.client,
        started_at: session.started_at,
        refreshed_at: session.rotated_at,
        expires_at: session.idle_expires_at,
    };
    Ok(Data(sessions.into_iter().map(listed).collect::<Vec<_>>()).into_response())
}

/// `DELETE /v1/sessions/{sid}`. Somebody else's session, one that has ended and one that never was
/// are all the same: there is nothing of one's own to end.
pub(crate) async fn end_one(
    State(app): State<App>,
    headers: HeaderMap,
    sid: Result<Path<String>, PathRejection>,
) -> Result<Response, ApiError> {
    let identity = caller::user(&app, &headers)?;
    let session = sid.ok().and_then(|Path(sid)| SessionId::parse(&sid));
    let own = session.filter(|sid| sid.belongs_to(identity.subject()));
    let ended = match own {
        Some(session) => app.sessions().end(session, Reason::Revoked, app.now()).await?,
        None => false,
    };
    info!(event = "sessions_ended", subject = identity.subject(), ended = usize::from(ended));
    Ok(Data(Ended { ended: usize::from(ended) }).into_response())
}

/// `DELETE /v1/sessions`: all of them, or with `?keep=current` all others.
pub(crate) async fn end_many(
    State(app): State<App>,
    headers: HeaderMap,
    query: Result<Query<Keep>, QueryRejection>,
) -> Result<Response, ApiError> {
    let identity = caller::user(&app, &headers)?;
    let Ok(Query(query)) = query else {
        return Err(ApiError::bad_request(KEEP));
    };
    let (sessions, now) = (app.sessions(), app.now());
    let ended = match (query.keep.as_deref(), identity.session()) {
        (None, _) => sessions.end_all(subject(&identity), Reason::Revoked, now).await?,
        (Some("current"), Some(current)) => {
            sessions.end_others(current, Reason::Revoked, now).await?
        }
        (Some("current"), None) => return Err(ApiError::new(code::FORBIDDEN)),
        (Some(_), _) => return Err(ApiError::bad_request(KEEP)),
    };
    info!(event = "sessions_ended", subject = identity.subject(), ended);
    Ok(Data(Ended { ended }).into_response())
}

fn subject(identity: &Identity) -> SubjectKey {
    SubjectKey::of(identity.subject())
}
