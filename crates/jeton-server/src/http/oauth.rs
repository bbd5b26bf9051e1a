//! `/oauth2/*`: standard OAuth, in exactly the formats of its RFCs and without the envelope.
//!
//! Every route authenticates its client first. Parameters come in a form, each once; what a client
//! hears of an error is a code of RFC 6749 section 5.2 and a sentence of ours.

mod accept;
mod credentials;
mod error;
mod form;
mod global;
mod introspect;
mod metadata;
mod refresh;
mod revoke;
mod token;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{get, post};
use tower_http::catch_panic::CatchPanicLayer;

use crate::app::App;
use crate::http::middleware;

const TOKEN: &str = "/oauth2/token";
const REVOKE: &str = "/oauth2/revoke";
const INTROSPECT: &str = "/oauth2/introspect";
const GLOBAL_REVOCATION: &str = "/oauth2/global-token-revocation";
const METADATA: &str = "/.well-known/oauth-authorization-server";

/// The routes, whatever happens in them answered in OAuth's own way.
pub(crate) fn router(app: &App) -> Router<App> {
    Router::new()
        .route(TOKEN, post(token::token))
        .route(REVOKE, post(revoke::revoke))
        .route(INTROSPECT, post(introspect::introspect))
        .route(GLOBAL_REVOCATION, post(global::revoke))
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), middleware::deadline))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(from_fn(error::translate))
}

/// What the service can do. Answers from memory.
pub(crate) fn metadata() -> Router<App> {
    Router::new()
        .route(METADATA, get(metadata::metadata))
        // For an issuer with a path, that comes behind (RFC 8414 section 3.1).
        .route(&format!("{METADATA}/{{*path}}"), get(metadata::metadata))
}
