//! The routes of a relay: those of the service that need no store.

use std::time::Duration;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::middleware::{Next, from_fn};
use axum::response::{IntoResponse as _, Response};
use axum::routing::{get, post};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use tokio::time::timeout;
use tower_http::catch_panic::CatchPanicLayer;

use crate::http::error::ApiError;
use crate::http::{BODY, code, gateways, health, metrics, middleware, revocations, verifiers};
use crate::relay::Relay;

/// How long a report may take to arrive.
const REPORT: Duration = Duration::from_secs(10);

/// How long a key set may be kept, in seconds: less than keys are published before their first use.
const KEYS: &str = "public, max-age=60";

/// Every route of a relay.
pub fn router(relay: Relay) -> Router {
    let reports = Router::new()
        .route("/v1/revocations/report", post(verifiers::report::<Relay>))
        .layer(from_fn(in_time));
    Router::new()
        .merge(reports)
        .merge(revocations::router::<Relay>())
        .route("/admin/v1/verifiers", get(verifiers::list::<Relay>))
        .route("/metrics", get(metrics::metrics::<Relay>))
        .route("/.well-known/jwks.json", get(jwks))
        .route("/health/live", get(health::live))
        .route("/health/ready", get(ready))
        .fallback(|| async { ApiError::new(code::NOT_FOUND) })
        .method_not_allowed_fallback(|| async { ApiError::new(code::METHOD_NOT_ALLOWED) })
        .layer(DefaultBodyLimit::max(BODY))
        .layer(CatchPanicLayer::custom(middleware::panicked))
        .layer(from_fn(middleware::answer))
        .merge(gateways::<Relay>())
        .with_state(relay)
}

/// The issuer's keys, as they came by the feed.
async fn jwks(State(relay): State<Relay>) -> Result<Response, ApiError> {
    let jwks = relay.subscriber().jwks().ok_or_else(|| ApiError::new(code::UNAVAILABLE))?;
    let headers = [(CONTENT_TYPE, "application/jwk-set+json"), (CACHE_CONTROL, KEYS)];
    Ok((headers, jwks.to_string()).into_response())
}

/// What was revoked is known, and that is no longer ago than it may be.
async fn ready(State(relay): State<Relay>) -> Result<Response, ApiError> {
    if !relay.subscriber().status().fresh {
        return Err(ApiError::new(code::UNAVAILABLE));
    }
    Ok(health::is_ready())
}

async fn in_time(request: Request, next: Next) -> Response {
    match timeout(REPORT, next.run(request)).await {
        Ok(response) => response,
        Err(late) => ApiError::unavailable(&late).into_response(),
    }
}
