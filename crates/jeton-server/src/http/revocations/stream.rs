//! `GET /v1/revocations/feed?cursor=…`: server-sent events, for as long as the token lives.

use std::convert::Infallible;
use std::future::Future;
use std::pin::Pin;

use axum::body::{Body, Bytes};
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use futures_util::stream::{Stream, unfold};
use http::HeaderMap;
use jeton_feed::publish::{Reset, Subscription};
use jeton_tower::Identity;
use tokio::time::sleep;

use crate::feed::Place;
use crate::http::code;
use crate::http::error::ApiError;
use crate::http::revocations::{Asked, place, read, verifier};
use crate::http::source::Source;

/// Buffering proxies would hold back what is worth something only at once.
const STREAM: [(&str, &str); 3] = [
    ("content-type", "text/event-stream"),
    ("cache-control", "no-store"),
    ("x-accel-buffering", "no"),
];

/// One connection that reads the feed.
struct Reader {
    subscription: Subscription,
    end: Pin<Box<dyn Future<Output = ()> + Send>>,
    _place: Place,
}

pub(super) async fn feed<S: Source>(
    State(source): State<S>,
    headers: HeaderMap,
    asked: Result<Query<Asked>, QueryRejection>,
) -> Result<Response, ApiError> {
    let identity = verifier(&source, &headers)?;
    let (cursor, _) = read(asked)?;
    let publisher = source.publisher();
    if !publisher.is_ready() {
        return Err(ApiError::new(code::UNAVAILABLE));
    }
    let place = place(&source, &identity)?;
    let subscription = cursor.ok_or(Reset).and_then(|at| publisher.subscribe(at));
    let body = match subscription {
        Ok(subscription) => {
            let end = Box::pin(end_of(&source, &identity));
            Body::from_stream(stream(Reader { subscription, end, _place: place }))
        }
        Err(reset) => Body::from(reset.to_sse()),
    };
    Ok((STREAM, body).into_response())
}

/// Resolves when this identity may read no more: its token has expired, or was revoked.
pub(super) fn end_of<S: Source>(
    source: &S,
    identity: &Identity,
) -> impl Future<Output = ()> + Send + use<S> {
    let ended = source.feed_gate().guard().ending(identity);
    // As long as the gate would let it in.
    let until = identity.claims().expires_at.after(source.leeway());
    let expired = sleep(until.since(source.now()));
    async move {
        tokio::select! {
            _ = ended => {}
            () = expired => {}
        }
    }
}

fn stream(reader: Reader) -> impl Stream<Item = Result<Bytes, Infallible>> {
    unfold(reader, |mut reader| async move {
        tokio::select! {
            biased;
            () = &mut reader.end => None,
            bytes = reader.subscription.next() => Some((Ok(bytes?), reader)),
        }
    })
}
