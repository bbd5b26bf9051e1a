//! `POST /oauth2/revoke` (RFC 7009): a client takes one of its tokens back.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::{HeaderMap, StatusCode};
use jeton_session::Revocable;
use tracing::{info, warn};

use crate::app::App;
use crate::http::oauth::credentials;
use crate::http::oauth::error::{OAuthError, not_stored};
use crate::http::oauth::form::Form;

/// A token nobody knows is answered like one just revoked (section 2.2): the client wants it dead,
/// and dead it is. That goes for nobody's token but another client's, which lives on: to answer 200
/// to that would be untrue, so it is refused (section 2.1).
///
/// `token_type_hint` is not needed: each token says of what kind it is.
pub(crate) async fn revoke(
    State(app): State<App>,
    headers: HeaderMap,
    form: Form,
) -> Result<Response, OAuthError> {
    let client = credentials::authenticate(&app, &headers, &form)?.id.as_str();
    let token = form.text("token").ok_or(OAuthError::invalid_request("`token` is missing"))?;
    app.know_key_of(token).await.map_err(|cause| OAuthError::unavailable(&cause))?;
    let revoked = app.sessions().revoke(token, client, app.now()).await;
    match revoked.map_err(|cause| OAuthError::unavailable(&cause))? {
        Revocable::Session(session) => info!(event = "session_revoked", client, ?session),
        Revocable::Token => info!(event = "token_revoked", client),
        Revocable::Foreign => {
            warn!(event = "revocation_refused", client, "the token is another client's");
            let description = "the token is another client's";
            return Err(OAuthError::new(StatusCode::BAD_REQUEST, "invalid_grant", description));
        }
        _ => {}
    }
    Ok((StatusCode::OK, not_stored()).into_response())
}
