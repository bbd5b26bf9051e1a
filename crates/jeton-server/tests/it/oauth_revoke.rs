//! `POST /oauth2/revoke`: a client takes its tokens back (RFC 7009).

use std::sync::Barrier;
use std::thread;

use serde_json::json;

use crate::client::Client;
use crate::forge::Parts;
use crate::setup::{Setup, secret_of};

const REVOKE: &str = "/oauth2/revoke";

fn setup() -> Setup {
    Setup::new()
        .with_client("web", &["sessions:manage", "tokens:introspect"])
        .with_client("app", &["sessions:manage"])
}

/// Whether the store calls this token good.
fn is_active(http: &Client, token: &str) -> bool {
    http.introspect("web", token).json()["active"] == true
}

/// X1, X2: either kind of token under either hint, or none; a refresh token takes its session along,
/// an access token goes by itself.
#[test]
fn a_hint_is_only_a_hint() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;

    for hint in ["", "access_token", "refresh_token", "saml2-bearer"] {
        let tokens = http.open_bound("web", "alice", "");
        let revoke = |token: &str| {
            let form = [("token", token), ("token_type_hint", hint)];
            http.post(REVOKE).client("web").form(&form).send()
        };

        let access = revoke(&tokens.access);

        assert_eq!((access.status, &*access.text), (200, ""), "{hint}");
        assert_eq!(access.header("cache-control"), "no-store");
        http.me(&tokens.access).assert_refused(401, "revoked", hint);
        let next = http.oauth_refresh("web", &tokens.refresh, "").json();
        let (access, refresh) =
            (next["access_token"].as_str().unwrap(), next["refresh_token"].as_str().unwrap());
        assert_eq!(http.me(access).status, 200, "{hint}: its session lives");
        assert_eq!(revoke(refresh).status, 200, "{hint}");
        http.me(access).assert_refused(401, "revoked", hint);
        assert!(!is_active(http, access), "{hint}");
        http.oauth_refresh("web", refresh, "").assert_oauth_error(400, "invalid_grant", hint);
    }
}

/// X3, X7: what is dead, was never alive or makes no sense is as dead as it was wanted to be.
#[test]
fn a_token_that_nobody_knows_is_answered_like_one_just_revoked() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let ended = http.open_bound("web", "alice", "");
    http.revoke("web", &ended.refresh);
    let alive = http.open_bound("web", "alice", "");
    let forged = |token: &str| Parts::of(token).claim("exp", 4_000_000_000_u64).token();
    let expired = {
        let insider = crate::forge::Insider::of(&setup);
        let parts = Parts::of(&alive.access).claim("iat", 1_000_000).claim("exp", 1_000_600);
        insider.access("at+jwt", &parts)
    };

    let cases = [
        ("ended", ended.refresh.clone()),
        ("of an ended session", ended.access.clone()),
        ("expired", expired),
        ("cut", alive.refresh[..alive.refresh.len() - 1].to_owned()),
        ("forged", forged(&alive.refresh)),
        ("forged access", forged(&alive.access)),
        ("no token", "x".to_owned()),
        ("foreign text", "ä\r\n\0".to_owned()),
        ("10 KB", "x".repeat(10_000)),
    ];
    for (name, token) in cases {
        let answer = http.revoke("web", &token);
        assert_eq!((answer.status, &*answer.text), (200, ""), "{name}: {answer:?}");
    }
    assert_eq!(http.me(&alive.access).status, 200);
    assert_eq!(http.oauth_refresh("web", &alive.refresh, "").status, 200);
}

/// X4: whoever is not known revokes nothing, and nobody revokes what is another's.
#[test]
fn a_token_of_another_client_lives_on() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let webs = http.open_bound("web", "alice", "");
    let alices = http.login().tokens();
    let own = http.client_token("web", "tokens:introspect");

    let cases = [
        ("no client", http.post(REVOKE)),
        ("a wrong secret", http.post(REVOKE).basic("web", &secret_of("app"))),
        ("a bearer token", http.post(REVOKE).bearer(&own)),
    ];
    for (name, ask) in cases {
        let answer = ask.form(&[("token", &webs.refresh)]).send();
        answer.assert_oauth_error(401, "invalid_client", name);
    }
    for token in [&webs.access, &webs.refresh, &alices.access, &alices.refresh, &own] {
        http.revoke("app", token).assert_oauth_error(400, "invalid_grant", "another's");
    }
    for token in [&webs.access, &alices.access, &own] {
        assert!(is_active(http, token));
    }
    assert_eq!(http.oauth_refresh("web", &webs.refresh, "").status, 200);
    assert_eq!(http.refresh(&alices.refresh).status, 200);
    assert_eq!(http.revoke("web", &own).status, 200);
    assert!(!is_active(http, &own));
}

/// X1, N8: a form by POST, with a token in it.
#[test]
fn a_request_without_a_token_is_refused() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let token = http.client_token("web", "tokens:introspect");
    let hint = ("token_type_hint", "access_token");

    let cases = [
        ("none", http.post(REVOKE).client("web").form(&[hint])),
        ("an empty one", http.post(REVOKE).client("web").form(&[("token", ""), hint])),
        ("two", http.post(REVOKE).client("web").form(&[("token", &token), ("token", &token)])),
        ("JSON", http.post(REVOKE).client("web").json(&json!({ "token": token }))),
    ];
    for (name, ask) in cases {
        ask.send().assert_oauth_error(400, "invalid_request", name);
    }
    let url = http.get(&format!("{REVOKE}?token={token}")).client("web").send();
    url.assert_oauth_error(405, "invalid_request", "GET");
    assert!(is_active(http, &token));
}

/// X7: a hundred at once are a hundred successes, and one end.
#[test]
fn a_hundred_revocations_at_once_all_succeed() {
    let setup = setup();
    let service = setup.start();
    let http = &service.http;
    let tokens = http.open_bound("web", "alice", "");

    for token in [&tokens.access, &tokens.refresh] {
        let start = Barrier::new(100);
        let statuses: Vec<u16> = thread::scope(|scope| {
            let acts: Vec<_> = (0..100)
                .map(|_| {
                    scope.spawn(|| {
                        start.wait();
                        http.revoke("web", token).status
                    })
                })
                .collect();
            acts.into_iter().map(|act| act.join().unwrap()).collect()
        });
        assert_eq!(statuses, [200; 100]);
    }
    http.me(&tokens.access).assert_refused(401, "revoked", "its access token");
    let log = service.kill();
    let ended = log.iter().filter(|line| line.contains("\"session_revoked\"")).count();
    assert_eq!(ended, 1, "{log:#?}");
}
