//! Identities as arguments of handlers.

use axum::Router;
use axum::routing::get;
use jeton_tower::{Gate, Identity, Realm, User};

use crate::house::{House, ask, get as request};

async fn whoever(identity: Identity) -> String {
    identity.subject().to_owned()
}

async fn anybody(identity: Option<Identity>) -> String {
    identity.map_or("nobody".to_owned(), |known| known.subject().to_owned())
}

async fn user(user: User) -> String {
    user.subject().to_owned()
}

async fn any_user(user: Option<User>) -> String {
    user.map_or("nobody".to_owned(), |known| known.subject().to_owned())
}

fn router(gate: Gate) -> Router {
    Router::new()
        .route("/whoever", get(whoever))
        .route("/anybody", get(anybody))
        .route("/user", get(user))
        .route("/any-user", get(any_user))
        .with_state(gate)
}

/// V19: a client that is called like a user is none.
#[tokio::test]
async fn each_argument_lets_in_whom_it_names() {
    let house = House::new();
    let (alice, client) = (house.user("alice", ""), house.client("alice", ""));
    let cases = [
        ("/whoever", Some(&*alice), Ok("alice")),
        ("/whoever", Some(&client), Ok("alice")),
        ("/whoever", Some("bad"), Err((401, "token_malformed"))),
        ("/whoever", None, Err((401, "token_missing"))),
        ("/anybody", Some(&alice), Ok("alice")),
        ("/anybody", Some("bad"), Err((401, "token_malformed"))),
        ("/anybody", None, Ok("nobody")),
        ("/user", Some(&alice), Ok("alice")),
        ("/user", Some(&client), Err((403, "forbidden"))),
        ("/user", Some("bad"), Err((401, "token_malformed"))),
        ("/user", None, Err((401, "token_missing"))),
        ("/any-user", Some(&alice), Ok("alice")),
        ("/any-user", Some(&client), Err((403, "forbidden"))),
        ("/any-user", None, Ok("nobody")),
    ];
    for (path, token, expected) in cases {
        let answer = ask(router(house.gate.clone()), request(path, token)).await;

        match expected {
            Ok(who) => assert_eq!((answer.status, &*answer.text), (200, who), "{path} {token:?}"),
            Err((status, code)) => {
                assert_eq!((answer.status, &*answer.code()), (status, code), "{path} {token:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_gate_challenges_in_its_own_realm() {
    let House { gate, .. } = House::new();
    let gate = gate.with_realm(Realm::new("shop").unwrap());

    let answer = ask(router(gate), request("/whoever", None)).await;

    assert_eq!(answer.challenge.as_deref(), Some(r#"Bearer realm="shop""#));
}

/// What another guard has let in says nothing here.
#[tokio::test]
async fn an_identity_of_another_guard_is_not_taken_over() {
    let (inner, outer) = (House::new(), House::new());
    let router = router(inner.gate.clone()).layer(outer.gate.layer());

    let answer = ask(router, request("/whoever", Some(&outer.user("mallory", "")))).await;

    assert_eq!((answer.status, &*answer.code()), (401, "signature_invalid"));
}
