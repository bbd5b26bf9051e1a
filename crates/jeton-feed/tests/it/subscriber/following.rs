//! What reaches a guard, whatever happens on the way.

use std::collections::BTreeSet;

use jeton::{Reason, Refusal};
use jeton_feed::wire::MEDIA_TYPE;
use serde_json::json;

use super::given::{Case, MOST, ended, jwks, key, session, settings, token};
use crate::issuer::{Issuer, NOW, eventually};

/// INV1
#[tokio::test]
async fn a_logout_reaches_the_guard() {
    let case = Case::ready().await;
    assert_eq!(case.code(session(1)), "accepted");

    case.issuer.revoke(ended(session(1)));

    eventually("refused", || case.code(session(1)) == "logged_out").await;
    assert_eq!(case.code(session(2)), "accepted");
    let status = case.subscriber.status();
    assert!(status.fresh && status.connected && !status.polling && !status.outdated, "{status:?}");
    assert_eq!((status.entries, status.reconnects, status.resets), (1, 0, 0));
}

#[tokio::test]
async fn what_was_revoked_before_comes_with_the_snapshot_in_binary() {
    let case = Case::start(|issuer| {
        issuer.revoke(ended(session(1)));
        settings(issuer)
    });
    let case = case.await;
    case.subscriber.wait_ready(MOST).await.unwrap();

    assert_eq!(case.code(session(1)), "logged_out");
    assert!(case.issuer.requests("/v1/revocations/snapshot")[0].accept.starts_with(MEDIA_TYPE));
}

/// INV1, INV9
#[tokio::test]
async fn after_a_cut_the_feed_goes_on_from_its_cursor() {
    let case = Case::ready().await;
    for number in 0..10 {
        case.issuer.cut();
        case.issuer.revoke(ended(session(number)));
    }

    eventually("all refused", || (0..10).all(|number| case.code(session(number)) == "logged_out"))
        .await;
    eventually("fresh", || case.code(session(99)) == "accepted").await;
    assert_eq!(case.issuer.asked("/v1/revocations/snapshot"), 1);
}

/// INV1, INV5
#[tokio::test]
async fn an_event_that_was_lost_is_fetched_again() {
    let case = Case::ready().await;
    case.issuer.world().lose_one = true;

    case.issuer.revoke(ended(session(1)));

    eventually("refused", || case.code(session(1)) == "logged_out").await;
    assert_eq!(case.issuer.asked("/v1/revocations/snapshot"), 1);
    assert!(case.subscriber.status().reconnects >= 1);
}

/// INV9
#[tokio::test]
async fn after_a_restart_the_snapshot_is_taken_again_and_merged() {
    let case = Case::ready().await;
    case.issuer.revoke(ended(session(1)));
    eventually("refused", || case.code(session(1)) == "logged_out").await;

    // What it has forgotten, we have not.
    case.issuer.change(|world| world.log = vec![ended(session(2))]);
    case.issuer.restart();

    eventually("refused", || case.code(session(2)) == "logged_out").await;
    eventually("fresh", || case.code(session(3)) == "accepted").await;
    assert_eq!(case.code(session(1)), "logged_out");
    assert_eq!(case.subscriber.status().resets, 1);
}

/// INV5
#[tokio::test]
async fn a_feed_that_is_too_new_is_never_fresh_again() {
    let case = Case::ready().await;

    case.issuer.revoke(json!(["z", "", NOW + 690, 0]));
    eventually("stale", || case.code(session(1)) == "stale").await;
    case.issuer.revoke(ended(session(1)));

    eventually("refused", || case.code(session(1)) == "logged_out").await;
    assert!(case.subscriber.status().outdated);
    assert_eq!(case.code(session(2)), "stale");
}

#[tokio::test]
async fn a_snapshot_that_is_too_new_is_taken_as_far_as_it_is_known() {
    let case = Case::start(|issuer| {
        issuer.revoke(json!(["z", "", NOW + 690, 0]));
        issuer.revoke(ended(session(1)));
        settings(issuer)
    });
    let case = case.await;

    eventually("refused", || case.code(session(1)) == "logged_out").await;
    eventually("said", || case.subscriber.status().outdated).await;
    assert_eq!(case.code(session(2)), "stale");
}

/// A relay has the feed, and the issuer whatever has to do with secrets.
#[tokio::test]
async fn a_feed_is_read_elsewhere_and_tokens_come_from_the_issuer() {
    let key = key("k1");
    let relay = Issuer::start(jwks(&[&key])).await;
    let issuer = Issuer::start(jwks(&[])).await;
    relay.revoke(ended(session(1)));
    let case = Case::at(key, issuer, |issuer| settings(issuer).with_feed(&relay.url));

    case.subscriber.wait_ready(MOST).await.unwrap();
    assert_eq!(case.subscriber.introspect("abc").await, Ok(true));

    assert_eq!(case.code(session(1)), "logged_out");
    let paths = |issuer: &Issuer| -> BTreeSet<String> {
        issuer.world().requests.iter().map(|request| request.path.clone()).collect()
    };
    let of_issuer = ["/oauth2/introspect", "/oauth2/token"].map(str::to_owned);
    assert_eq!(paths(&case.issuer), BTreeSet::from(of_issuer));
    assert!(paths(&relay).iter().all(|path| path.starts_with("/v1/revocations/")));
}

/// INV10
#[tokio::test]
async fn the_last_clone_that_is_dropped_ends_it() {
    let case = Case::ready().await;
    let Case { issuer, subscriber, .. } = case;
    eventually("connected", || issuer.world().live == 1).await;

    let another = subscriber.clone();
    drop(subscriber);
    assert!(another.status().connected);
    drop(another);

    eventually("gone", || issuer.world().live == 0).await;
}

/// INV10: who has started one, made a gate and returned it, has let go of everything else.
#[tokio::test]
async fn a_clock_keeps_it_going() {
    let Case { key, issuer, subscriber, guard } = Case::ready().await;
    let clock = subscriber.clock();
    drop(subscriber);

    issuer.revoke(ended(session(1)));

    let check = || guard.check(&token(&key, session(1)), clock());
    eventually("refused", || check() == Err(Refusal::Ended(Reason::LoggedOut))).await;
    drop(clock);
    eventually("gone", || issuer.world().live == 0).await;
}

#[tokio::test]
async fn whoever_is_away_at_the_start_is_waited_for() {
    let case = Case::start(|issuer| {
        issuer.world().broken.insert("/oauth2/token", 503);
        settings(issuer)
    });
    let case = case.await;
    eventually("asked again", || case.issuer.asked("/oauth2/token") >= 3).await;
    assert!(!case.subscriber.status().connected);

    case.issuer.world().broken.clear();

    case.subscriber.wait_ready(MOST).await.unwrap();
    assert_eq!(case.code(session(1)), "accepted");
}

/// A type that nobody sends: the issuer's address is one of a proxy's error page, say.
#[tokio::test]
async fn an_answer_of_another_type_is_not_read() {
    for path in ["/v1/revocations/snapshot", "/oauth2/token"] {
        let case = Case::start(|issuer: &Issuer| {
            issuer.world().mistyped.insert(path, "text/html");
            settings(issuer)
        });
        let case = case.await;
        eventually("asked again", || case.issuer.asked(path) >= 2).await;
        assert_eq!(case.subscriber.status().cursor_age, None, "{path}");

        case.issuer.world().mistyped.clear();
        case.subscriber.wait_ready(MOST).await.unwrap();
    }
}

/// INV10
#[tokio::test]
async fn a_snapshot_that_is_too_large_is_not_read() {
    let case = Case::start(|issuer| {
        for number in 0..100 {
            issuer.revoke(ended(session(number)));
        }
        settings(issuer).with_snapshot_limit(1_000)
    });
    let case = case.await;

    eventually("asked again", || case.issuer.asked("/v1/revocations/snapshot") >= 2).await;
    assert_eq!(case.subscriber.status().entries, 0);
}
