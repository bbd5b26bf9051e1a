//! What was begun with an identity ends with it.

use std::convert::Infallible;
use std::future::poll_fn;
use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures_core::Stream;
use http_body_util::BodyExt as _;
use jeton::{Reason, Refusal};
use jeton_tower::Identity;
use tower::ServiceExt as _;

use crate::house::{House, get as request};

/// More, each time it is asked, for ever.
struct Endless;

/// Nothing, for ever.
struct Silent;

impl Stream for Endless {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Ready(Some(Ok(Bytes::from_static(b"more"))))
    }
}

impl Stream for Silent {
    type Item = Result<Bytes, Infallible>;

    fn poll_next(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        Poll::Pending
    }
}

async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    poll_fn(|context| Pin::new(&mut *stream).poll_next(context)).await
}

fn identity(house: &House, subject: &str) -> Identity {
    house.gate.check(&request("/", Some(&house.user(subject, "")))).unwrap()
}

#[tokio::test]
async fn whoever_waits_for_the_end_hears_why() {
    let house = House::new();
    let ended = tokio::spawn(identity(&house, "alice").ended());
    tokio::task::yield_now().await;

    house.log_out("bob");
    tokio::task::yield_now().await;
    assert!(!ended.is_finished());
    house.log_out("alice");

    assert_eq!(ended.await.unwrap(), Refusal::Ended(Reason::LoggedOut));
}

#[tokio::test]
async fn a_session_that_has_ended_already_ends_at_once() {
    let house = House::new();
    let identity = identity(&house, "alice");
    house.log_out("alice");

    assert_eq!(identity.ended().await, Refusal::Ended(Reason::LoggedOut));
    assert!(next(&mut Box::pin(identity.until_ended(Endless))).await.is_none());
}

/// One that always has more is ended, and so is one that never has anything.
#[tokio::test]
async fn a_stream_ends_with_the_session() {
    let house = House::new();
    let identity = identity(&house, "alice");
    let mut endless = Box::pin(identity.until_ended(Endless));
    let mut silent = Box::pin(identity.until_ended(Silent));
    for _ in 0..3 {
        assert!(next(&mut endless).await.is_some());
    }
    let silent = tokio::spawn(async move { next(&mut silent).await });
    tokio::task::yield_now().await;
    assert!(!silent.is_finished());

    house.log_out("alice");

    assert!(next(&mut endless).await.is_none());
    assert!(next(&mut endless).await.is_none(), "and stays over");
    assert!(silent.await.unwrap().is_none());
}

#[tokio::test]
async fn an_answer_that_is_being_sent_ends_with_the_session() {
    let house = House::new();
    let export = async |identity: Identity| Body::from_stream(identity.until_ended(Endless));
    let router = Router::new().route("/", get(export)).with_state(house.gate.clone());
    let token = house.user("alice", "");
    let answer = router.oneshot(request("/", Some(&token))).await.unwrap();
    let mut body = answer.into_body();
    assert_eq!(body.frame().await.unwrap().unwrap().into_data().unwrap(), "more");

    house.log_out("alice");

    assert!(body.frame().await.is_none());
}
