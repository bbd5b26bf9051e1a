//! Clients are no users, and what they lose in the settings they lose everywhere.

use std::fs;

use serde_json::json;

use crate::answer::Tokens;
use crate::client::Client;
use crate::setup::{ALICE, PASSWORD, Setup};

/// V19: a client that has a user's id for its name gets nowhere that a user gets; nor does it end the
/// user's session by logging in with its token.
#[test]
fn a_client_called_like_a_user_is_no_user() {
    let setup = Setup::empty();
    let alice = setup.add_account(ALICE, PASSWORD);
    let setup = setup.with_client(&alice, &["sessions:manage", "tokens:introspect"]);
    let service = setup.start();
    let http = &service.http;
    let tokens = http.login().tokens();
    let client = http.client_token(&alice, "");
    let login = json!({ "account": ALICE, "password": PASSWORD });
    let change =
        json!({ "current_password": PASSWORD, "new_password": "another walk in the park" });

    let asks = [
        ("me", http.get("/v1/me")),
        ("sessions", http.get("/v1/sessions")),
        ("end one", http.delete(&format!("/v1/sessions/{}", tokens.session))),
        ("end all", http.delete("/v1/sessions")),
        ("end others", http.delete("/v1/sessions?keep=current")),
        ("logout", http.post("/v1/logout")),
        ("password", http.post("/v1/password").json(&change)),
        ("login", http.post("/v1/login").json(&login)),
    ];
    for (name, ask) in asks {
        ask.bearer(&client).send().assert_refused(403, "forbidden", name);
    }
    assert_eq!(http.me(&tokens.access).status, 200);
    let listed = http.get("/v1/sessions").bearer(&tokens.access).send().data();
    assert_eq!(listed.as_array().unwrap().len(), 1);
    assert_eq!(http.introspect(&alice, &client).json()["client_id"], alice.as_str());
}

/// V19: a recall of either reaches the earlier access tokens of both, and ends nothing of either.
#[test]
fn a_recall_of_a_user_and_a_client_of_one_name_ends_nothing() {
    let setup = Setup::empty().with_client("alice", &["sessions:manage"]);
    let service = setup.start();
    let http = &service.http;
    let client = http.client_token("alice", "");
    let user = http.open(&client, "alice", &json!({})).tokens();

    http.post("/admin/v1/subjects/alice/recall").bearer(&client).send().data();

    http.me(&user.access).assert_refused(401, "token_recalled", "user");
    let refused = http.open(&client, "alice", &json!({}));
    refused.assert_refused(401, "token_recalled", "client");
    assert_eq!(http.me(&http.refresh(&user.refresh).tokens().access).status, 200);
    let client = http.client_token("alice", "");
    http.delete("/admin/v1/subjects/alice/sessions?reason=banned").bearer(&client).send().data();
    assert_eq!(http.open(&client, "bob", &json!({})).status, 200, "a ban is about sessions");
}

/// What a client has, all of it good.
fn everything(http: &Client, id: &str) -> (String, Tokens) {
    (http.client_token(id, "stock:read"), http.open_bound(id, "alice", ""))
}

/// R9: a client that is removed loses its tokens and its sessions, at every verifier; others do not.
#[test]
fn a_client_that_is_removed_leaves_nothing_behind() {
    let scopes = ["sessions:manage", "stock:read", "tokens:introspect"];
    let setup = Setup::empty().with_client("orders", &scopes);
    let kept = fs::read_to_string(setup.path("jeton.toml")).unwrap();
    let setup = setup.with_client("gone", &scopes);
    let service = setup.start();
    let (own, session) = everything(&service.http, "gone");
    let (others_own, others) = everything(&service.http, "orders");
    service.kill();
    fs::write(setup.path("jeton.toml"), kept).unwrap();

    for again in [false, true] {
        let service = setup.start();
        let http = &service.http;
        let check = |token: &str| http.get("/v1/check").bearer(token).send();

        assert_eq!(check(&own).code(), "token_recalled", "{again}");
        http.me(&session.access).assert_refused(401, "revoked", "its session's");
        for token in [&own, &session.access] {
            assert_eq!(http.introspect("orders", token).text, r#"{"active":false}"#);
        }
        let refused = http.oauth_refresh("gone", &session.refresh, "");
        refused.assert_oauth_error(401, "invalid_client", "refresh");
        assert_eq!((check(&others_own).status, check(&others.access).status), (200, 200));
    }
}

/// R9: a client that loses a scope or a secret loses the tokens that it got with it, no session.
#[test]
fn a_client_that_is_narrowed_gets_new_tokens() {
    let setup = Setup::empty().with_client("orders", &["sessions:manage", "stock:read"]);
    let file = fs::read_to_string(setup.path("jeton.toml")).unwrap();
    let hash = file.split('"').find(|text| text.starts_with("sha256:")).unwrap();
    let other = format!("sha256:{}", "0".repeat(64));
    let widened = file.replace("\"stock:read\"", "\"stock:read\", \"stock:write\"");
    let steps = [
        ("nothing changed", file.clone(), true),
        ("another scope", widened, true),
        ("and without it again", file.clone(), false),
        ("another secret", file.replace(hash, &format!("{hash}\", \"{other}")), true),
        ("and without it again", file, false),
    ];
    let mut service = setup.start();
    for (name, file, lives) in steps {
        let (own, session) = everything(&service.http, "orders");
        service.kill();
        fs::write(setup.path("jeton.toml"), file).unwrap();
        service = setup.start();
        let http = &service.http;

        let checked = http.get("/v1/check").bearer(&own).send();
        assert_eq!(checked.status == 200, lives, "{name}: {checked:?}");
        assert_eq!(http.me(&session.access).status, 200, "{name}");
        assert_eq!(http.oauth_refresh("orders", &session.refresh, "").status, 200, "{name}");
    }
}

/// What is remembered of clients is for the service alone, and is no secret.
#[test]
fn what_is_remembered_cannot_be_presented() {
    use std::os::unix::fs::PermissionsExt as _;

    let setup = Setup::empty().with_client("orders", &[]);
    drop(setup.start());
    let path = setup.data().join("clients.json");

    let mode = fs::metadata(&path).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("orders") && !text.contains("jcs_"), "{text}");
    fs::write(&path, "{").unwrap();
    let refused = setup.run(&["serve"], "");
    assert_eq!(refused.code, Some(3), "{refused:?}");
    assert!(refused.errors.contains("clients.json is damaged"), "{refused:?}");
}
