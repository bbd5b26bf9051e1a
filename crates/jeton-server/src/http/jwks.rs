//! `GET /.well-known/jwks.json`: the public keys, for whoever verifies by themselves.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};

use crate::app::App;

/// Half as long as a key is published before its first use.
const CACHE: &str = "public, max-age=300";

/// In the format of RFC 7517, without an envelope.
pub(crate) async fn jwks(State(app): State<App>) -> Response {
    let headers = [(CONTENT_TYPE, "application/jwk-set+json"), (CACHE_CONTROL, CACHE)];
    (headers, app.sessions().jwks().to_json()).into_response()
}
