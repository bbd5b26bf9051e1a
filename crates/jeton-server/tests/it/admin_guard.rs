//! Who may manage sessions, and what the log says of it.

use serde_json::{Value, json};

use crate::client::Client;
use crate::forge::{Insider, Parts};
use crate::setup::{ALICE, Setup, secret_of};

/// Every route that manages sessions.
const ROUTES: [(&str, &str); 5] = [
    ("POST", "/admin/v1/subjects/alice/sessions"),
    ("GET", "/admin/v1/subjects/alice/sessions"),
    ("DELETE", "/admin/v1/subjects/alice/sessions"),
    ("POST", "/admin/v1/subjects/alice/recall"),
    ("DELETE", "/admin/v1/sessions/AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"),
];

fn setup() -> Setup {
    Setup::new()
        .with_client("shop", &["sessions:manage", "stock:read"])
        .with_client("stock", &["stock:read", "sessions:revoke-all"])
}

#[track_caller]
fn assert_all_refuse(http: &Client, token: &str, status: u16, code: &str, case: &str) {
    for (method, path) in ROUTES {
        let answer = http.ask(method, path).bearer(token).send();
        answer.assert_refused(status, code, &format!("{case}: {method} {path}"));
        let challenge = answer.header("www-authenticate");
        let scope = "error=\"insufficient_scope\", scope=\"sessions:manage\"";
        assert!(status != 403 || challenge.contains(scope), "{case}: {answer:?}");
    }
}

/// W1, W2, W3, V19, B20: a client's own token, of this scope, of a client that still has it.
#[test]
fn only_a_client_with_the_scope_manages_sessions() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let alice = http.login().tokens();
    let shop = http.client_token("shop", "");
    let insider = Insider::of(&setup);
    let (shops, alices) = (Parts::of(&shop), Parts::of(&alice.access));

    for (method, path) in ROUTES {
        let answer = http.ask(method, path).send();
        answer.assert_refused(401, "token_missing", path);
        assert_eq!(answer.header("www-authenticate"), "Bearer realm=\"jeton\"", "{path}");
        let basic = http.ask(method, path).basic("shop", &secret_of("shop")).send();
        basic.assert_refused(401, "token_missing", path);
    }
    assert_all_refuse(http, &alice.access, 403, "insufficient_scope", "a user");
    assert_all_refuse(
        http,
        &http.client_token("stock", ""),
        403,
        "insufficient_scope",
        "another client",
    );
    assert_all_refuse(
        http,
        &http.client_token("shop", "stock:read"),
        403,
        "insufficient_scope",
        "narrow",
    );
    assert_all_refuse(http, &alice.refresh, 401, "key_unknown", "a refresh token");
    let forged = shops.claim("exp", 4_000_000_000_u64).token();
    assert_all_refuse(http, &forged, 401, "signature_invalid", "forged");
    let user = insider.access("at+jwt", &alices.claim("scope", "sessions:manage"));
    assert_all_refuse(http, &user, 403, "insufficient_scope", "a user with the scope of a client");
    let ghost = shops.claim("sub", "ghost").claim("client_id", "ghost");
    assert_all_refuse(
        http,
        &insider.access("at+jwt", &ghost),
        403,
        "insufficient_scope",
        "no client",
    );
    let other = shops.claim("sub", "stock").claim("client_id", "stock");
    let other = insider.access("at+jwt", &other);
    assert_all_refuse(http, &other, 403, "insufficient_scope", "a client that has not got it");
    assert_eq!(http.me(&alice.access).status, 200);
    http.revoke("shop", &shop);
    assert_all_refuse(http, &shop, 401, "revoked", "a revoked one");
}

/// T5, T6, I10: who did what to whom is logged; a secret, a token or a name typed into the wrong
/// field is not.
#[test]
fn acts_of_clients_are_logged_without_their_secrets() {
    let setup = setup().with("LOG__LEVEL", "trace").with("SESSION__GRACE", "0");
    let service = setup.start();
    let http = &service.http;
    let shop = http.client_token("shop", "");
    let tokens = http.open(&shop, "alice", &json!({ "bound": true })).tokens();
    let secret = secret_of("shop");
    for id in [&*secret, "shop", "my-secret-in-the-wrong-field"] {
        let form = [("grant_type", "client_credentials"), ("scope", &*secret)];
        http.post("/oauth2/token").basic(id, &secret_of("stock")).form(&form).send();
    }
    http.oauth_refresh("stock", &tokens.refresh, "");
    http.oauth_refresh("shop", &tokens.refresh, "");
    http.oauth_refresh("shop", &tokens.refresh, "");
    let another = http.open_bound("shop", "alice", "");
    http.revoke("stock", &another.access);
    http.revoke("shop", &shop);
    http.introspect("stock", &shop);
    let shop = http.client_token("shop", "");
    http.delete("/admin/v1/subjects/alice/sessions?reason=banned").bearer(&shop).send();
    http.post("/admin/v1/subjects/alice/recall").bearer(&shop).send();
    http.get(&format!("/admin/v1/sessions/{secret}")).bearer(&secret).send();
    let log = service.kill();

    let entries: Vec<Value> = log.iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    for line in &log {
        for secret in ["eyJ", "jcs_", "in-the-wrong-field", "Basic"] {
            assert!(!line.contains(secret), "{secret}: {line}");
        }
    }
    let client_of = |event: &str| {
        let entry = entries.iter().find(|entry| entry["event"] == event);
        entry.unwrap_or_else(|| panic!("no {event}: {log:#?}"))["client"].clone()
    };
    for event in ["client_token", "session_opened", "token_revoked", "sessions_ended"] {
        assert_eq!(client_of(event), "shop", "{event}");
    }
    assert_eq!(client_of("subject_recalled"), "shop");
    assert_eq!(client_of("revocation_refused"), "stock");
    let refused: Vec<&Value> =
        entries.iter().filter(|entry| entry["event"] == "client_refused").collect();
    assert_eq!(refused.len(), 3);
    let named = refused.iter().filter(|entry| entry["client"] == "shop").count();
    assert_eq!(named, 1, "only the name that is one: {refused:?}");
    for event in ["refresh_foreign", "refresh_replayed"] {
        client_of(event);
    }
    assert!(!entries.iter().any(|entry| entry["subject"] == ALICE && entry["level"] == "ERROR"));
}
