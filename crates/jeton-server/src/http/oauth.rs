//! `/oauth2/*`: standard OAuth, in exactly the formats of its RFCs and without the envelope.
//!
//! Every route authenticates its client first. Parameters come in a form, each once; what a client
//! hears of an error is a code of RFC 6749 section 5.2 and a sentence of ours.

mod credentials;
mod error;
mod form;
mod token;

use axum::Router;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::post;

use crate::app::App;
use crate::http::middleware;

/// The routes, whatever happens in them answered in OAuth's own way.
pub(crate) fn router(app: &App) -> Router<App> {
    Router::new()
        .route("/oauth2/token", post(token::token))
        .method_not_allowed_fallback(error::method_not_allowed)
        .layer(from_fn_with_state(app.clone(), middleware::deadline))
        .layer(from_fn(error::translate))
}
