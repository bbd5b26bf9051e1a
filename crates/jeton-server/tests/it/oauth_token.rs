//! `POST /oauth2/token`: what a client gets for itself.

use serde_json::{Value, json};

use crate::client::{Ask, Client, raw};
use crate::forge::Parts;
use crate::setup::{Setup, secret_of};

const TOKEN: &str = "/oauth2/token";
const GRANT: (&str, &str) = ("grant_type", "client_credentials");

fn ask(http: &Client) -> Ask<'_> {
    http.post(TOKEN)
}

/// I2, I10: an access token for the client itself: no session, no refresh token, nobody keeps it.
#[test]
fn a_client_gets_an_access_token_for_itself() {
    let setup = Setup::empty().with_client("orders", &["revocations:read", "stock:read"]);
    let service = setup.start();

    let answer = ask(&service.http).client("orders").form(&[GRANT]).send();

    let body = answer.json();
    assert_eq!(answer.status, 200, "{answer:?}");
    let names: Vec<&String> = body.as_object().unwrap().keys().collect();
    assert_eq!(names, ["access_token", "expires_in", "scope", "token_type"]);
    assert_eq!((&body["token_type"], &body["expires_in"]), (&json!("Bearer"), &json!(600)));
    assert_eq!(body["scope"], "revocations:read stock:read");
    assert_eq!(answer.header("content-type"), "application/json");
    assert_eq!((answer.header("cache-control"), answer.header("pragma")), ("no-store", "no-cache"));
    let Parts { header, claims, .. } = Parts::of(body["access_token"].as_str().unwrap());
    assert_eq!(header["typ"], "at+jwt");
    let (iat, jti) = (claims["iat"].as_u64().unwrap(), claims["jti"].as_str().unwrap());
    let expected = json!({
        "iss": "http://localhost:8080", "sub": "orders", "aud": "api", "client_id": "orders",
        "iat": iat, "exp": iat + 600, "jti": jti, "ver": 0, "scope": "revocations:read stock:read",
    });
    assert_eq!(claims, expected);
    assert_eq!(jti.len(), 22);
}

/// RFC 6749 section 3.3: what is asked for, or all there is, and never more.
#[test]
fn a_client_gets_no_scope_that_is_not_its_own() {
    let setup = Setup::empty()
        .with_client("orders", &["stock:read", "stock:write"])
        .with_client("bare", &[]);
    let service = setup.start();
    let scope_of = |id: &str, scope: &str| -> Value {
        let answer = ask(&service.http).client(id).form(&[GRANT, ("scope", scope)]).send();
        if answer.status != 200 {
            answer.assert_oauth_error(400, "invalid_scope", scope);
            return json!(400);
        }
        let body = answer.json();
        assert_eq!(
            Parts::of(body["access_token"].as_str().unwrap()).claims["scope"],
            body["scope"]
        );
        body["scope"].clone()
    };

    let cases = [
        ("orders", "stock:read", json!("stock:read")),
        ("orders", "stock:write stock:read", json!("stock:write stock:read")),
        ("orders", "", json!("stock:read stock:write")),
        ("orders", "stock:rea", json!(400)),
        ("orders", "stock:read sessions:manage", json!(400)),
        ("orders", "stock:read  stock:write", json!(400)),
        ("orders", "stock:read\r\nx: y", json!(400)),
        ("bare", "", Value::Null),
        ("bare", "stock:read", json!(400)),
    ];
    for (id, asked, expected) in cases {
        assert_eq!(scope_of(id, asked), expected, "{id} {asked:?}");
    }
}

/// X4, N1, W1: an unknown client, a wrong secret and no credentials are one answer, byte for byte.
#[test]
fn whoever_does_not_authenticate_hears_one_thing() {
    let setup = Setup::empty().with_client("orders", &[]).with_client("stock", &[]);
    let service = setup.start();
    let (secret, other) = (secret_of("orders"), secret_of("stock"));
    let post = |id: &str, secret: &str| {
        ask(&service.http).form(&[GRANT, ("client_id", id), ("client_secret", secret)])
    };
    let basic = |id: &str, secret: &str| ask(&service.http).basic(id, secret).form(&[GRANT]);
    let header = |value: &str| ask(&service.http).header("authorization", value).form(&[GRANT]);

    for good in [post("orders", &secret), basic("orders", &secret)] {
        assert_eq!(good.send().status, 200);
    }
    let refused = [
        ("nothing", ask(&service.http).form(&[GRANT])),
        ("a name", ask(&service.http).form(&[GRANT, ("client_id", "orders")])),
        ("a secret", ask(&service.http).form(&[GRANT, ("client_secret", &secret)])),
        ("another's secret", post("orders", &other)),
        ("another's secret, basic", basic("orders", &other)),
        ("an unknown name", post("nobody", &secret)),
        ("an unknown name, basic", basic("nobody", &secret)),
        ("another spelling", basic("Orders", &secret)),
        ("our own name", basic("first-party", &secret)),
        ("a part of the secret", basic("orders", &secret[..46])),
        ("the secret and more", basic("orders", &format!("{secret}A"))),
        ("no secret of ours", basic("orders", "hunter2")),
        ("10 KB of secret", basic("orders", &"x".repeat(10_000))),
        ("not base64", header("Basic !")),
        ("no colon", header("Basic b3JkZXJz")),
        ("another scheme", header("Bearer x")),
    ];
    let mut answers = Vec::new();
    for (name, ask) in refused {
        let answer = ask.send();
        answer.assert_oauth_error(401, "invalid_client", name);
        assert_eq!(answer.header("www-authenticate"), "Basic realm=\"jeton\"", "{name}");
        answers.push(answer.text);
    }
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:?}");
}

/// RFC 6749 sections 2.3, 3.2 and 5.2: requests that are wrong whoever sends them.
#[test]
fn a_request_that_is_not_well_formed_is_refused() {
    let setup = Setup::empty().with_client("orders", &[]).with_client("stock", &[]);
    let service = setup.start();
    let good = || ask(&service.http).client("orders");
    let raw_form =
        |body: &str| good().header("content-type", "application/x-www-form-urlencoded").body(body);
    let secret = secret_of("orders");
    let large = format!("grant_type=client_credentials&x={}", "x".repeat(16 * 1024));

    let cases = [
        ("both ways", good().form(&[GRANT, ("client_secret", &secret)]), 400, "invalid_request"),
        ("twice", good().client("orders").form(&[GRANT]), 400, "invalid_request"),
        ("another name", good().form(&[GRANT, ("client_id", "stock")]), 400, "invalid_request"),
        ("no grant", good().form(&[]), 400, "invalid_request"),
        ("an empty grant", good().form(&[("grant_type", "")]), 400, "invalid_request"),
        ("two grants", good().form(&[GRANT, GRANT]), 400, "invalid_request"),
        (
            "two scopes",
            good().form(&[GRANT, ("scope", "a"), ("scope", "a")]),
            400,
            "invalid_request",
        ),
        ("two of a kind", raw_form("grant_type=x&x=1&x=2"), 400, "invalid_request"),
        ("half an escape", raw_form("grant_type=%2"), 400, "invalid_request"),
        ("not UTF-8", raw_form("grant_type=%ff"), 400, "invalid_request"),
        ("no form", good(), 400, "invalid_request"),
        (
            "JSON",
            good().json(&json!({ "grant_type": "client_credentials" })),
            400,
            "invalid_request",
        ),
        ("17 KB", raw_form(&large), 413, "invalid_request"),
        ("a password", good().form(&[("grant_type", "password")]), 400, "unsupported_grant_type"),
        ("implicit", good().form(&[("grant_type", "implicit")]), 400, "unsupported_grant_type"),
        (
            "a grant's case",
            good().form(&[("grant_type", "Client_Credentials")]),
            400,
            "unsupported_grant_type",
        ),
    ];
    for (name, ask, status, error) in cases {
        ask.send().assert_oauth_error(status, error, name);
    }
    let in_the_url = service.http.post("/oauth2/token?grant_type=client_credentials");
    in_the_url.client("orders").form(&[]).send().assert_oauth_error(
        400,
        "invalid_request",
        "query",
    );
    for method in ["GET", "PUT", "DELETE", "HEAD"] {
        let answer = service.http.ask(method, TOKEN).client("orders").send();
        assert_eq!((answer.status, answer.header("allow")), (405, "POST"), "{method}");
    }
    assert_eq!(good().form(&[GRANT, ("client_id", "orders")]).send().status, 200);
}

/// P1: what is too large is cut off, and disturbs nobody.
#[test]
fn ten_megabytes_are_not_read() {
    let setup = Setup::empty().with_client("orders", &[]);
    let service = setup.start();
    let head = "POST /oauth2/token HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\
                content-type: application/x-www-form-urlencoded\r\ncontent-length: 10000000\r\n\r\n";

    let answer = raw(service.address, format!("{head}{}", "x".repeat(10_000_000)).as_bytes());

    assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 413 "), "{answer}");
    service.http.client_token("orders", "");
}

/// I2: one audience, and whoever asks for another gets no token at all (RFC 8707 section 2).
#[test]
fn a_token_for_another_audience_is_refused() {
    let setup = Setup::empty().with_client("orders", &[]).with("AUDIENCE", "https://api.example");
    let service = setup.start();

    for name in ["resource", "audience"] {
        let get = |audience: &str| {
            ask(&service.http).client("orders").form(&[GRANT, (name, audience)]).send()
        };
        assert_eq!(get("https://api.example").status, 200);
        get("https://api.example/").assert_oauth_error(400, "invalid_target", name);
        get("https://evil.example").assert_oauth_error(400, "invalid_target", name);
    }
}

/// A secret is shown once, with the hash that the settings keep of it.
#[test]
fn secrets_are_made_by_the_command_line() {
    let setup = Setup::empty();
    let made = setup.run(&["client", "secret", "--json"], "");
    let made: Value = serde_json::from_str(&made.output).unwrap();
    let (secret, hash) = (made["secret"].as_str().unwrap(), made["hash"].as_str().unwrap());
    let file = format!("[[clients]]\nid = \"orders\"\nsecret_hashes = [{hash:?}]\n");
    std::fs::write(setup.path("jeton.toml"), file).unwrap();
    let service = setup.start();

    let answer = ask(&service.http).basic("orders", secret).form(&[GRANT]).send();

    assert_eq!(answer.status, 200, "{answer:?}");
    let again = setup.run(&["client", "secret"], "").output;
    assert!(again.starts_with("secret  jcs_") && !again.contains(secret), "{again}");
}

/// Clients that cannot be used are named before anything starts.
#[test]
fn clients_that_cannot_be_used_are_refused_at_the_start() {
    let cases = [
        (Setup::empty().with_client("orders", &["sessions:mange"]), "sessions:mange"),
        (Setup::empty().with_client("first-party", &[]), "first-party"),
        (Setup::empty().with_client("a b", &[]), "a b"),
        (Setup::empty().with_client("orders", &[]).with_client("orders", &[]), "twice"),
        (Setup::empty().with("CLIENTS", "orders"), "the environment cannot set clients"),
    ];
    for (setup, expected) in cases {
        let ended = setup.run(&["serve"], "");
        assert_eq!(ended.code, Some(2), "{ended:?}");
        assert!(ended.errors.contains(expected), "{expected}: {ended:?}");
    }
}
