//! One's own sessions: a list of them, an end to some, and how many there may be.

use serde_json::{Value, json};

use crate::answer::{Answer, Tokens};
use crate::client::Client;
use crate::setup::{ALICE, PASSWORD, Setup};

fn login_on(http: &Client, kind: &str) -> Answer {
    let login = json!({ "account": ALICE, "password": PASSWORD, "device": { "kind": kind } });
    http.post("/v1/login").json(&login).send()
}

/// R14, F10
#[test]
fn all_sessions_can_be_ended_at_once() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let sessions: Vec<Tokens> = (0..3).map(|_| http.login().tokens()).collect();

    let answer = http.delete("/v1/sessions").bearer(&sessions[0].access).send();

    assert_eq!(answer.data(), json!({ "ended": 3 }));
    for Tokens { access, refresh, .. } in &sessions {
        http.me(access).assert_refused(401, "revoked", "access token");
        http.refresh(refresh).assert_refused(401, "revoked", "refresh token");
    }
}

/// R14: a slip of the pen in the query must not end the session that was to be kept.
#[test]
fn a_query_that_is_not_understood_ends_nothing() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let tokens = http.login().tokens();

    for query in ["keep=all", "keep=", "kep=current", "keep=current&keep=current", "Keep=current"] {
        let answer = http.delete(&format!("/v1/sessions?{query}")).bearer(&tokens.access).send();

        answer.assert_refused(400, "bad_request", query);
    }
    assert_eq!(http.me(&tokens.access).status, 200);
}

/// R14: a list of one's own devices, and a hand on nobody else's.
#[test]
fn everybody_sees_and_ends_their_own_sessions_only() {
    let setup = Setup::new();
    setup.add_account("bob", PASSWORD);
    let service = setup.start();
    let http = &service.http;
    let bob = http.login_as("bob", PASSWORD).tokens();
    let phone = json!({ "kind": "phone", "name": "Alice's phone" });
    let login = json!({ "account": ALICE, "password": PASSWORD, "device": phone });
    let alice = http.post("/v1/login").json(&login).send().tokens();
    let second = http.login().tokens();

    let listed = http.get("/v1/sessions").bearer(&alice.access).send().data();
    let [first, other] = listed.as_array().unwrap().as_slice() else {
        panic!("{listed}");
    };
    assert_eq!((&first["session"], &first["current"]), (&json!(alice.session), &json!(true)));
    assert_eq!((&first["device"], &other["device"]), (&phone, &Value::Null));
    assert_eq!((&other["session"], &other["current"]), (&json!(second.session), &json!(false)));

    let never = "A".repeat(32);
    for sid in [&*bob.session, &never, "x", "%0d%0a", "%ff", "..%2f"] {
        let answer = http.delete(&format!("/v1/sessions/{sid}")).bearer(&alice.access).send();
        assert_eq!(answer.data(), json!({ "ended": 0 }), "{sid}");
    }
    assert_eq!(http.me(&bob.access).status, 200);
    assert_eq!(http.refresh(&bob.refresh).status, 200);
}

/// R16: by default the oldest session makes room.
#[test]
fn a_login_over_the_limit_ends_the_oldest_session() {
    let setup = Setup::new().with("SESSION__MAX_SESSIONS", "2");
    let service = setup.start();
    let http = &service.http;
    let [first, second, third] = [(); 3].map(|()| http.login().tokens());

    http.me(&first.access).assert_refused(401, "replaced", "the oldest");
    http.refresh(&first.refresh).assert_refused(401, "replaced", "the oldest");
    assert_eq!(http.me(&second.access).status, 200);
    assert_eq!(http.me(&third.access).status, 200);
}

/// R16: or the login is refused, which is no question of who asks.
#[test]
fn a_login_over_the_limit_is_refused_where_that_is_the_policy() {
    let setup =
        Setup::new().with("SESSION__MAX_SESSIONS", "1").with("SESSION__REFUSE_OVER_LIMIT", "true");
    let service = setup.start();
    let http = &service.http;
    let tokens = http.login().tokens();

    http.login().assert_refused(403, "too_many_sessions", "the second");

    assert_eq!(http.logout(&tokens.access).status, 200);
    assert_eq!(http.login().status, 200);
}

/// R16: a new phone takes the place of the old phone, not of the laptop.
#[test]
fn one_session_on_each_kind_of_device_where_that_is_the_policy() {
    let setup = Setup::new().with("SESSION__ONE_PER_DEVICE_KIND", "true");
    let service = setup.start();
    let http = &service.http;
    let [phone, laptop, new_phone] =
        ["phone", "laptop", "phone"].map(|kind| login_on(http, kind).tokens());

    http.me(&phone.access).assert_refused(401, "replaced", "the old phone");
    assert_eq!(http.me(&laptop.access).status, 200);
    assert_eq!(http.me(&new_phone.access).status, 200);
}

/// F18: whoever attaches a token to every request can log out when that is no longer good.
#[test]
fn a_refresh_token_ends_the_session_beside_an_access_token_that_is_refused() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let tokens = http.login().tokens();
    let forged = format!("{}A", tokens.access);
    let ask = || http.post("/v1/logout").bearer(&forged);

    let without = ask().header("content-type", "application/json").send();
    let body = serde_json::json!({ "refresh_token": tokens.refresh });
    let with = ask().json(&body).send();

    assert_eq!(without.status, 401, "the refusal of the token, not of the body: {without:?}");
    assert_eq!(with.data()["session"], tokens.session.as_str());
    http.me(&tokens.access).assert_refused(401, "logged_out", "access token");
}
