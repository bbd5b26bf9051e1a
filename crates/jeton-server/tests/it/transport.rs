//! Where a token may be in a request, and where it is in an answer.

use crate::setup::Setup;

const OWN_HEADERS: &str = "access_token,walle-token";

/// V31, F2, F12, F21, W2, W3: one token, in one of the places that are configured.
#[test]
fn a_token_is_taken_from_one_configured_header_and_from_nowhere_else() {
    let setup = Setup::new().with("TOKENS__HEADERS", OWN_HEADERS);
    let service = setup.start();
    let token = service.http.login().tokens().access;
    let (bearer, shouted) = (format!("Bearer {token}"), format!("BEARER {token}"));
    let (twice, cookie) = (format!("Bearer {token} {token}"), format!("access_token={token}"));
    let query = format!("/v1/me?access_token={token}");

    let me = "/v1/me";
    let cases = [
        ("bearer", me, &[("authorization", &*bearer)][..], 200, ""),
        ("bearer in capitals", me, &[("authorization", &shouted)], 200, ""),
        ("a header of our own", me, &[("access_token", &token)], 200, ""),
        ("another", me, &[("walle-token", &token)], 200, ""),
        (
            "beside another scheme",
            me,
            &[("authorization", "Basic x"), ("access_token", &token)],
            200,
            "",
        ),
        ("nowhere", me, &[], 401, "token_missing"),
        ("in a header nobody configured", me, &[("x-token", &token)], 401, "token_missing"),
        ("in the query", &query, &[], 401, "token_missing"),
        ("in a cookie", me, &[("cookie", &cookie)], 401, "token_missing"),
        ("under another scheme", me, &[("authorization", "Basic x")], 401, "token_missing"),
        ("without a scheme", me, &[("authorization", &token)], 401, "token_missing"),
        ("own header with a scheme", me, &[("access_token", &bearer)], 401, "token_malformed"),
        ("own header, empty", me, &[("access_token", "")], 401, "token_malformed"),
        ("bearer of nothing", me, &[("authorization", "Bearer")], 400, "bad_request"),
        ("bearer of two", me, &[("authorization", &twice)], 400, "bad_request"),
        (
            "in two headers",
            me,
            &[("authorization", &bearer), ("access_token", &token)],
            400,
            "bad_request",
        ),
        (
            "twice in one",
            me,
            &[("access_token", &token), ("access_token", &token)],
            400,
            "bad_request",
        ),
        (
            "twice as bearer",
            me,
            &[("authorization", &bearer), ("authorization", &bearer)],
            400,
            "bad_request",
        ),
    ];
    for (name, path, headers, status, code) in cases {
        for path in [path, &path.replace("/me", "/check")] {
            let mut ask = service.http.get(path);
            for (header, value) in headers {
                ask = ask.header(header, value);
            }

            let answer = ask.send();

            assert_eq!(answer.status, status, "{name}: {answer:?}");
            let expected = match status {
                200 => continue,
                400 => r#"Bearer realm="jeton", error="invalid_request""#,
                _ if code == "token_missing" => r#"Bearer realm="jeton""#,
                _ => r#"Bearer realm="jeton", error="invalid_token""#,
            };
            assert_eq!(answer.code(), code, "{name}");
            assert_eq!(answer.header("www-authenticate"), expected, "{name}");
        }
    }
}

/// F11, F12: the new access token is also in a header, which pages may read.
#[test]
fn a_new_token_is_also_in_the_configured_response_header() {
    let setup = Setup::new()
        .with("TOKENS__RESPONSE_HEADER", "walle-token")
        .with("TOKENS__HEADERS", OWN_HEADERS);
    let service = setup.start();
    let login = service.http.login();
    let refreshed = service.http.refresh(&login.tokens().refresh);

    for answer in [login, refreshed] {
        let token = answer.header("walle-token");
        assert_eq!(token, answer.tokens().access);
        let exposed = answer.header("access-control-expose-headers");
        assert!(exposed.split(',').any(|name| name == "walle-token"), "{exposed}");
        let me = service.http.get("/v1/me").header("walle-token", token).send();
        assert_eq!((me.status, me.header("walle-token")), (200, ""));
    }
    let refused = service.http.login_as("alice", "not hers");
    assert_eq!(refused.header("walle-token"), "");
}

/// Gateways keep the client's method, whatever it is; none of them gets around the token, not even
/// one that looks like a browser's preflight.
#[test]
fn a_gateway_hears_who_it_is_whatever_the_method() {
    let setup = Setup::new().with("HTTP__ORIGINS", "https://app.example");
    let service = setup.start();
    let tokens = service.http.login().tokens();
    let subject = service.http.me(&tokens.access).data()["sub"].clone();

    for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "PROPFIND"] {
        let ask = || {
            let ask = service.http.ask(method, "/v1/check").header("origin", "https://app.example");
            ask.header("access-control-request-method", "GET").header("jeton-subject", "root")
        };

        let (known, unknown) = (ask().bearer(&tokens.access).send(), ask().send());

        assert_eq!((known.status, &*known.text), (200, ""), "{method}: {known:?}");
        assert_eq!(known.header("jeton-subject"), subject, "{method}");
        assert_eq!(known.header("jeton-session"), tokens.session, "{method}");
        assert_eq!(known.header("jeton-client"), "first-party", "{method}");
        assert_eq!(known.header("cache-control"), "no-store", "{method}");
        assert!(known.has("jeton-scope"), "{method}: even if there is none");
        unknown.assert_refused(401, "token_missing", method);
        assert_eq!(unknown.header("jeton-subject"), "", "{method}");
    }
}
