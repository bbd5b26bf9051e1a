//! Routes behind a layer.

use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::routing::get;
use http::{Request, Response};
use jeton_tower::{GuardLayer, Identity};
use tower::{Layer as _, ServiceExt as _, service_fn};

use crate::house::{House, ask, get as request};

/// One route behind this layer, which says whom it sees, and how often it was asked.
fn behind(layer: GuardLayer) -> (Router, Arc<AtomicUsize>) {
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    let handler = move |request: axum::extract::Request| async move {
        count.fetch_add(1, Ordering::SeqCst);
        let identity = request.extensions().get::<Identity>();
        identity.map_or("nobody".to_owned(), |known| known.subject().to_owned())
    };
    (Router::new().route("/", get(handler).layer(layer)), asked)
}

/// W1, W2, W3, V19: each rule of a route refuses in its own way, and nothing refused gets through.
#[tokio::test]
async fn a_route_lets_in_whom_its_rules_name() {
    let house = House::new();
    let layer = || house.gate.layer();
    let writer = house.user("alice", "orders:read orders:write");
    let reader = house.user("alice", "orders:read");
    let client = house.client("robot", "orders:write");
    let plain = Some(r#"Bearer realm="jeton""#);
    let invalid = Some(r#"Bearer realm="jeton", error="invalid_token""#);
    let writing = Some(r#"Bearer realm="jeton", error="insufficient_scope", scope="orders:write""#);
    let both = Some(r#"Bearer realm="jeton", error="insufficient_scope", scope="orders:read x""#);

    let cases = [
        ("any", layer(), Some(&*reader), 200, "alice", None),
        ("any, nobody", layer(), None, 401, "token_missing", plain),
        ("any, bad", layer(), Some("bad"), 401, "token_malformed", invalid),
        ("scope", layer().scope("orders:write"), Some(&writer), 200, "alice", None),
        ("scope, client", layer().scope("orders:write"), Some(&client), 200, "robot", None),
        (
            "scope, without",
            layer().scope("orders:write"),
            Some(&reader),
            403,
            "insufficient_scope",
            writing,
        ),
        (
            "a part of a scope's name",
            layer().scope("orders"),
            Some(&reader),
            403,
            "insufficient_scope",
            Some(r#"Bearer realm="jeton", error="insufficient_scope", scope="orders""#),
        ),
        ("scope, nobody", layer().scope("orders:write"), None, 401, "token_missing", plain),
        (
            "two scopes",
            layer().scope("orders:read").scope("x"),
            Some(&reader),
            403,
            "insufficient_scope",
            both,
        ),
        ("users", layer().users_only(), Some(&reader), 200, "alice", None),
        ("users, client", layer().users_only(), Some(&client), 403, "forbidden", None),
        ("optional", layer().optional(), Some(&reader), 200, "alice", None),
        ("optional, nobody", layer().optional(), None, 200, "nobody", None),
        ("optional, bad", layer().optional(), Some("bad"), 401, "token_malformed", invalid),
        (
            "optional, without scope",
            layer().optional().scope("orders:write"),
            Some(&reader),
            403,
            "insufficient_scope",
            writing,
        ),
    ];
    for (name, layer, token, status, says, challenge) in cases {
        let (router, asked) = behind(layer);

        let answer = ask(router, request("/", token)).await;

        assert_eq!(answer.status, status, "{name}: {answer:?}");
        assert_eq!(answer.challenge.as_deref(), challenge, "{name}");
        let text = if status == 200 { answer.text.clone() } else { answer.code() };
        assert_eq!(text, says, "{name}");
        assert_eq!(asked.load(Ordering::SeqCst), usize::from(status == 200), "{name}");
    }
}

#[tokio::test]
async fn a_session_that_was_ended_is_refused_at_its_next_request() {
    let house = House::new();
    let token = house.user("alice", "");
    let (router, asked) = behind(house.gate.layer());
    assert_eq!(ask(router.clone(), request("/", Some(&token))).await.status, 200);

    house.log_out("alice");
    let answer = ask(router, request("/", Some(&token))).await;

    assert_eq!((answer.status, &*answer.code()), (401, "logged_out"));
    assert_eq!(asked.load(Ordering::SeqCst), 1);
}

/// Bodies need not be axum's, and an identity that somebody else has put there does not stay.
#[tokio::test]
async fn any_service_can_be_guarded() {
    let (house, other) = (House::new(), House::new());
    let inner = service_fn(async |request: Request<()>| {
        let who = request.extensions().get::<Identity>().map(|known| known.subject().to_owned());
        Ok::<_, Infallible>(Response::new(who.unwrap_or_else(|| "nobody".to_owned())))
    });
    let token = other.user("mallory", "");
    let mallory = other.gate.check(&request("/", Some(&token))).unwrap();
    let mut forged = Request::new(());
    forged.extensions_mut().insert(mallory);

    let service = house.gate.layer().optional().layer(inner);
    let answer = service.clone().oneshot(forged).await.unwrap();
    let refused = house.gate.layer().layer(inner).oneshot(Request::new(())).await.unwrap();

    assert_eq!(answer.into_body(), "nobody");
    assert_eq!(refused.status(), 401);
}
