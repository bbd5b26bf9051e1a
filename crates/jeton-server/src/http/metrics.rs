//! `GET /metrics`: for Prometheus, and whatever reads its format.

use axum::extract::State;
use axum::response::{IntoResponse as _, Response};
use http::header::{CACHE_CONTROL, CONTENT_TYPE};
use tokio::time::Instant;

use crate::http::error::ApiError;
use crate::http::source::Source;
use crate::metrics;

/// Without a token: nothing in it speaks of anybody.
pub(crate) async fn metrics<S: Source>(State(source): State<S>) -> Result<Response, ApiError> {
    let text = metrics::render(
        &source.publisher().stats(),
        source.gate().guard().revocations(),
        &source.reports().list(Instant::now()),
        source.node().as_ref(),
    );
    let text = text.map_err(|error| ApiError::unavailable(&error))?;
    let headers = [(CONTENT_TYPE, metrics::MEDIA_TYPE), (CACHE_CONTROL, "no-store")];
    Ok((headers, text).into_response())
}
