//! A token in a cookie, which browsers send along whoever makes them.

use axum::body::Body;
use axum::extract::Request;
use jeton_tower::{Rejection, Transport};

use crate::house::House;

const OWN: &str = "https://api.example";
const FRIEND: &str = "https://app.example";
const FOE: &str = "https://evil.example";

type Headers = [(&'static str, &'static str)];

fn house() -> House {
    let transport = Transport::bearer().with_cookie("__Host-t").unwrap();
    House::with_transport(transport.with_origin(FRIEND).unwrap())
}

fn request(method: &str, uri: &str, headers: &Headers, token: &str) -> Request {
    let mut request = Request::builder().method(method).uri(uri);
    for (name, value) in headers {
        request = request.header(*name, value.replace("TOKEN", token));
    }
    request.body(Body::empty()).unwrap()
}

/// V31: the cookie counts as a place like the others, and two places are one too many.
#[test]
fn a_token_may_be_in_the_one_cookie_and_then_nowhere_else() {
    let house = house();
    let token = house.user("alice", "");
    let two = Rejection::Ambiguous;
    let cases: [(&str, &Headers, Result<(), Rejection>); 8] = [
        ("alone", &[("cookie", "__Host-t=TOKEN")], Ok(())),
        ("among others", &[("cookie", "a=1; __Host-t=TOKEN; b=2")], Ok(())),
        ("in a header of its own", &[("cookie", "a=1"), ("cookie", "__Host-t=TOKEN")], Ok(())),
        ("under another name", &[("cookie", "t=TOKEN; __Host-T=TOKEN")], Err(Rejection::Missing)),
        ("twice", &[("cookie", "__Host-t=TOKEN; __Host-t=TOKEN")], Err(two.clone())),
        (
            "twice in two headers",
            &[("cookie", "__Host-t=TOKEN"), ("cookie", "__Host-t=x")],
            Err(two.clone()),
        ),
        (
            "and as bearer",
            &[("cookie", "__Host-t=TOKEN"), ("authorization", "Bearer TOKEN")],
            Err(two),
        ),
        (
            "beside another scheme",
            &[("cookie", "__Host-t=TOKEN"), ("authorization", "Basic x")],
            Ok(()),
        ),
    ];
    for (name, headers, expected) in cases {
        let request = request("GET", "/", headers, &token);

        let found = house.gate.check(&request);

        assert_eq!(found.map(drop), expected, "{name}");
    }
}

/// Only a page of our own may act on what a cookie says.
#[test]
fn another_site_cannot_act_with_the_cookie() {
    let house = house();
    let token = house.user("alice", "");
    let cases: [(&str, &str, &Headers, bool); 22] = [
        ("a page reads", "GET", &[("sec-fetch-site", "cross-site")], true),
        ("nobody known reads", "HEAD", &[], true),
        ("a page acts", "POST", &[("sec-fetch-site", "same-origin")], true),
        ("the user acts", "POST", &[("sec-fetch-site", "none")], true),
        ("a neighbour acts", "POST", &[("sec-fetch-site", "same-site")], false),
        ("a foe acts", "POST", &[("sec-fetch-site", "cross-site")], false),
        ("a foe deletes", "DELETE", &[("sec-fetch-site", "cross-site")], false),
        ("any method acts", "WHATEVER", &[("sec-fetch-site", "cross-site")], false),
        ("a word of tomorrow", "POST", &[("sec-fetch-site", "same-planet")], false),
        (
            "two words",
            "POST",
            &[("sec-fetch-site", "same-origin"), ("sec-fetch-site", "cross-site")],
            false,
        ),
        ("a friend acts", "POST", &[("sec-fetch-site", "same-site"), ("origin", FRIEND)], true),
        (
            "a foe says it is us",
            "POST",
            &[("sec-fetch-site", "cross-site"), ("origin", OWN)],
            false,
        ),
        ("an older browser", "POST", &[("origin", OWN)], true),
        ("an older browser, a friend", "POST", &[("origin", FRIEND)], true),
        ("an older browser, a foe", "POST", &[("origin", FOE)], false),
        ("an older browser, another port", "POST", &[("origin", "https://api.example:8")], false),
        ("an older browser, no TLS", "POST", &[("origin", "http://api.example")], false),
        ("a sandbox", "POST", &[("origin", "null")], false),
        ("two origins", "POST", &[("origin", OWN), ("origin", FOE)], false),
        ("nobody known acts", "POST", &[], false),
        ("a foe's socket", "GET", &[("upgrade", "websocket"), ("origin", FOE)], false),
        ("our socket", "GET", &[("upgrade", "websocket"), ("origin", OWN)], true),
    ];
    for (name, method, headers, passes) in cases {
        let own: &Headers = &[("host", "api.example"), ("cookie", "__Host-t=TOKEN")];
        let request = request(method, "/", &[own, headers].concat(), &token);

        let found = house.gate.check(&request);

        let expected = if passes { Ok(()) } else { Err(Rejection::CrossSite) };
        assert_eq!(found.map(drop), expected, "{name}");
    }
}

#[test]
fn the_host_that_was_asked_is_where_the_protocol_says() {
    let house = house();
    let token = house.user("alice", "");
    let local = "http://localhost:3000";
    let cases: [(&str, &str, &Headers, bool); 8] = [
        ("HTTP/2", "https://api.example/", &[("origin", OWN)], true),
        (
            "HTTP/2 beside a lie",
            "https://evil.example/",
            &[("origin", OWN), ("host", "api.example")],
            false,
        ),
        (
            "a port that goes without saying",
            "/",
            &[("origin", OWN), ("host", "api.example:443")],
            true,
        ),
        ("any case", "/", &[("origin", OWN), ("host", "API.example")], true),
        ("two hosts", "/", &[("origin", OWN), ("host", "api.example"), ("host", "x")], false),
        ("no host", "/", &[("origin", OWN)], false),
        ("on this machine", "/", &[("origin", local), ("host", "localhost:3000")], true),
        ("on another machine", "/", &[("origin", "http://h:80"), ("host", "h:80")], false),
    ];
    for (name, uri, headers, passes) in cases {
        let cookie: &Headers = &[("cookie", "__Host-t=TOKEN")];
        let request = request("POST", uri, &[cookie, headers].concat(), &token);

        assert_eq!(house.gate.check(&request).is_ok(), passes, "{name}");
    }
}

/// Headers alone do not say what a request does, so it may do anything.
#[test]
fn a_request_of_unknown_method_is_one_that_acts() {
    let house = house();
    let headers = [("cookie", "__Host-t=TOKEN")];
    let request = request("GET", "/", &headers, &house.user("alice", ""));

    assert!(house.gate.check(&request).is_ok());
    assert_eq!(house.gate.check(request.headers()).map(drop), Err(Rejection::CrossSite));
}

/// A token in a header is no browser's doing, so it needs no page.
#[test]
fn a_token_in_a_header_acts_from_anywhere() {
    let house = house();
    let headers = [("authorization", "Bearer TOKEN"), ("sec-fetch-site", "cross-site")];
    let request = request("POST", "/", &headers, &house.user("alice", ""));

    assert!(house.gate.check(&request).is_ok());
}

#[test]
fn an_origin_is_written_as_browsers_write_it() {
    for origin in ["https://a.example", "http://localhost:3000", "https://[::1]:8"] {
        assert!(Transport::bearer().with_origin(origin).is_ok(), "{origin}");
    }
    for origin in [
        "",
        "*",
        "null",
        "a.example",
        "https://A.example",
        "https://a.example/",
        "ftp://a",
        "https://u@a",
    ] {
        assert!(Transport::bearer().with_origin(origin).is_err(), "{origin}");
    }
}
