//! `GET /.well-known/jwks.json`: the public keys, for whoever verifies by themselves.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use jeton_session::KeyTimes;

use crate::app::App;

/// In the format of RFC 7517, without an envelope.
pub(crate) async fn jwks(State(app): State<App>) -> Response {
    // Half as long as a key is published before its first use.
    let cache = format!("public, max-age={}", KeyTimes::LEAD.as_secs() / 2);
    let headers = [(CONTENT_TYPE, "application/jwk-set+json".to_owned()), (CACHE_CONTROL, cache)];
    (headers, app.sessions().jwks().to_json()).into_response()
}
