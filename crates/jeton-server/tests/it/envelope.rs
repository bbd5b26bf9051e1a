//! What every answer looks like: envelope, status, code and language.

use serde_json::json;

use crate::service::eventually;
use crate::setup::{PASSWORD, Setup};

/// F2, F14, W1, W3: a refusal has a status that is true, a code that stays, and a text in the
/// language that was asked for.
#[test]
fn every_refusal_is_an_envelope_in_english_or_chinese() {
    let setup = Setup::new();
    let service = setup.start();
    let tokens = service.http.login().tokens();
    let spent = json!({ "refresh_token": tokens.refresh }).to_string();
    let login = json!({ "account": "alice", "password": "not hers" }).to_string();
    service.http.logout(&tokens.access);
    let good = format!("Bearer {}", tokens.access);

    let cases = [
        ("no token", "GET", "/v1/me", "", None, 401, "token_missing"),
        ("another scheme", "GET", "/v1/me", "Basic YTpi", None, 401, "token_missing"),
        ("not a token", "GET", "/v1/me", "Bearer x", None, 401, "token_malformed"),
        ("two tokens", "GET", "/v1/me", "Bearer x y", None, 400, "bad_request"),
        ("an ended session", "GET", "/v1/me", &good, None, 401, "logged_out"),
        ("its refresh token", "POST", "/v1/refresh", "", Some(&spent), 401, "logged_out"),
        ("wrong password", "POST", "/v1/login", "", Some(&login), 401, "invalid_credentials"),
        ("no body", "POST", "/v1/login", "", None, 400, "bad_request"),
        ("nowhere", "GET", "/v2/login", "", None, 404, "not_found"),
        ("the root", "GET", "/", "", None, 404, "not_found"),
        ("not quite", "POST", "/v1/login/", "", None, 404, "not_found"),
        ("wrong method", "PUT", "/v1/login", "", None, 405, "method_not_allowed"),
        ("no method at all", "BREW", "/v1/me", "", None, 405, "method_not_allowed"),
    ];
    for (name, method, path, credentials, body, status, code) in cases {
        let ask = |language: &str| {
            let mut ask = service.http.ask(method, path).header("accept-language", language);
            if !credentials.is_empty() {
                ask = ask.header("authorization", credentials);
            }
            if let Some(body) = body {
                ask = ask.header("content-type", "application/json").body(body);
            }
            ask.send()
        };

        let (english, chinese) = (ask("en, zh;q=0.5"), ask("zh-CN, en;q=0.5"));

        english.assert_refused(status, code, name);
        chinese.assert_refused(status, code, name);
        let message =
            |answer: &crate::answer::Answer| answer.json()["msg"].as_str().unwrap().to_owned();
        assert!(message(&english).is_ascii(), "{name}: {english:?}");
        assert!(!message(&chinese).is_ascii(), "{name}: {chinese:?}");
        assert_eq!(ask("fr").text, english.text, "{name}");
        let allowed =
            english.header("allow").split(',').any(|allowed| allowed == "POST" || allowed == "GET");
        assert_eq!(allowed, status == 405, "{name}: {english:?}");
    }
}

/// F1, I10: tokens are never cached, and the answer says all there is to know of them.
#[test]
fn a_pair_of_tokens_comes_in_an_envelope_that_nobody_keeps() {
    let setup = Setup::new();
    let service = setup.start();
    let login = service.http.login();
    let refreshed = service.http.refresh(&login.tokens().refresh);

    for answer in [login, refreshed] {
        let data = answer.data();
        let names: Vec<&String> = data.as_object().unwrap().keys().collect();
        assert_eq!(
            names,
            [
                "access_token",
                "expires_in",
                "refresh_expires_in",
                "refresh_token",
                "session",
                "token_type"
            ]
        );
        assert_eq!(data["refresh_expires_in"], 14 * 24 * 3600);
        assert_eq!(answer.header("content-type"), "application/json");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
}

/// For whoever starts, restarts and routes: no token, and nothing to learn.
#[test]
fn health_says_that_it_is_well_and_nothing_else() {
    let setup = Setup::empty();
    let service = setup.start();

    // It is ready a moment after it listens.
    eventually("it is ready", || service.http.get("/health/ready").send().status == 200);
    for (path, status) in [("/health/live", "live"), ("/health/ready", "ready")] {
        assert_eq!(service.http.get(path).send().data(), json!({ "status": status }));
    }
}

/// F2: the identity behind a token, as an application asks for it.
#[test]
fn me_answers_who_the_token_speaks_of() {
    let setup = Setup::empty();
    let id = setup.add_account("bob", PASSWORD);
    let service = setup.start();
    let tokens = service.http.login_as("bob", PASSWORD).tokens();

    let me = service.http.me(&tokens.access).data();

    let issued_at = me["issued_at"].as_u64().unwrap();
    let expected = json!({
        "sub": id, "session": tokens.session, "client_id": "first-party", "scope": null,
        "issued_at": issued_at, "expires_at": issued_at + 600, "auth_time": issued_at,
        "amr": ["pwd"], "claims": {},
    });
    assert_eq!(me, expected);
}
