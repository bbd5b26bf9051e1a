//! What a verifier says when it cannot know.

use std::time::Duration;

use jeton_feed::subscribe::NotIntrospected;

use super::given::{Case, MOST, ended, session, settings, strict};
use crate::issuer::eventually;

/// INV5
#[tokio::test]
async fn without_heartbeats_a_list_is_stale_and_with_them_fresh_again() {
    let case = Case::start(strict).await;
    case.subscriber.wait_ready(MOST).await.unwrap();
    case.issuer.revoke(ended(session(1)));
    eventually("refused", || case.code(session(1)) == "logged_out").await;

    case.issuer.world().no_beats = true;
    eventually("stale", || case.code(session(2)) == "stale").await;
    assert_eq!(case.code(session(1)), "logged_out", "what is refused stays refused");
    assert!(!case.subscriber.status().fresh);

    case.issuer.change(|world| world.no_beats = false);
    eventually("fresh", || case.code(session(2)) == "accepted").await;
}

/// INV5
#[tokio::test]
async fn an_issuer_that_is_gone_makes_a_list_stale_in_time() {
    let case = Case::start(strict).await;
    case.subscriber.wait_ready(MOST).await.unwrap();
    let token = super::given::token(&case.key, session(1));
    let clock = case.subscriber.clock();
    assert!(case.guard.check(&token, clock()).is_ok());

    let Case { issuer, subscriber, guard, .. } = case;
    drop(issuer);

    eventually("stale", || guard.check(&token, clock()).is_err()).await;
    assert!(subscriber.status().staleness > Some(Duration::from_millis(1_500)));
    eventually("noticed", || !subscriber.status().connected).await;
}

/// A buffering proxy holds events back: polls get through.
#[tokio::test]
async fn where_events_are_held_back_it_polls() {
    let case = Case::start(|issuer| {
        issuer.world().held_back = true;
        settings(issuer)
    });
    let case = case.await;

    case.subscriber.wait_ready(MOST).await.unwrap();
    assert!(case.subscriber.status().polling);
    case.issuer.revoke(ended(session(1)));

    eventually("refused", || case.code(session(1)) == "logged_out").await;
    assert_eq!(case.code(session(2)), "accepted");
    let waits = case.issuer.requests("/v1/revocations/poll");
    assert!(waits[0].query.ends_with("&wait=0"), "{}", waits[0].query);
    assert!(waits[1].query.ends_with("&wait=2"), "{}", waits[1].query);
}

/// A reset over a poll.
#[tokio::test]
async fn a_poll_that_is_told_to_reset_takes_the_snapshot() {
    let case = Case::start(|issuer| {
        issuer.world().held_back = true;
        settings(issuer)
    });
    let case = case.await;
    eventually("polls", || case.issuer.asked("/v1/revocations/poll") > 0).await;

    case.issuer.change(|world| world.log = vec![ended(session(1))]);
    case.issuer.restart();

    eventually("refused", || case.code(session(1)) == "logged_out").await;
    assert!(case.subscriber.status().resets >= 1);
}

#[tokio::test]
async fn the_issuer_is_asked_about_one_token() {
    let case = Case::ready().await;

    assert_eq!(case.subscriber.introspect("a+b/c").await, Ok(true));
    case.issuer.world().active = false;
    assert_eq!(case.subscriber.introspect("abc").await, Ok(false));

    let asked = case.issuer.requests("/oauth2/introspect");
    assert_eq!(asked[0].body, "token=a%2Bb%2Fc&token_type_hint=access_token");
    assert_eq!(asked[0].method, "POST");
    // The client itself, encoded as RFC 6749 section 2.3.1 says: orders:jcs_s%3Acret
    assert_eq!(asked[0].authorization, "Basic b3JkZXJzOmpjc19zJTNBY3JldA==");
}

#[tokio::test]
async fn an_issuer_that_does_not_answer_is_asked_little() {
    let case = Case::ready().await;
    let unavailable = |asked| matches!(asked, Err(NotIntrospected::Unavailable(_)));
    case.issuer.world().hangs.push("/oauth2/introspect");
    assert!(unavailable(case.subscriber.introspect("abc").await), "in time");

    case.issuer.world().hangs.clear();
    case.issuer.world().broken.insert("/oauth2/introspect", 503);
    for _ in 0..4 {
        assert!(unavailable(case.subscriber.introspect("abc").await));
    }
    let asked = case.issuer.asked("/oauth2/introspect");
    assert_eq!(case.subscriber.introspect("abc").await, Err(NotIntrospected::Paused));
    assert_eq!(case.issuer.asked("/oauth2/introspect"), asked, "nobody was asked");
}

#[tokio::test]
async fn no_more_than_64_ask_at_once() {
    let case = Case::ready().await;
    case.issuer.world().hangs.push("/oauth2/introspect");
    let mut asking = tokio::task::JoinSet::new();
    for _ in 0..100 {
        let subscriber = case.subscriber.clone();
        asking.spawn(async move { subscriber.introspect("abc").await });
    }

    let answers = asking.join_all().await;

    let busy = answers.iter().filter(|answer| **answer == Err(NotIntrospected::Busy)).count();
    assert_eq!(busy, 36);
}
