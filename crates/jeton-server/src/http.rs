//! The HTTP surface: translates requests into calls and answers into the envelope.

mod admin;
mod body;
mod caller;
mod check;
pub(crate) mod code;
mod cors;
mod envelope;
mod error;
mod health;
mod jwks;
mod language;
mod login;
mod logout;
mod me;
mod metrics;
mod middleware;
mod oauth;
mod password;
mod refresh;
mod relay;
mod revocations;
mod sessions;
mod source;
mod tokens;
mod verifiers;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use axum::routing::{any, delete, get, post};
use tower_http::catch_panic::CatchPanicLayer;

use self::source::Source;
use crate::app::App;

/// Longest request body, in bytes.
const BODY: usize = 16 * 1024;

pub use self::relay::router as relay_router;

/// What gateways ask.
fn gateways<S: Source>() -> Router<S> {
    Router::new()
        .route("/v1/check", any(check::check::<S>))
        // Envoy appends the path that was asked of it.
        .route("/v1/check/", any(check::check_any_path::<S>))
        .route("/v1/check/{*path}", any(check::check_any_path::<S>))
        .layer(CatchPanicLayer::custom(middleware::panicked))
}

/// Every route of the service.
pub fn router(app: App) -> Router {
    // These wait for the store or a password hash, so they are given up after a while.
    let waiting = Router::new()
        .route("/v1/login", post(login::login))
        .route("/v1/refresh", post(refresh::refresh))
        .route("/v1/logout", post(logout::logout))
        .route("/v1/sessions", get(sessions::list).delete(sessions::end_many))
        .route("/v1/sessions/{sid}", delete(sessions::end_one))
        .route("/v1/password", post(password::change))
        .route("/v1/revocations/report", post(verifiers::report::<App>))
        .route("/health/ready", get(health::ready))
        .layer(from_fn_with_state(app.clone(), middleware::deadline));
    let admin = admin::router().layer(from_fn_with_state(app.clone(), middleware::deadline));
    // These answer from memory.
    let immediate = Router::new()
        .route("/v1/me", get(me::me))
        .route("/.well-known/jwks.json", get(jwks::jwks))
        .route("/admin/v1/verifiers", get(verifiers::list::<App>))
        .route("/metrics", get(metrics::metrics::<App>))
        .route("/health/live", get(health::live));
    // Asked by gateways, never by pages: CORS answers any OPTIONS before a token is looked at.
    let gateways = gateways();

    let router = waiting
        .merge(immediate)
        .merge(admin)
        .merge(oauth::metadata())
        .merge(oauth::router(&app))
        .merge(revocations::router())
        .fallback(|| async { error::ApiError::new(code::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { error::ApiError::new(code::METHOD_NOT_ALLOWED) })
        .layer(DefaultBodyLimit::max(BODY))
        .layer(CatchPanicLayer::custom(middleware::panicked))
        .layer(cors::layer(app.settings()))
        .layer(from_fn(middleware::answer))
        .merge(gateways);
    if app.shares_keys() {
        let known_key = from_fn_with_state(app.clone(), middleware::known_key);
        router.layer(known_key).with_state(app)
    } else {
        router.with_state(app)
    }
}
