//! What an operator sees of a fleet.

use serde_json::{Value, json};

use crate::fleet::nodes::{Fleet, open, until_ready};
use crate::service::eventually;
use crate::setup::Setup;

/// The value of a metric.
fn metric(text: &str, name: &str) -> f64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
}

/// T5: numbers of the store and of the keyring, and nobody's name.
#[test]
fn a_node_counts_what_its_store_does() {
    let fleet = Fleet::new();
    let (folders, [node]) = fleet.start::<1>();
    let tokens = open(&node, "alice");
    let next = node.http.refresh(&tokens.refresh).tokens();
    assert_eq!(folders[0].run(&["keys", "rotate"], "").code, Some(0));
    let metrics = || node.http.get("/metrics").send().text;
    eventually("followed", || metrics().contains("jeton_keyring_revision 2\n"));

    let text = metrics();

    let cases = [
        ("jeton_refreshes_repaired_total", 0.0),
        ("jeton_store_errors_total", 0.0),
        ("jeton_store_conflicts_total", 0.0),
        ("jeton_store_revocations_pushed_back_total", 0.0),
        ("jeton_store_open_buckets", 64.0),
    ];
    for (name, value) in cases {
        assert!((metric(&text, name) - value).abs() < 1e-9, "{name}: {text}");
    }
    let count = metric(&text, "jeton_store_latency_seconds_count");
    let last = metric(&text, r#"jeton_store_latency_seconds_bucket{le="+Inf"}"#);
    assert!(count >= 2.0 && (count - last).abs() < 1e-9, "{text}");
    assert!(metric(&text, "jeton_store_latency_seconds_sum") > 0.0);
    assert!(metric(&text, "jeton_store_rounds_total") > 0.0);
    assert!(metric(&text, "jeton_revocation_list_staleness_seconds") < 30.0);
    assert!(text.ends_with("# EOF\n"));
    for secret in ["alice", &tokens.session, &next.access] {
        assert!(!text.contains(secret), "{text}");
    }
}

/// Whoever routes requests hears first that a node is about to go, and has the time to act upon
/// it; until then the node does its work.
#[test]
fn a_node_says_that_it_stops_before_it_does() {
    let fleet = Fleet::new().with("HTTP__NOTICE", "600");
    let (_folders, [node]) = fleet.start::<1>();
    let tokens = open(&node, "alice");

    node.signal("TERM");

    node.wait_for("stopping");
    let ready = node.http.get("/health/ready").send();
    ready.assert_refused(503, "stopping", "told to stop");
    assert_eq!(node.http.me(&tokens.access).status, 200);
    assert_eq!(node.http.refresh(&tokens.refresh).status, 200);
    node.kill();
    let next = fleet.node().with("HTTP__NOTICE", "0").start();
    until_ready(&next);
    next.signal("TERM");
    let (status, log) = next.wait();
    assert_eq!(status.code(), Some(0), "{log:#?}");
    assert!(log.last().unwrap().contains("stopped"), "{log:#?}");
    // It is not among those that the others wait for after a failover.
    for bucket in ["{18}", "{10}"] {
        let nodes = fleet.redis.cli(&["HLEN", &format!("jeton:{bucket}:n")]);
        assert_eq!(nodes, "1", "the killed one's entry alone");
    }
}

/// T5: what there is, for people and for programs, with nobody's name in it and nothing written.
#[test]
fn a_check_of_the_store_says_what_there_is_and_what_is_wrong() {
    let fleet = Fleet::new();
    let elsewhere = fleet.node();
    let empty = elsewhere.run(&["store", "check"], "");
    assert_eq!(empty.code, Some(0), "{empty:?}");
    assert!(empty.output.contains("no node has written anything here yet"), "{empty:?}");
    assert_eq!(fleet.redis.cli(&["DBSIZE"]), "0");
    let (_folders, [first, second]) = fleet.start::<2>();
    let _kept = [open(&first, "carol"), open(&second, "dave")];
    for subject in ["alice", "bob"] {
        let tokens = open(&first, subject);
        assert_eq!(second.http.logout(&tokens.access).status, 200);
    }

    let text = elsewhere.run(&["store", "check"], "");
    let json = elsewhere.run(&["store", "check", "--json"], "");

    assert_eq!((text.code, json.code), (Some(0), Some(0)), "{text:?} {json:?}");
    let server = fleet.redis.address();
    for words in [&*server, "noeviction", "format 1", "690 s", "2 revocations", "2 nodes, 0 of"] {
        assert!(text.output.contains(words), "{words}: {text:?}");
    }
    let found: Value = serde_json::from_str(&json.output).unwrap();
    assert_eq!(found["wrong"], json!([]));
    assert_eq!((&found["retention"], &found["format"]), (&json!(690), &json!("1")));
    let buckets = found["buckets"].as_array().unwrap();
    assert_eq!(buckets.len(), 64);
    assert!(buckets.iter().all(|bucket| bucket["nodes"] == 2 && bucket["unsettled"] == 0));
    let subjects: u64 = buckets.iter().map(|bucket| bucket["subjects"].as_u64().unwrap()).sum();
    assert!(subjects >= 2, "{found}");
    fleet.redis.cli(&["CONFIG", "SET", "maxmemory", "1mb"]);
    let full = elsewhere.run(&["store", "check"], "");
    assert_eq!(full.code, Some(0), "{full:?}");
    assert!(full.output.contains("raise `maxmemory`"), "{full:?}");
    fleet.redis.cli(&["CONFIG", "SET", "maxmemory", "0"]);
    fleet.redis.cli(&["CONFIG", "SET", "maxmemory-policy", "allkeys-lru"]);
    let wrong = elsewhere.run(&["store", "check"], "");
    assert_eq!(wrong.code, Some(1), "{wrong:?}");
    assert!(wrong.output.contains("wrong: ") && wrong.output.contains("noeviction"), "{wrong:?}");
    let alone = Setup::empty().run(&["store", "check"], "");
    assert_eq!(alone.code, Some(2), "{alone:?}");
}

/// INV1: R is the fleet's. Tokens that live longer need it raised first, and a node says so.
#[test]
fn the_life_of_tokens_is_made_longer_in_two_steps() {
    let fleet = Fleet::new();
    let (folders, [node]) = fleet.start::<1>();
    let tokens = open(&node, "alice");
    let longer = fleet.node().with("TOKENS__ACCESS_LIFETIME", "900");
    let refused = longer.run(&["serve"], "");
    assert_eq!(refused.code, Some(2), "{refused:?}");
    assert!(refused.errors.contains("run `jeton store retention 990`"), "{refused:?}");

    let set = longer.run(&["store", "retention", "990"], "");

    assert_eq!(set.code, Some(0), "{set:?}");
    node.kill();
    let node = folders[0].start();
    until_ready(&node);
    let second = longer.start();
    until_ready(&second);
    let long = open(&second, "alice");
    for token in [&tokens.access, &long.access] {
        assert_eq!(node.http.me(token).status, 200, "both know both");
        assert_eq!(second.http.me(token).status, 200, "both know both");
    }
    let shorter = folders[0].run(&["store", "retention", "700"], "");
    assert_eq!(shorter.code, Some(2), "{shorter:?}");
    assert!(shorter.errors.contains("--yes"), "{shorter:?}");
    let too_short = longer.run(&["store", "retention", "700", "--yes"], "");
    assert_eq!(too_short.code, Some(2), "{too_short:?}");
    assert_eq!(folders[0].run(&["store", "retention", "700", "--yes"], "").code, Some(0));
}
