//! The keyring that all nodes share.

use std::fs;

use serde_json::Value;

use crate::client::Client;
use crate::fleet::nodes::{Fleet, open, until_ready};
use crate::forge::Parts;
use crate::service::eventually;
use crate::setup::Setup;

fn published(http: &Client) -> Vec<String> {
    let keys = http.get("/.well-known/jwks.json").send().json()["keys"].take();
    keys.as_array().unwrap().iter().map(|key| key["kid"].as_str().unwrap().to_owned()).collect()
}

fn kid(token: &str) -> String {
    Parts::of(token).header["kid"].as_str().unwrap().to_owned()
}

fn listed(node: &Setup) -> Vec<Value> {
    let list = node.run(&["keys", "list", "--json"], "");
    assert_eq!(list.code, Some(0), "{list:?}");
    serde_json::from_str(&list.output).unwrap()
}

/// I8: a command on any machine, and every node publishes the next key, which signs much later.
#[test]
fn a_rotation_reaches_every_node_long_before_its_key_signs() {
    let fleet = Fleet::new();
    let (folders, nodes) = fleet.start::<3>();
    let old = published(&nodes[0].http);
    assert!(nodes.iter().all(|node| published(&node.http) == old), "one keyring");
    let elsewhere = fleet.node();

    let rotated = elsewhere.run(&["keys", "rotate"], "");

    assert_eq!(rotated.code, Some(0), "{rotated:?}");
    for node in &nodes {
        eventually("the next key is published", || published(&node.http).len() == 2);
        assert_eq!(kid(&open(node, "alice").access), old[0], "it signs nothing yet");
    }
    let again = folders[1].run(&["keys", "rotate"], "");
    assert_eq!(again.code, Some(1), "{again:?}");
    assert!(again.errors.contains("already published"), "{again:?}");
    assert_eq!(listed(&folders[0]), listed(&folders[2]));
    assert!(!elsewhere.data().exists(), "a command leaves nothing behind");
}

/// I8: what a stolen key has signed is refused everywhere, what its successor signs is good
/// everywhere, from the first moment, whichever node signed it.
#[test]
fn a_withdrawn_key_is_refused_and_its_successor_known_at_every_node() {
    let fleet = Fleet::new();
    let (folders, nodes) = fleet.start::<3>();
    let before = open(&nodes[0], "alice");
    let stolen = kid(&before.access);

    let done = folders[1].run(&["keys", "withdraw", &stolen], "");

    assert_eq!(done.code, Some(0), "{done:?}");
    assert!(!done.output.contains(&stolen), "{done:?}");
    for node in &nodes {
        eventually("refused", || node.http.me(&before.access).code() == "key_withdrawn");
    }
    for (at, node) in nodes.iter().enumerate() {
        let fresh = open(node, "bob");
        assert_ne!(kid(&fresh.access), stolen);
        for (by, other) in nodes.iter().enumerate() {
            assert_eq!(other.http.me(&fresh.access).status, 200, "signed at {at}, asked at {by}");
            assert!(published(&other.http).contains(&kid(&fresh.access)), "known to verifiers");
        }
    }
    let twice = folders[2].run(&["keys", "withdraw", &stolen], "");
    assert_eq!((twice.code, twice.output), (Some(0), done.output));
}

/// I8: Redis has lost the keyring, or has that of last week again: nobody notices.
#[test]
fn a_keyring_that_redis_has_lost_comes_back_from_the_nodes() {
    let fleet = Fleet::new();
    let (folders, nodes) = fleet.start::<2>();
    let tokens = open(&nodes[0], "alice");
    let old = fleet.redis.cli(&["HGET", "jeton:keys", "revision"]);
    assert_eq!(folders[0].run(&["keys", "rotate"], "").code, Some(0));
    eventually("followed", || nodes.iter().all(|node| published(&node.http).len() == 2));
    let keys = listed(&folders[0]);

    assert_eq!(fleet.redis.cli(&["DEL", "jeton:keys"]), "1");
    eventually("back", || fleet.redis.cli(&["EXISTS", "jeton:keys"]) == "1");

    assert_eq!(listed(&folders[0]), keys);
    assert_ne!(fleet.redis.cli(&["HGET", "jeton:keys", "revision"]), old);
    // And from the copy of one that was away meanwhile.
    let [first, second] = nodes;
    first.kill();
    second.kill();
    assert_eq!(fleet.redis.cli(&["DEL", "jeton:keys"]), "1");
    let first = folders[0].start();
    until_ready(&first);
    assert_eq!(listed(&folders[0]), keys);
    assert_eq!(first.http.me(&tokens.access).status, 200);
}

/// R12: whoever reads Redis cannot sign; whoever has another key file does not get in.
#[test]
fn the_keyring_in_redis_is_sealed() {
    let fleet = Fleet::new();
    let (_folders, nodes) = fleet.start::<1>();
    let stored = fleet.redis.cli(&["--no-raw", "HGET", "jeton:keys", "bytes"]);
    for words in ["PRIVATE", "material", "ES256"] {
        assert!(!stored.contains(words), "{words}");
    }
    fleet.secret("other.key", "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
    let other = fleet.path("other.key").display().to_string();
    let stranger = fleet.node().with("FLEET__KEY_FILE", &other);

    for command in [&["serve"][..], &["keys", "list"], &["keys", "rotate"]] {
        let refused = stranger.run(command, "");
        assert_eq!(refused.code, Some(2), "{refused:?}");
        assert!(refused.errors.contains("was not sealed with the key in"), "{refused:?}");
    }
    assert_eq!(nodes[0].http.get("/.well-known/jwks.json").send().status, 200);
    let copy = fs::read_to_string(stranger.data().join("keys.json"));
    assert!(copy.is_err(), "{copy:?}");
}
