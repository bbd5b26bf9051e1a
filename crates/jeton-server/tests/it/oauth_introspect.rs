//! `POST /oauth2/introspect`: is this access token good? (RFC 7662, RFC 9701)

use serde_json::{Value, json};

use crate::client::Client;
use crate::forge::{Insider, Parts};
use crate::setup::{ALICE, PASSWORD, Setup, secret_of};

const INTROSPECT: &str = "/oauth2/introspect";
const INACTIVE: &str = r#"{"active":false}"#;
const SIGNED: &str = "application/token-introspection+jwt";

fn setup() -> Setup {
    Setup::new()
        .with_client("orders", &["tokens:introspect", "sessions:manage"])
        .with_client("stock", &["stock:read"])
}

#[track_caller]
fn assert_inactive(http: &Client, token: &str, case: &str) {
    for hint in ["", "access_token", "refresh_token", "pct"] {
        let form = [("token", token), ("token_type_hint", hint)];
        let answer = http.post(INTROSPECT).client("orders").form(&form).send();
        assert_eq!((answer.status, &*answer.text), (200, INACTIVE), "{case}: {answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store", "{case}");
    }
}

/// N3, N5: everything that a token says, whatever the hint; what the application has added cannot
/// speak for us.
#[test]
fn an_active_token_is_described() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let manager = http.client_token("orders", "sessions:manage");
    let claims =
        json!({ "role": "reader", "active": false, "token_type": "x", "username": "root" });
    let open = json!({ "claims": claims, "scope": "notes", "amr": ["otp"] });
    let tokens = http.open(&manager, "alice", &open).tokens();
    let said = Parts::of(&tokens.access).claims;

    for hint in ["", "access_token", "refresh_token", "pct"] {
        let form = [("token", &*tokens.access), ("token_type_hint", hint)];
        let answer = http.post(INTROSPECT).client("orders").form(&form).send();

        let expected = json!({
            "active": true, "token_type": "Bearer", "role": "reader",
            "iss": said["iss"], "sub": "alice", "aud": "api", "client_id": "first-party",
            "iat": said["iat"], "exp": said["exp"], "jti": said["jti"], "sid": tokens.session,
            "ver": 0, "scope": "notes", "auth_time": said["auth_time"], "amr": ["otp"],
        });
        assert_eq!((answer.status, answer.json()), (200, expected), "{hint}");
        assert_eq!(answer.header("cache-control"), "no-store");
    }
    let client = http.client_token("stock", "");
    let said = http.introspect("orders", &client).json();
    assert_eq!((&said["active"], &said["sub"]), (&json!(true), &json!("stock")));
    assert!(said.get("sid").is_none() && said.get("auth_time").is_none(), "{said}");
}

/// N1, W1, W2, W3: by the secret of a client that may, or by its token; and by nobody else.
#[test]
fn only_who_may_introspect_is_answered() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let tokens = http.login().tokens();
    let token = [("token", tokens.access.as_str())];
    let ask = || http.post(INTROSPECT);
    let bearer = http.client_token("orders", "tokens:introspect");
    let narrow = http.client_token("orders", "sessions:manage");
    let stocks = http.client_token("stock", "");
    let with_secret = [token[0], ("client_secret", &secret_of("orders"))];

    assert_eq!(ask().client("orders").form(&token).send().json()["active"], true);
    assert_eq!(ask().bearer(&bearer).form(&token).send().json()["active"], true);
    let basic = "Basic realm=\"jeton\"";
    let invalid = "Bearer realm=\"jeton\", error=\"invalid_token\"";
    let scope = "Bearer realm=\"jeton\", error=\"insufficient_scope\", scope=\"tokens:introspect\"";
    let cases = [
        ("nobody", ask().form(&token), 401, "invalid_client", basic),
        ("a wrong secret", ask().basic("orders", "x").form(&token), 401, "invalid_client", basic),
        ("one that may not", ask().client("stock").form(&token), 403, "insufficient_scope", ""),
        ("its token", ask().bearer(&stocks).form(&token), 403, "insufficient_scope", scope),
        ("a narrow token", ask().bearer(&narrow).form(&token), 403, "insufficient_scope", scope),
        ("a user", ask().bearer(&tokens.access).form(&token), 403, "insufficient_scope", scope),
        ("no token", ask().bearer("x").form(&token), 401, "invalid_token", invalid),
        ("both", ask().bearer(&bearer).form(&with_secret), 400, "invalid_request", ""),
        ("nothing asked", ask().client("orders").form(&[]), 400, "invalid_request", ""),
    ];
    for (name, ask, status, error, challenge) in cases {
        let answer = ask.send();
        answer.assert_oauth_error(status, error, name);
        assert_eq!(answer.header("www-authenticate"), challenge, "{name}");
    }
    let own = http.client_token("orders", "tokens:introspect");
    http.revoke("orders", &own);
    let answer = ask().bearer(&own).form(&token).send();
    answer.assert_oauth_error(401, "invalid_token", "a revoked one");
}

/// N2, N3, N4, A25, B20: each kind of token that is not a good access token is the same nothing.
#[test]
fn everything_else_is_inactive_and_nothing_more() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let tokens = http.login().tokens();
    let insider = Insider::of(&setup);
    let access = Parts::of(&tokens.access);
    let refresh = Parts::of(&tokens.refresh);
    let signed = {
        let form = [("token", &*tokens.access)];
        let ask = http.post(INTROSPECT).client("orders").header("accept", SIGNED);
        ask.form(&form).send().text
    };
    let now = access.claims["iat"].as_u64().unwrap();

    let cases = [
        ("a refresh token", tokens.refresh.clone()),
        ("its claims under the access key", insider.access("at+jwt", &refresh)),
        ("an access token under the refresh key", insider.refresh("at+jwt", &access)),
        ("another typ", insider.access("JWT", &access)),
        ("a refresh token's typ", insider.access("rt+jwt", &access)),
        ("a signed introspection", signed.clone()),
        ("its claims as an access token", insider.access("at+jwt", &Parts::of(&signed))),
        ("another audience", insider.access("at+jwt", &access.claim("aud", "other"))),
        ("another issuer", insider.access("at+jwt", &access.claim("iss", "https://evil.example"))),
        (
            "expired",
            insider.access("at+jwt", &access.claim("iat", now - 700).claim("exp", now - 100)),
        ),
        ("not yet", insider.access("at+jwt", &access.claim("nbf", now + 3_000))),
        (
            "a session that never was",
            insider.access(
                "at+jwt",
                &access.claim("sid", {
                    let mut sid = tokens.session.clone();
                    sid.replace_range(24.., "AAAAAAAA");
                    sid
                }),
            ),
        ),
        (
            "a client that never was",
            insider.access(
                "at+jwt",
                &access.without("sid").claim("sub", "ghost").claim("client_id", "ghost"),
            ),
        ),
        ("forged", access.claim("sub", "root").token()),
        ("cut", tokens.access[..tokens.access.len() - 1].to_owned()),
        ("no token", "x".to_owned()),
        ("10 KB", "x".repeat(10_000)),
    ];
    for (name, token) in cases {
        assert_inactive(http, &token, name);
    }
    assert_eq!(http.introspect("orders", &tokens.access).json()["active"], true);
}

/// N3, N6: whatever takes a token back, at once.
#[test]
fn what_was_taken_back_is_inactive() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let manager = http.client_token("orders", "sessions:manage");
    let (login, logout) = (http.login().tokens(), http.login().tokens());
    let subject = Parts::of(&login.access).claims["sub"].as_str().unwrap().to_owned();

    http.logout(&logout.access);
    assert_inactive(http, &logout.access, "logged out");
    let recalled = http.login().tokens();
    let recall = format!("/admin/v1/subjects/{subject}/recall");
    assert_eq!(http.post(&recall).bearer(&manager).send().data(), json!({ "version": 1 }));
    assert_inactive(http, &recalled.access, "recalled");
    let next = http.refresh(&recalled.refresh).tokens();
    assert_eq!(http.introspect("orders", &next.access).json()["active"], true);
    let change =
        json!({ "current_password": PASSWORD, "new_password": "another walk in the park" });
    let other = http.login_as(ALICE, PASSWORD).tokens();
    http.post("/v1/password").bearer(&other.access).json(&change).send().data();
    assert_inactive(http, &next.access, "the password was changed");
}

/// N6: a thousand tokens, each revoked and then asked about.
#[test]
fn a_revoked_token_is_inactive_at_once_a_thousand_times() {
    let setup = setup().with_client("many", &[]);
    let service = setup.start();
    let http = &service.http;

    for n in 0..1_000 {
        let token = http.client_token("many", "");
        assert_eq!(http.revoke("many", &token).status, 200, "{n}");
        assert_eq!(http.introspect("orders", &token).text, INACTIVE, "{n}");
    }
}

/// N7: signed for the one who asks; of its own type, with no claim an access token is known by.
#[test]
fn an_answer_can_be_a_signed_token() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let tokens = http.login().tokens();
    let ask = |token: &str, accept: &str| {
        let ask = http.post(INTROSPECT).client("orders").header("accept", accept);
        ask.form(&[("token", token)]).send()
    };

    for (token, active) in [(&*tokens.access, true), ("x", false)] {
        let answer = ask(token, SIGNED);

        assert_eq!((answer.status, answer.header("content-type")), (200, SIGNED), "{answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        let Parts { header, mut claims, .. } = Parts::of(&answer.text);
        let jwks = http.get("/.well-known/jwks.json").send().json();
        assert_eq!(header["kid"], jwks["keys"][0]["kid"]);
        assert_eq!(
            (&header["typ"], &header["alg"]),
            (&json!("token-introspection+jwt"), &json!("ES256"))
        );
        let plain = ask(token, "application/json").json();
        assert_eq!(claims["token_introspection"], plain);
        assert_eq!(plain["active"], active);
        claims["token_introspection"] = Value::Null;
        let iat = claims["iat"].as_u64().unwrap();
        let expected = json!({
            "iss": "http://localhost:8080", "aud": "orders", "iat": iat, "token_introspection": null,
        });
        assert_eq!(claims, expected);
        http.me(&answer.text).assert_refused(401, "claim_refused", "as an access token");
    }
    for accept in ["*/*", "application/token-introspection+jwt;q=0, application/json"] {
        assert_eq!(ask("x", accept).text, INACTIVE, "{accept}");
    }
}

/// N8: POST only, and no token in a URL.
#[test]
fn it_is_asked_by_post_only() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    for method in ["GET", "PUT", "DELETE", "PATCH"] {
        let answer = http.ask(method, INTROSPECT).client("orders").send();
        answer.assert_oauth_error(405, "invalid_request", method);
        assert_eq!(answer.header("allow"), "POST", "{method}");
    }
    let url = http.post(&format!("{INTROSPECT}?token=x")).client("orders").form(&[]).send();
    url.assert_oauth_error(400, "invalid_request", "a token in the URL");
}
