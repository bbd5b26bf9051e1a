//! What the log says, and what it must never say.

use serde_json::{Value, json};

use crate::client::raw;
use crate::service::Service;
use crate::setup::{ALICE, PASSWORD, Setup};

/// Typed into the wrong field, it must not be found in a log.
const TYPED: &str = "my-secret-typed-into-the-wrong-field";

/// Does a bit of everything, most of it wrong.
fn make_noise(service: &Service) {
    let http = &service.http;
    let login = http.login().tokens();
    let next = http.refresh(&login.refresh).tokens();
    http.refresh(&login.refresh);
    http.me(&next.access);
    let tokens = http.login().tokens();
    for token in [&tokens.access, &tokens.refresh] {
        http.get(&format!("/v1/me?access_token={token}")).send();
        http.get(&format!("/{token}")).send();
        http.get("/v1/me").header("x-token", token).header("cookie", token).send();
        http.post("/v1/login").bearer(token).header("user-agent", token).send();
        http.post("/v1/refresh").header("content-type", "application/json").body(token).send();
        http.delete(&format!("/v1/sessions/{token}")).bearer(&tokens.access).send();
        http.me(&format!("{token}x"));
        http.refresh(&format!("{token}x"));
        raw(service.address, format!("{token}\r\n\r\n").as_bytes());
    }
    for account in [TYPED, "\u{1b}[31mred\r\n{\"event\":\"login\"}", "\u{202e}\u{2028}"] {
        http.login_as(account, TYPED);
        http.login_as(account, PASSWORD);
        let device = json!({ "kind": account, "name": format!("{account}\n") });
        let login = json!({ "account": ALICE, "password": PASSWORD, "device": device });
        http.post("/v1/login").json(&login).send();
    }
    http.post("/v1/login").header("content-type", "application/json").body(TYPED).send();
    http.get("/%1b%5b31m%0d%0a%7b%22event%22%3a%22login%22%7d").send();
    http.ask("GET", "/v1/check").header("user-agent", "\u{9b}31m\u{85}").send();
    raw(service.address, b"GET /\x1b[31m HTTP/1.1\r\nuser-agent: \x1b[31m\r\n\r\n");
    let change = json!({ "current_password": PASSWORD, "new_password": TYPED });
    http.post("/v1/password").bearer(&tokens.access).json(&change).send();
    http.logout(&tokens.access);
    http.logout(&tokens.access);
}

/// T5, T6, I10, F18: at any level, one JSON object a line, and nothing in it that a client has
/// sent.
#[test]
fn no_token_password_or_foreign_text_gets_into_the_log() {
    for level in ["info", "debug", "trace"] {
        let setup = Setup::new().with("LOG__LEVEL", level).with("SESSION__GRACE", "0");
        let service = setup.start();

        make_noise(&service);
        let log = service.kill();

        for line in &log {
            let entry: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line:?}"));
            assert!(entry.is_object() && entry["timestamp"].is_string(), "{line}");
            assert!(line.chars().all(|letter| letter.is_ascii() && !letter.is_control()), "{line}");
            for secret in ["eyJ", TYPED, PASSWORD, "[31m", "argon2", "BEGIN"] {
                assert!(!line.contains(secret), "{secret} at {level}: {line}");
            }
        }
    }
}

/// T5: what a security officer looks for is there, with the subject and a part of the session.
#[test]
fn security_events_are_logged_with_subject_and_session() {
    let setup = Setup::new().with("SESSION__GRACE", "0");
    let service = setup.start();
    let subject = service.http.me(&service.http.login().tokens().access).data()["sub"].clone();
    make_noise(&service);
    let log = service.kill();

    let entries: Vec<Value> = log.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    let found = |event: &str| {
        let entry = entries.iter().find(|entry| entry["event"] == event);
        entry.unwrap_or_else(|| panic!("no {event}: {log:#?}"))
    };
    for event in ["login", "password_changed", "sessions_ended"] {
        assert_eq!(found(event)["subject"], subject, "{event}");
    }
    for event in ["login", "logout", "refresh_replayed"] {
        let session = found(event)["session"].as_str().unwrap();
        assert_eq!((session.len(), &session[..2]), (10, ".."), "{event}: {session}");
    }
    for (event, level) in
        [("login_refused", "INFO"), ("refresh_refused", "INFO"), ("refresh_replayed", "WARN")]
    {
        assert_eq!(found(event)["level"], level, "{event}");
    }
    let timestamp = found("login")["timestamp"].as_str().unwrap();
    assert!(timestamp.ends_with('Z'), "not UTC: {timestamp}");
}
