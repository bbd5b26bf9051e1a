//! `POST /oauth2/global-token-revocation` (draft-parecki-oauth-global-token-revocation): whoever
//! watches over users elsewhere ends everything that one of them has.

use std::time::Instant;

use axum::extract::{FromRequest as _, Request, State};
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use jeton::{Reason, SubjectKey, limits};
use serde::Deserialize;
use tracing::{info, warn};

use crate::app::App;
use crate::http::body::Body;
use crate::http::caller;
use crate::http::oauth::error::{OAuthError, not_stored};
use crate::scope;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Revocation {
    sub_id: SubjectId,
}

/// The two formats of RFC 9493 that name a subject as we do.
#[derive(Deserialize)]
#[serde(tag = "format", rename_all = "snake_case", deny_unknown_fields)]
enum SubjectId {
    Opaque { id: String },
    IssSub { iss: String, sub: String },
}

/// Ends all sessions of a subject and recalls the access tokens that have none. Whether there is
/// such a subject, nobody here knows: one without sessions is answered alike.
pub(crate) async fn revoke(
    State(app): State<App>,
    headers: HeaderMap,
    request: Request,
) -> Result<Response, OAuthError> {
    let client = caller::client(&app, &headers, scope::SESSIONS_REVOKE_ALL)?;
    if let Err(wait) = app.throttle().take(&client.id, Instant::now()) {
        warn!(event = "global_revocation_throttled", client = client.id);
        return Err(OAuthError::too_many_requests(wait));
    }
    let Body(Revocation { sub_id }) = Body::from_request(request, &()).await?;
    let subject = match sub_id {
        SubjectId::Opaque { id } => id,
        SubjectId::IssSub { iss, sub } if iss == app.settings().issuer => sub,
        SubjectId::IssSub { .. } => {
            return Err(OAuthError::invalid_request("`iss` is not this issuer"));
        }
    };
    if subject.is_empty() || subject.len() > limits::SUBJECT {
        return Err(OAuthError::invalid_request("a subject has 1 to 256 bytes"));
    }
    let (key, now) = (SubjectKey::of(&subject), app.now());
    let outage = |cause| OAuthError::unavailable(&cause);
    let ended = app.sessions().end_all(key, Reason::Revoked, now).await.map_err(outage)?;
    app.sessions().recall(key, now).await.map_err(outage)?;
    info!(event = "global_revocation", client = client.id, subject, ended);
    Ok((StatusCode::NO_CONTENT, not_stored()).into_response())
}
