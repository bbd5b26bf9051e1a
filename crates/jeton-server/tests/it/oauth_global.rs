//! `POST /oauth2/global-token-revocation`: everything of one subject, by whoever watches over them.

use serde_json::{Value, json};

use crate::answer::Answer;
use crate::client::Client;
use crate::setup::Setup;

const PATH: &str = "/oauth2/global-token-revocation";
const ISSUER: &str = "http://localhost:8080";

fn setup() -> Setup {
    Setup::empty()
        .with_client("guard", &["sessions:revoke-all"])
        .with_client("orders", &["sessions:manage"])
}

fn revoke(http: &Client, token: &str, sub_id: &Value) -> Answer {
    http.post(PATH).bearer(token).json(&json!({ "sub_id": sub_id })).send()
}

/// X8: every session and every access token, by either name of the subject.
#[test]
fn everything_of_a_subject_ends_at_once() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let (guard, manager) = (http.client_token("guard", ""), http.client_token("orders", ""));
    let names = [
        json!({ "format": "opaque", "id": "alice" }),
        json!({ "format": "iss_sub", "iss": ISSUER, "sub": "alice" }),
    ];
    for name in names {
        let open = |subject: &str| http.open(&manager, subject, &json!({})).tokens();
        let (one, two, bobs) = (open("alice"), open("alice"), open("bob"));

        let answer = revoke(http, &guard, &name);

        assert_eq!((answer.status, &*answer.text), (204, ""), "{answer:?}");
        assert_eq!(answer.header("cache-control"), "no-store");
        for tokens in [one, two] {
            http.me(&tokens.access).assert_refused(401, "revoked", "access token");
            http.refresh(&tokens.refresh).assert_refused(401, "revoked", "refresh token");
        }
        assert_eq!(http.me(&bobs.access).status, 200);
        assert_eq!(revoke(http, &guard, &name).status, 204, "and again");
    }
    let unknown = json!({ "format": "opaque", "id": "nobody ever" });
    assert_eq!(revoke(http, &guard, &unknown).status, 204);
}

/// X8, W1, W2, W3: with a scope of its own, which no other scope contains.
#[test]
fn it_has_a_scope_of_its_own() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let (guard, manager) = (http.client_token("guard", ""), http.client_token("orders", ""));
    let user = http.open(&manager, "alice", &json!({})).tokens();
    let alice = json!({ "sub_id": { "format": "opaque", "id": "alice" } });
    let challenge =
        "Bearer realm=\"jeton\", error=\"insufficient_scope\", scope=\"sessions:revoke-all\"";

    for token in [&manager, &user.access] {
        let refused = http.post(PATH).bearer(token).json(&alice).send();
        refused.assert_oauth_error(403, "insufficient_scope", "another scope");
        assert_eq!(refused.header("www-authenticate"), challenge);
    }
    let nobody = http.post(PATH).json(&alice).send();
    nobody.assert_oauth_error(401, "invalid_token", "nobody");
    assert_eq!(nobody.header("www-authenticate"), "Bearer realm=\"jeton\"");
    let secret = http.post(PATH).client("guard").json(&alice).send();
    secret.assert_oauth_error(401, "invalid_token", "a secret is no token");
    assert_eq!(http.me(&user.access).status, 200);
    http.open(&guard, "alice", &json!({})).assert_refused(
        403,
        "insufficient_scope",
        "the other way round",
    );
}

/// X8: what names no subject of ours ends nothing.
#[test]
fn a_subject_that_is_not_named_rightly_is_refused() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let guard = http.client_token("guard", "");
    let cases = [
        json!({ "format": "opaque" }),
        json!({ "format": "opaque", "id": "" }),
        json!({ "format": "opaque", "id": "x".repeat(257) }),
        json!({ "format": "opaque", "id": 7 }),
        json!({ "format": "opaque", "id": "alice", "more": 1 }),
        json!({ "format": "email", "email": "alice@example.com" }),
        json!({ "format": "iss_sub", "iss": "https://evil.example", "sub": "alice" }),
        json!({ "format": "iss_sub", "sub": "alice" }),
        json!({ "id": "alice" }),
        json!("alice"),
    ];
    for sub_id in cases {
        let answer = revoke(http, &guard, &sub_id);
        answer.assert_oauth_error(400, "invalid_request", &sub_id.to_string());
    }
    let form = http.post(PATH).bearer(&guard).form(&[("sub_id", "alice")]).send();
    form.assert_oauth_error(400, "invalid_request", "a form");
    http.get(PATH).bearer(&guard).send().assert_oauth_error(405, "invalid_request", "GET");
}

/// X8: a hundred at once, and then no more than ten a second.
#[test]
fn a_client_in_a_hurry_is_slowed_down() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let guard = http.client_token("guard", "");
    let alice = json!({ "format": "opaque", "id": "alice" });

    let refused = (0..10_000).map(|_| revoke(http, &guard, &alice)).find(|it| it.status != 204);

    let refused = refused.unwrap();
    refused.assert_oauth_error(429, "temporarily_unavailable", "too many");
    assert_eq!(refused.header("retry-after"), "1");
}
