//! The service's keys at the command line, and what a running service makes of a change.

use std::fs;

use serde_json::Value;

use crate::client::Client;
use crate::forge::Parts;
use crate::service::eventually;
use crate::setup::Setup;

fn published(http: &Client) -> Vec<Value> {
    let keys = http.get("/.well-known/jwks.json").send().json()["keys"].take();
    keys.as_array().unwrap().iter().map(|key| key["kid"].clone()).collect()
}

/// I8: the next key is published long before it signs, and no token is refused on the way.
#[test]
fn a_rotation_reaches_the_running_service_and_harms_no_token() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let before = http.login().tokens();
    let old = published(http);

    let rotated = setup.run(&["keys", "rotate"], "");

    assert_eq!(rotated.code, Some(0), "{rotated:?}");
    eventually("the next key is published", || published(http).len() == 2);
    let new = published(http);
    assert_eq!(new[0], old[0]);
    assert_eq!(http.me(&before.access).status, 200);
    let after = http.refresh(&before.refresh).tokens();
    assert_eq!(Parts::of(&after.access).header["kid"], old[0], "the next key signs nothing yet");
    assert_eq!(http.me(&after.access).status, 200);
    service.kill();
    let service = setup.start();
    assert_eq!(published(&service.http), new);
    assert_eq!(service.http.me(&after.access).status, 200);
    assert_eq!(service.http.refresh(&after.refresh).status, 200);
}

/// In the wrong folder, an operator in a hurry hears so, and nothing is left there.
#[test]
fn where_there_is_no_keyring_none_is_changed_and_no_folder_made() {
    for change in [&["keys", "rotate"][..], &["keys", "withdraw", "stolen"], &["keys", "list"]] {
        let setup = Setup::empty();

        let refused = setup.run(change, "");

        assert_eq!(refused.code, Some(3), "{refused:?}");
        assert!(refused.errors.contains("give --data"), "{refused:?}");
        assert!(!setup.data().exists(), "{change:?}");
    }
}

#[test]
fn the_data_folder_can_be_the_one_where_a_command_is_called() {
    for here in ["", "."] {
        let setup = Setup::empty().with("DATA", here);

        let made = setup.run(&["keys", "generate"], "");

        assert_eq!(made.code, Some(0), "{here:?}: {made:?}");
        assert!(setup.path("keys.json").exists());
    }
}

/// I8: the setting counts when keys are made. Those that are there go on under their own.
#[test]
fn a_rotation_takes_up_another_algorithm() {
    for (algorithm, public) in
        [("ES384", 2), ("PS256", 2), ("Ed25519", 2), ("ML-DSA-65", 2), ("HS384", 1)]
    {
        let setup = Setup::new();
        let before = setup.start().http.login().tokens();
        let setup = setup.with("TOKENS__ALGORITHM", algorithm);

        let rotated = setup.run(&["keys", "rotate"], "");
        take_over(&setup);
        let service = setup.start();
        let http = &service.http;
        let after = http.login().tokens();

        assert_eq!(rotated.code, Some(0), "{rotated:?}");
        assert_eq!(Parts::of(&before.access).header["alg"], "ES256");
        assert_eq!(Parts::of(&after.access).header["alg"], algorithm);
        assert_eq!(published(http).len(), public, "{algorithm}");
        for tokens in [before, after] {
            assert_eq!(http.me(&tokens.access).status, 200, "{algorithm}");
            assert_eq!(http.refresh(&tokens.refresh).status, 200, "{algorithm}");
        }
    }
}

/// Lets the next keys sign now, as if they had been published for long.
fn take_over(setup: &Setup) {
    let path = setup.data().join("keys.json");
    let mut keys: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    for ring in ["access", "refresh"] {
        let created_at = keys[ring][1]["created_at"].clone();
        keys[ring][1]["active_from"] = created_at;
    }
    fs::write(path, keys.to_string()).unwrap();
}

/// Rotating twice in a row would publish a key that nobody has had the time to fetch.
#[test]
fn what_would_do_harm_to_the_keys_is_refused() {
    let setup = Setup::empty();
    let missing = setup.run(&["keys", "list"], "");
    assert_eq!(missing.code, Some(3), "{missing:?}");
    assert_eq!(setup.run(&["keys", "generate"], "").code, Some(0));
    assert_eq!(setup.run(&["keys", "rotate"], "").code, Some(0));
    let keys = fs::read(setup.data().join("keys.json")).unwrap();

    let cases = [("rotate", "the next key is already published"), ("generate", "exists already")];
    for (command, reason) in cases {
        let refused = setup.run(&["keys", command], "");

        assert_eq!(refused.code, Some(1), "{refused:?}");
        assert!(refused.errors.contains(reason), "{refused:?}");
        assert_eq!(fs::read(setup.data().join("keys.json")).unwrap(), keys);
    }
}

/// I9, T3: a list for a ticket or a chat.
#[test]
fn a_list_of_the_keys_shows_nothing_of_them() {
    let setup = Setup::empty();
    let generated = setup.run(&["keys", "generate"], "");
    let rotated = setup.run(&["keys", "rotate"], "");
    let keys = fs::read_to_string(setup.data().join("keys.json")).unwrap();
    let keys: Value = serde_json::from_str(&keys).unwrap();
    let rings = ["access", "refresh"].map(|ring| keys[ring].as_array().unwrap().clone());
    let material: Vec<String> = rings
        .iter()
        .flatten()
        .flat_map(|key| {
            key["material"].as_str().unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();

    let list = setup.run(&["keys", "list"], "");
    let json = setup.run(&["keys", "list", "--json"], "");

    assert_eq!(material.len(), 12, "two PEM files and two secrets");
    for shown in [&generated, &rotated, &list, &json] {
        assert_eq!(shown.code, Some(0), "{shown:?}");
        let text = format!("{}{}", shown.output, shown.errors);
        assert!(!material.iter().any(|line| text.contains(line)), "{text}");
    }
    let json: Value = serde_json::from_str(&json.output).unwrap();
    let states: Vec<&Value> = json.as_array().unwrap().iter().map(|key| &key["state"]).collect();
    assert_eq!(states, ["active", "next", "active", "next"]);
    assert_eq!(list.output.lines().count(), 4);
}

/// A keyring that somebody has spoilt does not stop a service that has a good one.
#[test]
fn a_running_service_keeps_its_keys_when_the_file_is_spoilt() {
    let setup = Setup::new();
    let service = setup.start();
    let tokens = service.http.login().tokens();

    fs::write(setup.data().join("keys.json"), "{}").unwrap();
    service.wait_for("the old one stays");

    assert_eq!(service.http.me(&tokens.access).status, 200);
    assert_eq!(service.http.refresh(&tokens.refresh).status, 200);
    assert_eq!(published(&service.http).len(), 1);
}
