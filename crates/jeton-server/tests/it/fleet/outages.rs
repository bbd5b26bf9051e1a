//! Redis fails: nobody is refused who should not be, and everything goes on afterwards.

use serde_json::json;

use crate::fleet::nodes::{BACKEND, Fleet, open, until_ready};
use crate::service::eventually;

/// R20: an outage is a 503 that says when to try again, and never a refusal.
#[test]
fn while_redis_is_down_nobody_is_refused() {
    let mut fleet = Fleet::new().with("FLEET__DEADLINE", "300").with("FLEET__STALE", "accept");
    let (folders, [first, second]) = fleet.start::<2>();
    let tokens = open(&first, "alice");
    let token = first.http.client_token(BACKEND, "sessions:manage");

    fleet.redis.kill();

    for node in [&first, &second] {
        let ready = node.http.get("/health/ready").send();
        ready.assert_refused(503, "store_unavailable", "ready");
        assert!(ready.has("retry-after"), "{ready:?}");
        for answer in [
            node.http.refresh(&tokens.refresh),
            node.http.logout(&tokens.access),
            node.http.open(&token, "bob", &json!({})),
        ] {
            answer.assert_refused(503, "unavailable", "while it is down");
            assert!(answer.has("retry-after"), "{answer:?}");
        }
        let asked = node.http.introspect(BACKEND, &tokens.access);
        asked.assert_oauth_error(503, "temporarily_unavailable", "introspection");
        assert_eq!(node.http.get("/health/live").send().status, 200);
        assert_eq!(node.http.me(&tokens.access).status, 200, "it needs nobody");
    }
    let third = fleet.node().run(&["serve"], "");
    assert_eq!(third.code, Some(3), "{third:?}");
    assert_eq!(third.errors.lines().filter(|line| line.starts_with("jeton: ")).count(), 1);

    fleet.redis.restart();
    for node in [&first, &second] {
        until_ready(node);
    }
    let next = second.http.refresh(&tokens.refresh).tokens();
    assert_eq!(first.http.logout(&next.access).status, 200);
    eventually("told", || second.http.me(&next.access).status == 401);
    drop(folders);
}

/// INV5: a node that does not know enough says so, as its settings want it.
#[test]
fn a_node_that_is_behind_does_what_its_settings_say() {
    for stale in ["refuse", "accept_recent"] {
        let mut fleet = Fleet::new()
            .with("FLEET__DEADLINE", "300")
            .with("FLEET__MAX_STALENESS", "2")
            .with("FLEET__STALE", stale);
        let (_folders, [node]) = fleet.start::<1>();
        let tokens = open(&node, "alice");
        assert_eq!(node.http.me(&tokens.access).status, 200);

        fleet.redis.kill();
        eventually("behind", || {
            let answer = node.http.me(&tokens.access);
            assert!([200, 503].contains(&answer.status), "{stale}: {answer:?}");
            answer.status == 503
        });

        node.http.me(&tokens.access).assert_refused(503, "stale", stale);
        fleet.redis.restart();
        eventually("it knows again", || node.http.me(&tokens.access).status == 200);
    }
}

/// INV2, R4: Redis comes back empty. Nobody is refused, for nobody knows; an operator decides, and
/// everything goes on.
#[test]
fn a_redis_that_came_back_empty_is_closed_until_an_operator_decides() {
    let mut fleet = Fleet::new().with("FLEET__DEADLINE", "300");
    let (folders, [first, second]) = fleet.start::<2>();
    let tokens = open(&first, "alice");

    fleet.redis.kill();
    std::fs::remove_dir_all(fleet.redis.folder.path().join("appendonlydir")).unwrap();
    fleet.redis.restart();

    for node in [&first, &second] {
        let not_ready = |code: &str| node.http.get("/health/ready").send().code() == code;
        eventually("closed", || not_ready("store_rolled_back"));
        let refused = node.http.refresh(&tokens.refresh);
        refused.assert_refused(503, "unavailable", "nobody knows");
    }
    first.wait_for("store_rolled_back");
    let checked = fleet.node().run(&["store", "check"], "");
    assert_eq!(checked.code, Some(1), "{checked:?}");
    assert!(checked.output.contains("64 of the 64 buckets have older data"), "{checked:?}");
    let asked = folders[0].run(&["store", "accept"], "");
    assert_eq!(asked.code, Some(2), "{asked:?}");
    assert!(asked.errors.contains("ends every session"), "{asked:?}");
    let accepted = fleet.node().run(&["store", "accept", "--yes"], "");
    assert_eq!(accepted.code, Some(0), "{accepted:?}");
    let checked = fleet.node().run(&["store", "check"], "");
    assert_eq!(checked.code, Some(0), "{checked:?}");

    first.kill();
    second.kill();
    let [first, second] = folders.each_ref().map(crate::setup::Setup::start);
    for node in [&first, &second] {
        until_ready(node);
        assert_eq!(node.http.refresh(&tokens.refresh).status, 401, "ended, now for certain");
    }
    let fresh = open(&first, "alice");
    assert_eq!(second.http.refresh(&fresh.refresh).status, 200);
}
