//! Logging in: who gets in, and what everybody else hears.

use serde_json::json;
use ureq::http::HeaderMap;

use crate::answer::Answer;
use crate::setup::{ALICE, PASSWORD, Setup};

/// An answer without the time of day.
fn comparable(answer: Answer) -> (u16, HeaderMap, String) {
    let mut headers = answer.headers;
    headers.remove("date");
    (answer.status, headers, answer.text)
}

/// P7, F18: byte for byte, nobody learns which accounts there are.
#[test]
fn an_unknown_account_is_answered_like_a_wrong_password() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let wrong = comparable(http.login_as(ALICE, "not her password"));

    let long = "a".repeat(256);
    let too_long = "a".repeat(257);
    let longest = "p".repeat(1024);
    let cases = [
        ("unknown account", "mallory", "not her password"),
        ("unknown account, right password", "mallory", PASSWORD),
        ("no password", ALICE, ""),
        ("no password, unknown account", "mallory", ""),
        ("no account", "", PASSWORD),
        ("password cut by its end", ALICE, &PASSWORD[..PASSWORD.len() - 1]),
        ("password with a space at its end", ALICE, &format!("{PASSWORD} ")),
        ("password in capitals", ALICE, &PASSWORD.to_uppercase()),
        ("the longest password", ALICE, &longest),
        ("a long account", &long, PASSWORD),
        ("an account that cannot be", &too_long, PASSWORD),
        ("control characters", "alice\0", PASSWORD),
        ("line breaks", "alice\r\nset-cookie: a=b", PASSWORD),
        ("a pattern", "alic%", PASSWORD),
        ("a statement", "' OR 1=1 --", PASSWORD),
    ];
    for (name, account, password) in cases {
        let answer = http.login_as(account, password);

        answer.assert_refused(401, "invalid_credentials", name);
        assert_eq!(comparable(answer), wrong, "{name}");
    }
}

/// P2: exactly what was set, in any script and with anything in it.
#[test]
fn a_password_is_verified_as_it_was_set() {
    let setup = Setup::new();
    let cases = [
        ("пароль пароль", "Пароль пароль"),
        ("密码密码密码密码", "密码密码密码密"),
        ("  spaces at both ends  ", "spaces at both ends"),
        ("tab\tand nul\0inside", "tab\tand nul\0"),
        ("cafe\u{301} cafe\u{301}", "café café"),
        (&format!("{}x", "p".repeat(64)), &format!("{}y", "p".repeat(64))),
    ];
    for (number, (password, _)) in cases.iter().enumerate() {
        setup.add_account(&format!("person-{number}"), password);
    }
    let service = setup.start();

    for (number, (password, alike)) in cases.iter().enumerate() {
        let (name, in_capitals) = (format!("person-{number}"), format!("PERSON-{number}"));

        assert_eq!(service.http.login_as(&name, password).status, 200, "{password:?}");
        assert_eq!(service.http.login_as(&in_capitals, password).status, 200, "{password:?}");
        let refused = service.http.login_as(&name, alike);
        refused.assert_refused(401, "invalid_credentials", alike);
    }
}

/// R13: a token that comes along names the session that this login replaces, if it is good; and if
/// not, it does not matter.
#[test]
fn a_login_does_not_care_for_a_token_that_is_not_good() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let before = http.login().tokens();
    http.logout(&before.access);
    let body = json!({ "account": ALICE, "password": PASSWORD });

    for token in [&*before.access, &before.refresh, "x"] {
        let answer = http.post("/v1/login").bearer(token).json(&body).send();

        assert_eq!(answer.status, 200, "{token}: {answer:?}");
        assert_ne!(answer.tokens().session, before.session);
    }
}

/// R13: a login that fails ends nothing.
#[test]
fn a_refused_login_leaves_the_session_alone_whose_token_came_along() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let before = http.login().tokens();
    let body = json!({ "account": ALICE, "password": "not her password" });

    let answer = http.post("/v1/login").bearer(&before.access).json(&body).send();

    answer.assert_refused(401, "invalid_credentials", "login");
    assert_eq!(http.me(&before.access).status, 200);
}
