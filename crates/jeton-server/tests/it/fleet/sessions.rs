//! Sessions live and end at all nodes alike.

use std::thread;

use jeton_feed::wire::{Event, Snapshot};
use serde_json::json;

use crate::fleet::nodes::{BACKEND, Fleet, VERIFIER, open, until_ready};
use crate::reader::Reader;
use crate::service::{Service, eventually};

/// INV8: whichever node a request meets, the session is the same.
#[test]
fn a_session_is_good_at_every_node_and_refreshes_at_any() {
    let fleet = Fleet::new();
    let (_folders, nodes) = fleet.start::<3>();
    let mut tokens = open(&nodes[0], "alice");

    for round in 0..6 {
        let node = &nodes[round % 3];
        for (at, other) in nodes.iter().enumerate() {
            assert_eq!(other.http.me(&tokens.access).status, 200, "round {round} at {at}");
        }
        tokens = node.http.refresh(&tokens.refresh).tokens();
    }

    let answer = nodes[1].http.introspect(BACKEND, &tokens.access);
    assert_eq!(answer.json()["active"], true, "{answer:?}");
}

/// INV1, INV2: what ends at one node has ended at all, at once where the store is asked, and within
/// moments where it is not.
#[test]
fn what_ends_at_one_node_has_ended_at_all() {
    let fleet = Fleet::new().with("SESSION__GRACE", "0");
    let (_folders, nodes) = fleet.start::<3>();
    let (ended, replayed) = (open(&nodes[0], "alice"), open(&nodes[1], "bob"));

    assert_eq!(nodes[2].http.logout(&ended.access).status, 200);
    let next = nodes[0].http.refresh(&replayed.refresh).tokens();
    let again = nodes[2].http.refresh(&replayed.refresh);

    again.assert_refused(401, "replayed", "spent at another node");
    for (at, node) in nodes.iter().enumerate() {
        let case = format!("at node {at}");
        node.http.refresh(&ended.refresh).assert_refused(401, "logged_out", &case);
        node.http.refresh(&next.refresh).assert_refused(401, "replayed", &case);
        assert_eq!(node.http.introspect(BACKEND, &ended.access).json()["active"], false, "{case}");
        eventually("logged out", || node.http.me(&ended.access).status == 401);
        eventually("replayed", || node.http.me(&next.access).status == 401);
        node.http.me(&ended.access).assert_refused(401, "logged_out", &case);
        node.http.me(&next.access).assert_refused(401, "replayed", &case);
    }
}

fn snapshot(node: &Service, token: &str) -> Snapshot {
    let answer = node.http.get("/v1/revocations/snapshot").bearer(token).send();
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_value(answer.json()).unwrap()
}

/// INV5, INV9: a verifier that comes from another node misses nothing and starts nothing anew; so
/// does one that comes back to a node that was restarted.
#[test]
fn a_cursor_of_one_node_is_good_at_every_other() {
    let fleet = Fleet::new();
    let (folders, [first, second]) = fleet.start::<2>();
    let token = first.http.client_token(VERIFIER, "revocations:read");
    let cursor = snapshot(&first, &token).cursor;
    let sessions = ["a", "b", "c"].map(|subject| open(&first, subject));
    for tokens in &sessions {
        assert_eq!(first.http.logout(&tokens.access).status, 200);
    }
    first.signal("TERM");
    assert_eq!(first.wait().0.code(), Some(0));
    let first = folders[0].start();
    until_ready(&first);

    for node in [&second, &first] {
        let mut feed = Reader::open(node, &token, cursor);
        let mut told = 0;
        while told < sessions.len() {
            match feed.next().expect("the stream goes on") {
                Event::Revocations(revocations) => told += revocations.e.len(),
                Event::Reset { .. } => panic!("the cursor was of no use"),
                _ => {}
            }
        }
        assert_eq!(told, sessions.len());
        assert_eq!(snapshot(node, &token).cursor.feed, cursor.feed, "one feed");
    }
}

/// P12: several nodes that start together make one first administrator, and one of them shows the
/// password; with it one logs in at any node, and a change at one ends the sessions at all.
#[test]
fn accounts_are_the_same_at_every_node() {
    let fleet = Fleet::new();
    let nodes = [(); 3].map(|()| fleet.node());
    let started: Vec<Service> = thread::scope(|scope| {
        let starting = nodes.each_ref().map(|node| scope.spawn(|| node.start()));
        starting.into_iter().map(|service| service.join().unwrap()).collect()
    });
    started.iter().for_each(until_ready);
    let shown: Vec<&str> = started
        .iter()
        .flat_map(|service| &service.printed)
        .filter_map(|line| line.trim().strip_prefix("password"))
        .map(str::trim)
        .collect();
    let [password] = shown[..] else { panic!("shown: {shown:?}") };

    let [first, second, third] = &started[..] else { panic!() };
    let [old, kept] = [first, second].map(|node| node.http.login_as("admin", password).tokens());
    let body = json!({ "current_password": password, "new_password": "another walk in the park" });
    let changed = third.http.post("/v1/password").bearer(&kept.access).json(&body).send();

    assert_eq!(changed.status, 200, "{changed:?}");
    first.http.refresh(&old.refresh).assert_refused(401, "password_changed", "the other session");
    assert_eq!(first.http.refresh(&kept.refresh).status, 200);
    let refused = second.http.login_as("admin", password);
    refused.assert_refused(401, "invalid_credentials", "the old password");
    assert_eq!(second.http.login_as("admin", "another walk in the park").status, 200);
}
