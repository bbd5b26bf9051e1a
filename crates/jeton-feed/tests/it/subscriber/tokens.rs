//! The token that the feed is read with.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jeton_feed::subscribe::{
    AddressError, BearerToken, Credentials, Settings, StartError, Subscriber,
};

use super::given::{Case, MOST, session, settings};
use crate::issuer::{eventually, wall};

#[tokio::test]
async fn a_client_asks_for_a_token_by_its_credentials() {
    let case = Case::ready().await;

    let asked = case.issuer.requests("/oauth2/token");

    assert_eq!(asked.len(), 1);
    assert_eq!(asked[0].authorization, "Basic b3JkZXJzOmpjc19zJTNBY3JldA==");
    assert_eq!(asked[0].body, "grant_type=client_credentials&scope=revocations%3Aread");
    assert_eq!(case.issuer.requests("/v1/revocations/feed")[0].authorization, "Bearer token-1");
}

/// T2
#[tokio::test]
async fn a_token_is_renewed_before_it_expires_and_nothing_is_stale_meanwhile() {
    let case = Case::start(|issuer| {
        issuer.world().expires_in = 3;
        settings(issuer)
    });
    let case = case.await;
    case.subscriber.wait_ready(MOST).await.unwrap();

    eventually("renewed twice", || {
        assert_eq!(case.code(session(1)), "accepted");
        case.issuer.asked("/v1/revocations/feed") >= 3
    })
    .await;

    let feeds = case.issuer.requests("/v1/revocations/feed");
    let tokens: Vec<_> = feeds.iter().map(|feed| feed.authorization.as_str()).collect();
    assert_eq!(tokens[..3], ["Bearer token-1", "Bearer token-2", "Bearer token-3"]);
    assert_eq!(case.subscriber.status().reconnects, 0, "all of it was planned");
}

/// INV10: an issuer that is wrong about it is not asked as fast as it can answer.
#[tokio::test]
async fn a_token_that_is_over_already_is_not_renewed_at_once() {
    let case = Case::start(|issuer| {
        issuer.world().expires_in = 0;
        settings(issuer)
    });
    let case = case.await;
    case.subscriber.wait_ready(MOST).await.unwrap();

    assert_eq!(case.code(session(1)), "accepted");
}

#[tokio::test]
async fn a_token_that_is_refused_is_replaced_at_once() {
    let case = Case::ready().await;

    case.issuer.change(|world| world.refused = 1);
    case.issuer.cut();

    eventually("again", || case.issuer.asked("/oauth2/token") == 2).await;
    eventually("fresh", || case.subscriber.status().connected).await;
    assert_eq!(case.code(session(1)), "accepted");
}

#[tokio::test]
async fn tokens_come_from_elsewhere_too() {
    let asked = Arc::new(AtomicU64::new(0));
    let count = Arc::clone(&asked);
    let case = Case::start(|issuer| {
        let source = Credentials::source(move || {
            let number = count.fetch_add(1, Ordering::Relaxed) + 1;
            async move {
                if number == 1 {
                    return Err("not yet".into());
                }
                Ok(BearerToken::new(format!("token-{number}"), Some(Duration::from_mins(10))))
            }
        });
        Settings::new(&issuer.url, source, wall)
    });
    let case = case.await;

    case.subscriber.wait_ready(MOST).await.unwrap();
    assert_eq!(asked.load(Ordering::Relaxed), 2, "once in vain");
    assert_eq!(case.issuer.asked("/oauth2/token"), 0);
    let asked = case.issuer.requests("/v1/revocations/snapshot");
    assert_eq!(asked[0].authorization, "Bearer token-2");
}

#[tokio::test]
async fn a_secret_goes_in_the_clear_to_nobody() {
    let credentials = Credentials::client("orders", "jcs_secret");
    assert!(!format!("{credentials:?}").contains("jcs_secret"));
    assert!(!format!("{:?}", BearerToken::new("ey", None)).contains("ey\""));

    let settings = Settings::new("http://login.example", credentials, wall);
    let refused = Subscriber::start(settings.clone());
    assert!(matches!(refused, Err(StartError::Address(AddressError::Plain))), "{refused:?}");
    assert!(Subscriber::start(settings.allow_plain_http()).is_ok());
}
