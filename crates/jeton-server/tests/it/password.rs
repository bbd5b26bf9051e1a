//! Changing a password over HTTP.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::client::Client;
use crate::setup::{ALICE, PASSWORD, Setup};

const NEW: &str = "a walk in the park at night";

fn change(http: &Client, access_token: &str, current: &str, new: &str) -> Answer {
    let body = json!({ "current_password": current, "new_password": new });
    http.post("/v1/password").bearer(access_token).json(&body).send()
}

/// R15, F10: the session that changed it lives, all others end, and only the new password logs in.
#[test]
fn a_new_password_ends_every_other_session() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let (kept, first, second) =
        (http.login().tokens(), http.login().tokens(), http.login().tokens());

    let answer = change(http, &kept.access, PASSWORD, NEW);

    assert_eq!(answer.data(), json!({ "sessions_ended": 2 }));
    for ended in [&first, &second] {
        http.me(&ended.access).assert_refused(401, "password_changed", "access token");
        http.refresh(&ended.refresh).assert_refused(401, "password_changed", "refresh token");
    }
    assert_eq!(http.me(&kept.access).status, 200);
    assert_eq!(http.refresh(&kept.refresh).status, 200);
    http.login().assert_refused(401, "invalid_credentials", "the old password");
    assert_eq!(http.login_as(ALICE, NEW).status, 200);
}

/// P1, P4: and a change that is refused changes nothing.
#[test]
fn a_change_needs_the_current_password_and_a_good_new_one() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let (alice, other) = (http.login().tokens(), http.login().tokens());

    let cases = [
        ("wrong current password", "not hers", NEW, 401, "invalid_credentials"),
        ("no current password", "", NEW, 401, "invalid_credentials"),
        ("no new password", PASSWORD, "", 400, "weak_password"),
        ("seven characters", PASSWORD, "密码密码密码密", 400, "weak_password"),
        ("the account's name", PASSWORD, "ALICE", 400, "weak_password"),
        ("too long", PASSWORD, &"p".repeat(1025), 400, "bad_request"),
        ("current one too long", &"p".repeat(1025), NEW, 400, "bad_request"),
    ];
    for (name, current, new, status, code) in cases {
        let answer = change(http, &alice.access, current, new);

        answer.assert_refused(status, code, name);
    }
    change(http, &alice.refresh, PASSWORD, NEW).assert_refused(401, "key_unknown", "refresh token");
    let body = json!({ "current_password": PASSWORD, "new_password": NEW });
    let anonymous = http.post("/v1/password").json(&body).send();
    anonymous.assert_refused(401, "token_missing", "no token");
    assert_eq!(http.me(&other.access).status, 200);
    assert_eq!(http.login().status, 200);
}

/// P3: a refusal says what is wrong with the new password, and never what it was.
#[test]
fn a_weak_password_is_refused_with_a_reason() {
    let setup = Setup::new();
    let service = setup.start();
    let alice = service.http.login().tokens();

    let answer = change(&service.http, &alice.access, PASSWORD, "hunter2");

    let message: Value = answer.json()["msg"].clone();
    assert!(message.as_str().unwrap().contains("at least 8 characters"), "{message}");
    assert!(!answer.text.contains("hunter2"));
}

/// P1, P2: eight characters of anything, or 1,024 bytes, are a password.
#[test]
fn a_password_may_be_short_or_very_long_and_of_any_script() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let alice = http.login().tokens();
    let mut current = PASSWORD.to_owned();

    for new in ["密码密码密码密码", "        ", &"密".repeat(341), &"p".repeat(1024)] {
        let answer = change(http, &alice.access, &current, new);

        assert_eq!(answer.status, 200, "{new}: {answer:?}");
        assert_eq!(http.login_as(ALICE, new).status, 200, "{new}");
        new.clone_into(&mut current);
    }
}
