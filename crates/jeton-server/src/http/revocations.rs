//! `/v1/revocations/*`: the feed, for services that verify by themselves (`docs/feed.md`).

mod paced;
mod stream;

use std::time::Duration;

use axum::Router;
use axum::body::Body;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use http::header::{ACCEPT, CACHE_CONTROL, CONTENT_TYPE, VARY};
use http::{HeaderMap, HeaderValue};
use jeton_feed::publish::{Form, NoSnapshot};
use jeton_feed::wire::{FeedCursor, MEDIA_TYPE};
use jeton_tower::Identity;
use serde::Deserialize;

use crate::feed::Place;
use crate::http::code;
use crate::http::error::ApiError;
use crate::http::source::Source;

/// What a token needs to read the feed.
const SCOPE: &str = "revocations:read";

/// How long a poll waits unless told otherwise, in seconds.
const WAIT: u64 = 25;

/// Streams and polls take their time, so there is no deadline around these.
pub(crate) fn router<S: Source>() -> Router<S> {
    Router::new()
        .route("/v1/revocations/snapshot", get(snapshot::<S>))
        .route("/v1/revocations/feed", get(stream::feed::<S>))
        .route("/v1/revocations/poll", get(poll::<S>))
}

#[derive(Deserialize)]
struct Asked {
    cursor: Option<String>,
    wait: Option<u64>,
}

/// `GET /v1/revocations/snapshot`
async fn snapshot<S: Source>(
    State(source): State<S>,
    headers: HeaderMap,
) -> Result<Response, ApiError> {
    let identity = verifier(&source, &headers)?;
    let accepts = headers.get_all(ACCEPT).iter().filter_map(|accept| accept.to_str().ok());
    let is_binary = accepts.flat_map(|accept| accept.split(',')).any(|range| {
        range.split(';').next().is_some_and(|range| range.trim().eq_ignore_ascii_case(MEDIA_TYPE))
    });
    let (form, content_type) =
        if is_binary { (Form::Binary, MEDIA_TYPE) } else { (Form::Json, "application/json") };
    let place = place(&source, &identity)?;
    let snapshot = source.publisher().snapshot(form).await?;
    let mut response = answer(content_type, paced::paced(snapshot, place));
    response.headers_mut().insert(VARY, HeaderValue::from_static("accept"));
    Ok(response)
}

/// `GET /v1/revocations/poll?cursor=…&wait=25`
async fn poll<S: Source>(
    State(source): State<S>,
    headers: HeaderMap,
    from: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, ApiError> {
    let identity = verifier(&source, &headers)?;
    let (cursor, wait) = read(from)?;
    let _place = place(&source, &identity)?;
    let publisher = source.publisher();
    let polled = publisher.poll(cursor, Duration::from_secs(wait.unwrap_or(WAIT)));
    tokio::select! {
        polled = polled => Ok(answer("application/json", polled?.into())),
        () = stream::end_of(&source, &identity) => {
            // Why, the gate says better.
            verifier(&source, &headers)?;
            Err(ApiError::new(code::UNAVAILABLE))
        }
    }
}

/// Who may read the feed.
pub(crate) fn verifier(source: &impl Source, headers: &HeaderMap) -> Result<Identity, ApiError> {
    let identity = source.feed_gate().check(headers)?;
    identity.require(SCOPE)?;
    Ok(identity)
}

/// A place among those that read the feed, for as long as it is held.
fn place(source: &impl Source, reader: &Identity) -> Result<Place, ApiError> {
    let place = source.places().take(&reader.claims().client_id);
    place.ok_or_else(|| ApiError::new(code::UNAVAILABLE))
}

/// The cursor, `None` if it is one of no use to anybody; and how long to wait.
fn read(
    from: Result<Query<Asked>, QueryRejection>,
) -> Result<(Option<FeedCursor>, Option<u64>), ApiError> {
    let Query(Asked { cursor, wait }) =
        from.map_err(|_| ApiError::bad_request("`wait` is not a number of seconds"))?;
    let cursor = cursor.ok_or_else(|| ApiError::bad_request("`cursor` is missing"))?;
    Ok((cursor.parse().ok(), wait))
}

fn answer(content_type: &'static str, body: Body) -> Response {
    let headers = [(CONTENT_TYPE, content_type), (CACHE_CONTROL, "no-store")];
    (headers, body).into_response()
}

impl From<NoSnapshot> for ApiError {
    fn from(error: NoSnapshot) -> Self {
        match error {
            NoSnapshot::NotYet | NoSnapshot::Busy => Self::new(code::UNAVAILABLE),
            other => Self::unavailable(&other),
        }
    }
}
