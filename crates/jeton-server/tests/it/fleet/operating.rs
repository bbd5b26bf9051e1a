//! What an operator sees of a fleet.

use crate::fleet::nodes::{Fleet, open, until_ready};
use crate::service::eventually;

/// The value of a metric.
fn metric(text: &str, name: &str) -> f64 {
    let value = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(' '));
    value.unwrap_or_else(|| panic!("no {name} in {text}")).parse().unwrap()
}

/// T3: numbers of the store and of the keyring, and nobody's name.
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

/// R5: whoever routes requests hears first that a node is about to go, and has the time to act upon
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
