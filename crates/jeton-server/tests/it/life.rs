//! The life of a session, from its login to each of its ends.

use serde_json::{Value, json};

use crate::answer::{Answer, Tokens};
use crate::client::Client;
use crate::forge::Parts;
use crate::service::eventually;
use crate::setup::{ALICE, PASSWORD, Setup};

/// I1, I4, F4: whatever a login sends along, the token has these claims and no others.
#[test]
fn a_token_says_what_it_must_and_nothing_of_the_login() {
    let setup = Setup::new();
    let service = setup.start();
    let login = json!({
        "account": ALICE, "password": PASSWORD, "device": { "kind": "phone", "name": "Alice's" },
        "sub": "root", "iss": "https://evil.example", "exp": 9_999_999_999_u64, "sid": "x",
        "roles": ["admin"], "scope": "admin", "typ": "JWT", "alg": "none", "ver": 99,
    });

    let answer = service.http.post("/v1/login").json(&login).send();

    let tokens = answer.tokens();
    let (access, refresh) = (Parts::of(&tokens.access), Parts::of(&tokens.refresh));
    let names =
        |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>().join(" ");
    assert_eq!(names(&access.header), "alg kid typ");
    assert_eq!(names(&access.claims), "amr aud auth_time client_id exp iat iss jti sid sub ver");
    assert_eq!(names(&refresh.header), "alg kid typ");
    assert_eq!(names(&refresh.claims), "aud exp gen iat iss sid sub");
    assert_eq!((&access.header["alg"], &access.header["typ"]), (&json!("ES256"), &json!("at+jwt")));
    assert_eq!(
        (&refresh.header["alg"], &refresh.header["typ"]),
        (&json!("HS256"), &json!("rt+jwt"))
    );
    assert_eq!(access.claims["iss"], "http://localhost:8080");
    assert_eq!(
        (&access.claims["aud"], &refresh.claims["aud"]),
        (&json!("api"), &access.claims["iss"])
    );
    assert_eq!(access.claims["sid"], *tokens.session);
    assert_eq!(access.claims["ver"], 0);
    let lifetime = access.claims["exp"].as_u64().unwrap() - access.claims["iat"].as_u64().unwrap();
    assert_eq!(
        (json!(lifetime), json!("Bearer")),
        (answer.data()["expires_in"].clone(), answer.data()["token_type"].clone())
    );
    assert_eq!(lifetime, 600);
}

/// I3: what was true of the login stays true of every token that follows from it.
#[test]
fn a_refresh_carries_over_what_the_login_has_proved() {
    let setup = Setup::new();
    let added =
        setup.run(&["account", "add", "bob", "--role", "reader", "--role", "编辑"], PASSWORD);
    let service = setup.start();
    let login = service.http.login_as("bob", PASSWORD).tokens();

    let first = service.http.refresh(&login.refresh).tokens();
    let second = service.http.refresh(&first.refresh).tokens();

    assert_eq!(added.code, Some(0), "{added:?}");
    let (before, after) = (Parts::of(&login.access).claims, Parts::of(&second.access).claims);
    for claim in ["sub", "sid", "client_id", "auth_time", "amr", "roles", "ver", "iss", "aud"] {
        assert_eq!(after[claim], before[claim], "{claim}");
    }
    assert_eq!(after["roles"], json!(["reader", "编辑"]));
    assert_ne!(after["jti"], before["jti"]);
    let me = service.http.me(&second.access).data();
    assert_eq!((&me["claims"], &me["sub"]), (&json!({ "roles": after["roles"] }), &after["sub"]));
}

/// R13, R14, R20, F9, B21: however a session ends, both of its tokens are refused from then on and
/// say why, while the session beside it lives.
#[test]
fn an_ended_session_is_refused_with_the_reason_of_its_end() {
    type End = fn(&Client, &Tokens, &Tokens) -> Answer;
    let ends: [(&str, End, &str); 6] = [
        ("logout by access token", |http, victim, _| http.logout(&victim.access), "logged_out"),
        (
            "logout by refresh token",
            |http, victim, _| {
                let body = json!({ "refresh_token": victim.refresh });
                http.post("/v1/logout").json(&body).send()
            },
            "logged_out",
        ),
        (
            "ended from elsewhere",
            |http, victim, other| {
                let path = format!("/v1/sessions/{}", victim.session);
                http.delete(&path).bearer(&other.access).send()
            },
            "revoked",
        ),
        (
            "all others ended",
            |http, _, other| http.delete("/v1/sessions?keep=current").bearer(&other.access).send(),
            "revoked",
        ),
        (
            "its own end",
            |http, victim, _| {
                let path = format!("/v1/sessions/{}", victim.session);
                http.delete(&path).bearer(&victim.access).send()
            },
            "revoked",
        ),
        (
            "a login that brings it along",
            |http, victim, _| {
                let login = json!({ "account": ALICE, "password": PASSWORD });
                http.post("/v1/login").bearer(&victim.access).json(&login).send()
            },
            "replaced",
        ),
    ];
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;

    for (name, end, reason) in ends {
        let (victim, other) = (http.login().tokens(), http.login().tokens());

        let answer = end(http, &victim, &other);

        assert_eq!(answer.status, 200, "{name}: {answer:?}");
        http.me(&victim.access).assert_refused(401, reason, name);
        http.get("/v1/check").bearer(&victim.access).send().assert_refused(401, reason, name);
        http.refresh(&victim.refresh).assert_refused(401, reason, name);
        assert_eq!(http.me(&other.access).status, 200, "{name}");
        assert_eq!(http.refresh(&other.refresh).status, 200, "{name}");
    }
}

/// F2, F3, F5: an access token is over by itself; its session is not, nor is the right to end it.
#[test]
fn an_expired_access_token_is_refused_and_its_session_goes_on() {
    let setup = Setup::new().with("TOKENS__ACCESS_LIFETIME", "1").with("TOKENS__LEEWAY", "0");
    let service = setup.start();
    let http = &service.http;
    let (first, second) = (http.login().tokens(), http.login().tokens());

    eventually("the token has expired", || http.me(&first.access).status == 401);

    http.me(&first.access).assert_refused(401, "token_expired", "me");
    http.logout(&first.access).assert_refused(401, "token_expired", "logout");
    let next = http.refresh(&first.refresh).tokens();
    assert_eq!(Parts::of(&next.access).claims["sid"], *first.session);
    let body = json!({ "refresh_token": second.refresh });
    assert_eq!(http.post("/v1/logout").json(&body).send().status, 200);
    http.refresh(&second.refresh).assert_refused(401, "logged_out", "logged out without a token");
}

/// R1: a spent token gets the same answer for as long as the grace says; then it ends the session.
#[test]
fn a_lost_answer_can_be_asked_for_again_within_the_grace_only() {
    let setup = Setup::new().with("SESSION__GRACE", "1");
    let service = setup.start();
    let http = &service.http;
    let login = http.login().tokens();
    let next = http.refresh(&login.refresh).tokens();

    eventually("the grace has passed", || {
        let again = http.refresh(&login.refresh);
        if again.status == 200 {
            assert_eq!(again.tokens().refresh, next.refresh);
        }
        again.status == 401
    });

    http.refresh(&login.refresh).assert_refused(401, "replayed", "the spent token");
    http.refresh(&next.refresh).assert_refused(401, "replayed", "the token in force");
    http.me(&next.access).assert_refused(401, "replayed", "its access token");
    http.me(&login.access).assert_refused(401, "replayed", "the first access token");
}

/// R6: rotations of the same second are told apart.
#[test]
fn a_token_two_generations_old_ends_its_session_within_the_grace_too() {
    let setup = Setup::new().with("SESSION__GRACE", "60");
    let service = setup.start();
    let http = &service.http;
    let login = http.login().tokens();
    let second = http.refresh(&http.refresh(&login.refresh).tokens().refresh).tokens();

    http.refresh(&login.refresh).assert_refused(401, "replayed", "the token of the login");

    http.refresh(&second.refresh).assert_refused(401, "replayed", "the token in force");
    http.me(&second.access).assert_refused(401, "replayed", "its access token");
}
