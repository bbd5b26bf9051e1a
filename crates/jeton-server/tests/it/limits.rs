//! Everything from outside has a limit, and what is over it disturbs nobody else.

use std::io::Write as _;
use std::net::TcpStream;

use serde_json::json;

use crate::client::raw;
use crate::setup::{ALICE, PASSWORD, Setup};

/// A JSON body of exactly this length.
fn login_of_length(length: usize) -> String {
    let body = json!({ "account": ALICE, "password": PASSWORD, "padding": "" }).to_string();
    let padding = "x".repeat(length - body.len());
    body.replace(r#""padding":"""#, &format!(r#""padding":"{padding}""#))
}

/// P1, V24: what is too large is refused, to the byte.
#[test]
fn a_body_has_at_most_16_kib() {
    let setup = Setup::new();
    let service = setup.start();
    let post = |body: String| {
        let ask = service.http.post("/v1/login").header("content-type", "application/json");
        ask.body(body).send()
    };

    assert_eq!(post(login_of_length(16 * 1024)).status, 200);
    post(login_of_length(16 * 1024 + 1)).assert_refused(413, "payload_too_large", "a byte more");
    let chunked = format!(
        "POST /v1/login HTTP/1.1\r\nhost: x\r\ncontent-type: application/json\r\n\
         transfer-encoding: chunked\r\nconnection: close\r\n\r\n4001\r\n{}\r\n0\r\n\r\n",
        login_of_length(16 * 1024 + 1)
    );
    let chunked = raw(service.address, chunked.as_bytes());
    assert!(chunked.starts_with("HTTP/1.1 413 "), "{chunked}");
    assert!(chunked.contains(r#""code":"payload_too_large""#), "{chunked}");
}

/// P1: names and passwords, before anything is hashed.
#[test]
fn names_and_passwords_have_limits() {
    let setup = Setup::new();
    let service = setup.start();
    let device = |kind: &str, name: &str| json!({ "kind": kind, "name": name });
    let long = |length: usize| "x".repeat(length);

    let cases = [
        ("a password of 1,024 bytes", json!({ "account": ALICE, "password": long(1024) }), 401),
        ("a password of 1,025 bytes", json!({ "account": ALICE, "password": long(1025) }), 400),
        ("the same of nobody", json!({ "account": "nobody", "password": long(1025) }), 400),
        ("a name of 257 bytes", json!({ "account": long(257), "password": PASSWORD }), 401),
        ("a name of 15,000 bytes", json!({ "account": long(15_000), "password": PASSWORD }), 401),
    ];
    for (name, login, status) in cases {
        let code = if status == 401 { "invalid_credentials" } else { "bad_request" };
        service.http.post("/v1/login").json(&login).send().assert_refused(status, code, name);
    }
    let devices = [
        ("at its limits", device(&long(64), &long(64)), 200),
        ("a long kind", device(&long(65), "x"), 400),
        ("a long name", device("x", &long(65)), 400),
        ("no kind", device("", "x"), 400),
        ("no name", device("x", ""), 400),
        ("a line break", device("x", "x\r\nset-cookie: a=b"), 400),
        ("an escape", device("x\u{1b}[31m", "x"), 400),
    ];
    for (name, device, status) in devices {
        let login = json!({ "account": ALICE, "password": PASSWORD, "device": device });
        let answer = service.http.post("/v1/login").json(&login).send();
        assert_eq!(answer.status, status, "{name}: {answer:?}");
        if status != 200 {
            answer.assert_refused(400, "bad_request", name);
            assert!(answer.text.contains("`device."), "{name}: {answer:?}");
        }
    }
}

/// A head that is too large, or no HTTP at all, costs the connection it came over and no other. Where
/// the service closes before it has read everything, its answer may get lost.
#[test]
fn a_head_over_the_limits_ends_its_own_connection_only() {
    let setup = Setup::new();
    let service = setup.start();
    let tokens = service.http.login().tokens();
    let many = "x: y\r\n".repeat(65);
    let long = "x".repeat(100_000);
    let get = |headers: &str| format!("GET /v1/me HTTP/1.1\r\n{headers}\r\n");
    let post = |headers: &str| format!("POST /v1/refresh HTTP/1.1\r\n{headers}\r\nx");
    let mut idle = TcpStream::connect(service.address).unwrap();
    idle.write_all(b"GET /v1/me HTTP/1.1\r\nhost: x\r\n").unwrap();

    let cases = [
        ("65 headers", get(&many), "431"),
        ("a long header", get(&format!("x: {long}\r\n")), "431 or lost"),
        ("a long path", format!("GET /{long} HTTP/1.1\r\n\r\n"), "431 or lost"),
        ("not HTTP", "\x16\x03\x01\x02\0\x01\0\x01\r\n\r\n".to_owned(), "400"),
        ("an escape in a header", get("x: \x1b[31m\r\n"), "400"),
        ("a header in a header", get("x: a\rb: c\r\n"), "400"),
        ("a header with a space in it", get("x : y\r\n"), "400"),
        ("two lengths", post("content-length: 1\r\ncontent-length: 2\r\n"), "400"),
        ("a negative length", post("content-length: -1\r\n"), "400"),
    ];
    for (name, request, expected) in cases {
        let answer = raw(service.address, request.as_bytes());

        let status = answer.split(' ').nth(1).unwrap_or("lost");
        assert!(expected.contains(status), "{name}: {answer:?}");
        assert_eq!(service.http.me(&tokens.access).status, 200, "{name}");
    }
}
