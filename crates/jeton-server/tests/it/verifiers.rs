//! What verifiers report, and what the service counts.

use serde_json::{Value, json};

use crate::client::Client;
use crate::feed::{reading, snapshot, until_published, until_ready};
use crate::reader::Reader;
use crate::setup::Setup;

fn report(http: &Client, token: &str, body: &Value) -> crate::answer::Answer {
    http.post("/v1/revocations/report").bearer(token).json(body).send()
}

#[test]
fn what_a_verifier_reports_is_shown_to_those_who_may_read_the_feed() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let token = reading(&setup, &service);
    let body = json!({ "verifier": "a-1", "delay_ms": 1.5, "staleness_ms": 310, "entries": 123 });

    assert_eq!(report(http, &token, &body).data(), json!({}));
    assert_eq!(report(http, &token, &json!({ "verifier": "a-2" })).status, 200);
    let listed = http.get("/admin/v1/verifiers").bearer(&token).send().data();

    let verifiers = listed["verifiers"].as_array().unwrap();
    assert_eq!(verifiers.len(), 2);
    assert!(verifiers[0]["age_ms"].as_u64().unwrap() < 30_000);
    let mut first = verifiers[0].clone();
    first.as_object_mut().unwrap().remove("age_ms");
    let mut expected = body;
    expected["client_id"] = json!("orders");
    expected["staleness_ms"] = json!(310.0);
    assert_eq!(first, expected);
    assert_eq!(verifiers[1]["delay_ms"], Value::Null);
}

#[test]
fn what_is_no_report_is_refused_by_what_is_wrong_in_it() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let (token, plain) = (reading(&setup, &service), http.login().tokens().access);
    let cases = [
        (json!({}), "`verifier` is missing"),
        (json!({ "verifier": "a b" }), "`verifier` is not 1 to 64 letters"),
        (json!({ "verifier": "a", "delay_ms": -1 }), "`delay_ms` is out of range"),
        (json!({ "verifier": "a", "entries": -1 }), "`entries` has the wrong type"),
    ];
    for (body, words) in cases {
        let refused = report(http, &token, &body);
        refused.assert_refused(400, "bad_request", words);
        assert!(refused.text.contains(words), "{refused:?}");
    }
    let good = json!({ "verifier": "a" });
    report(http, &plain, &good).assert_refused(403, "insufficient_scope", "no scope");
    let list = http.get("/admin/v1/verifiers");
    list.bearer(&plain).send().assert_refused(403, "insufficient_scope", "no scope");
}

/// The value of a metric with these labels.
fn metric(text: &str, name: &str) -> f64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
}

/// T3: numbers, and nobody's name.
#[test]
fn metrics_count_and_name_nobody() {
    let setup = Setup::new().with("FEED__CANARY", "0");
    let service = setup.start();
    let http = &service.http;
    until_ready(&service);
    let token = reading(&setup, &service);
    let tokens = http.login().tokens();
    let cursor = snapshot(&service, &token).cursor;
    let mut feed = Reader::open(&service, &token, cursor);
    assert!(feed.next().is_some());
    http.logout(&tokens.access);
    let body = json!({ "verifier": "a-1", "delay_ms": 1500, "staleness_ms": 310, "entries": 123 });
    report(http, &token, &body);
    until_published(&service, 1);

    let answer = http.get("/metrics").send();

    assert_eq!(answer.status, 200);
    let media_type = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    assert_eq!(answer.header("content-type"), media_type);
    let text = &answer.text;
    let labels = r#"{client="orders",verifier="a-1"}"#;
    let cases = [
        ("jeton_feed_subscribers", 1.0),
        ("jeton_feed_subscriptions_total", 1.0),
        ("jeton_feed_closed_as_slow_total", 0.0),
        ("jeton_feed_snapshots_total", 1.0),
        ("jeton_feed_snapshots_built_total", 1.0),
        ("jeton_revocation_list_entries", 1.0),
        ("jeton_revocation_list_coarsened_total", 0.0),
        (&format!("jeton_verifier_delay_seconds{labels}"), 1.5),
        (&format!("jeton_verifier_staleness_seconds{labels}"), 0.31),
        (&format!("jeton_verifier_entries{labels}"), 123.0),
    ];
    for (name, value) in cases {
        assert!((metric(text, name) - value).abs() < 1e-9, "{name}: {text}");
    }
    assert!(metric(text, "jeton_feed_age_seconds") < 30.0);
    assert!(metric(text, "jeton_feed_snapshot_bytes") > 100.0);
    assert!(text.ends_with("# EOF\n"));
    for secret in ["alice", &tokens.session, &tokens.access, &token] {
        assert!(!text.contains(secret), "{text}");
    }
}
