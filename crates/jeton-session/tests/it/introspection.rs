//! Whether a token is good, asked of the store.

use jeton::{Reason, SubjectKey, Verifier};
use jeton_session::{Login, SessionStore as _, Step, Subject};
use serde_json::{Map, json};

use crate::outages::{Line, keyring, restart};
use crate::support::{ISSUER, Issuer, NOW, at, payload};

/// N3, N6: each thing that can be wrong with a token, and one that is good.
#[tokio::test]
async fn each_check_of_an_introspection_refuses_by_itself() {
    let issuer = Issuer::new().await;
    let sessions = &issuer.sessions;
    let alice = SubjectKey::of("alice");
    let open = async || sessions.open(Login::of("alice"), NOW).await.unwrap();
    let is_active =
        async |token: &str, secs| sessions.introspect(token, at(secs)).await.unwrap().is_some();

    let good = open().await;
    assert!(is_active(&good.access_token, 0).await);
    assert!(!is_active(&good.access_token, 630).await, "expired");
    assert!(!is_active(&good.refresh_token, 0).await, "a refresh token");
    assert!(!is_active(&good.access_token[..good.access_token.len() - 1], 0).await, "cut");
    assert!(!is_active("", 0).await, "nothing");
    sessions
        .revoke_token(alice, payload(&good.access_token)["jti"].as_str().unwrap(), NOW)
        .await
        .unwrap();
    assert!(!is_active(&good.access_token, 0).await, "its jti");
    let recalled = open().await;
    sessions.recall(alice, NOW).await.unwrap();
    assert!(!is_active(&recalled.access_token, 0).await, "its version");
    let ended = open().await;
    assert!(is_active(&ended.access_token, 0).await, "of the new version");
    sessions.end(ended.session, Reason::LoggedOut, NOW).await.unwrap();
    assert!(!is_active(&ended.access_token, 0).await, "its session");
}

/// N6: the store decides, even where the feed has lost what it said: a session that is not there is
/// over, a version that has passed is over.
#[tokio::test]
async fn the_store_decides_and_not_the_list() {
    let issuer = Issuer::new().await;
    let (sessions, alice) = (&issuer.sessions, SubjectKey::of("alice"));
    let first = sessions.open(Login::of("alice"), NOW).await.unwrap();
    let quietly_recall =
        |subject: &Subject| Step::change(Subject { version: 1, ..subject.clone() }, ());
    sessions.store().update(alice, quietly_recall).await.unwrap();

    assert!(sessions.guard().check(&first.access_token, NOW).is_ok());
    assert_eq!(sessions.introspect(&first.access_token, NOW).await, Ok(None));

    let second = sessions.refresh(&first.refresh_token, NOW).await.unwrap().pair;
    assert!(sessions.introspect(&second.access_token, NOW).await.unwrap().is_some());
    let quietly_end =
        |subject: &Subject| Step::change(Subject { sessions: Vec::new(), ..subject.clone() }, ());
    sessions.store().update(alice, quietly_end).await.unwrap();
    assert_eq!(sessions.introspect(&second.access_token, NOW).await, Ok(None));
}

/// N6: what another process has revoked through the same store is refused at once, 1,000 times.
#[tokio::test]
async fn what_another_process_has_revoked_is_inactive_at_once() {
    let (line, keyring) = (Line::default(), keyring());
    let here = restart(&line, &keyring).await.unwrap();
    let there = restart(&line, &keyring).await.unwrap();

    for n in 0..1_000 {
        let pair = here.open(Login::of("alice"), NOW).await.unwrap();
        let id = payload(&pair.access_token)["jti"].as_str().unwrap().to_owned();
        match n % 2 {
            0 => drop(here.end(pair.session, Reason::Kicked, NOW).await.unwrap()),
            _ => here.revoke_token(SubjectKey::of("alice"), &id, NOW).await.unwrap(),
        }
        assert_eq!(there.introspect(&pair.access_token, NOW).await, Ok(None), "{n}");
    }
}

/// N7, RFC 9701 section 5: of its own `typ`, for the caller alone, and without claims that another
/// verifier could take for an access token's.
#[tokio::test]
async fn a_signed_introspection_is_for_its_caller_and_nothing_else() {
    let issuer = Issuer::new().await;
    let inside = Map::from_iter([("active".to_owned(), json!(false))]);

    let token = issuer.sessions.sign_introspection("orders", &inside, NOW).unwrap();

    let claims = json!({
        "iss": ISSUER, "aud": "orders", "iat": NOW, "token_introspection": { "active": false },
    });
    assert_eq!(json!(payload(&token)), claims);
    let policy = jeton::Policy::signature_and_time_only().with_type("token-introspection+jwt");
    let verifier = Verifier::new(issuer.keyring.access_keys().unwrap(), policy);
    assert!(verifier.verify::<jeton::Claims>(&token, NOW).is_ok());
    assert_eq!(issuer.sessions.introspect(&token, NOW).await, Ok(None));
}
