//! What a subscriber tells others: the time, and how long revocations take.

use std::time::Duration;

use jeton::Timestamp;
use jeton_feed::subscribe::{Credentials, Settings, StartError, Subscriber};
use serde_json::{Value, json};

use super::given::{Case, session, settings};
use crate::issuer::{NOW, eventually, wall};

#[tokio::test]
async fn a_canary_is_measured_and_reported() {
    let case = Case::start(|issuer| settings(issuer).with_name("orders-3")).await;
    case.subscriber.ready().await;

    // Issued when the server's clock began: it has been under way since.
    case.issuer.revoke(json!(["c", "", NOW + 60, 5_000]));

    eventually("reported", || case.issuer.asked("/v1/revocations/report") > 0).await;
    let delay = case.subscriber.status().delay.unwrap();
    let report: Value =
        serde_json::from_str(&case.issuer.requests("/v1/revocations/report")[0].body).unwrap();
    assert_eq!(report["verifier"], "orders-3");
    assert_eq!(report["entries"], 0, "a canary is on no list");
    assert!(report["staleness_ms"].is_u64());
    assert!((report["delay_ms"].as_f64().unwrap() - delay.as_secs_f64() * 1e3).abs() < 1e-6);
}

#[tokio::test]
async fn a_name_that_no_issuer_takes_is_refused_at_once() {
    for name in ["", "a b", "a\n", "ä", &"a".repeat(65)] {
        let client = Credentials::client("orders", "jcs_s");
        let settings = Settings::new("http://127.0.0.1:1", client, wall).with_name(name);
        let refused = Subscriber::start(settings);
        assert!(matches!(refused, Err(StartError::Name)), "{name:?}");
    }
}

#[tokio::test]
async fn a_clock_that_is_set_back_revives_no_token() {
    let case = Case::ready().await;
    assert_eq!(case.code(session(1)), "accepted");

    // The same as if one's own were set back by an hour.
    case.issuer.world().now = NOW + 3_600;

    eventually("expired", || case.code(session(1)) == "token_expired").await;
    let now = case.subscriber.clock()();
    let told = Timestamp::from_secs(NOW + 3_600 - 30);
    assert!(now.wall() >= told && now.wall() < told.after(Duration::from_secs(30)));
}
