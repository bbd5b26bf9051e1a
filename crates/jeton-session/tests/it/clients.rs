//! What clients get for themselves, and out of sessions of theirs.

use jeton::{Reason, SubjectKey, Timestamp};
use jeton_session::{FIRST_PARTY, Login, Outcome, Presenter, RefreshError, Revocable, TokenPair};
use serde_json::Map;

use crate::support::{Issuer, NOW, at, dump, feed, payload};

/// V19: a client that is called like a user is a client; nothing of one ends what the other has, but
/// a recall reaches the earlier access tokens of both.
#[tokio::test]
async fn a_client_and_a_user_of_one_name_do_not_end_each_other() {
    let issuer = Issuer::new().await;
    let sessions = &issuer.sessions;
    let user = sessions.open(Login::of("alice"), NOW).await.unwrap();
    let client = sessions.client_token("alice", None, NOW).await.unwrap().access_token;
    let check = |token: &str| sessions.guard().check(token, NOW).map(|found| found.is_client());

    assert_eq!((check(&user.access_token), check(&client)), (Ok(false), Ok(true)));
    sessions.end_all(SubjectKey::of("alice"), Reason::Banned, NOW).await.unwrap();
    assert_eq!(check(&client), Ok(true), "a ban is about sessions");
    assert_eq!(check(&user.access_token).unwrap_err().code(), "banned");

    let user = sessions.open(Login::of("alice"), NOW).await.unwrap();
    sessions.recall(SubjectKey::of("alice"), NOW).await.unwrap();
    assert_eq!(check(&client).unwrap_err().code(), "token_recalled");
    assert_eq!(check(&user.access_token).unwrap_err().code(), "token_recalled");
    let client = sessions.client_token("alice", None, NOW).await.unwrap().access_token;
    let user = sessions.refresh(&user.refresh_token, NOW).await.unwrap().pair;
    assert_eq!((check(&user.access_token), check(&client)), (Ok(false), Ok(true)));
}

/// R8: through the token as in the rule; a refusal spends nothing, and a narrow token is narrow once.
#[tokio::test]
async fn a_session_is_refreshed_by_its_own_client_for_no_more_than_it_has() {
    let (issuer, first) = webs().await;
    let sessions = &issuer.sessions;
    let before = dump(sessions.store()).await;
    let narrow =
        |scope: &str| Presenter { scope: Some(scope.to_owned()), ..Presenter::client("web") };

    let app = sessions.refresh_as(&first.refresh_token, Presenter::client("app"), NOW).await;
    let ours = sessions.refresh(&first.refresh_token, NOW).await;
    let wide = sessions.refresh_as(&first.refresh_token, narrow("notes admin"), NOW).await;

    assert_eq!((app, ours), (Err(RefreshError::Foreign), Err(RefreshError::Foreign)));
    assert_eq!(wide, Err(RefreshError::TooWide));
    assert_eq!(dump(sessions.store()).await, before);
    let second = sessions.refresh_as(&first.refresh_token, narrow("mail"), NOW).await.unwrap();
    assert_eq!((second.outcome, second.scope.as_deref()), (Outcome::Rotated, Some("mail")));
    assert_eq!(payload(&second.pair.access_token)["scope"], "mail");
    let web = Presenter::client("web");
    let third = sessions.refresh_as(&second.pair.refresh_token, web, NOW).await.unwrap();
    assert_eq!(payload(&third.pair.access_token)["scope"], "notes mail");
}

/// R8: a spent token of another client ends nothing, however late it comes.
#[tokio::test]
async fn a_spent_token_in_the_hands_of_another_client_ends_nothing() {
    let (issuer, first) = webs().await;
    let sessions = &issuer.sessions;
    let web = || Presenter::client("web");
    let second = sessions.refresh_as(&first.refresh_token, web(), NOW).await.unwrap().pair;

    let foreign = sessions.refresh_as(&first.refresh_token, Presenter::client("app"), at(60)).await;

    assert_eq!(foreign, Err(RefreshError::Foreign));
    assert!(sessions.refresh_as(&second.refresh_token, web(), at(60)).await.is_ok());
}

/// X2, X4, X7: either kind of token, spent ones too, as often as one likes, and nobody else's.
#[tokio::test]
async fn a_client_revokes_what_is_its_own() {
    let (issuer, first) = webs().await;
    let sessions = &issuer.sessions;
    let web = Presenter::client("web");
    let second = sessions.refresh_as(&first.refresh_token, web, NOW).await.unwrap().pair;
    let own = sessions.client_token("web", None, NOW).await.unwrap().access_token;
    let revoke =
        async |token: &str, client: &str| sessions.revoke(token, client, NOW).await.unwrap();
    let before = dump(sessions.store()).await;

    for token in [&first.refresh_token, &second.refresh_token, &second.access_token, &own] {
        assert_eq!(revoke(token, "app").await, Revocable::Foreign);
        let cut = &token[..token.len() - 1];
        assert_eq!(revoke(cut, "web").await, Revocable::Nothing);
    }
    assert_eq!(dump(sessions.store()).await, before);

    assert_eq!(revoke(&own, "web").await, Revocable::Token);
    assert_eq!(revoke(&second.access_token, "web").await, Revocable::Token);
    assert!(sessions.guard().check(&first.access_token, NOW).is_ok(), "its session lives");
    assert_eq!(revoke(&first.refresh_token, "web").await, Revocable::Session(first.session));
    for token in [&first.refresh_token, &second.access_token, &first.access_token, &own] {
        assert_eq!(revoke(token, "web").await, Revocable::Nothing);
        assert!(sessions.guard().check(token, NOW).is_err());
        assert!(issuer.fresh_guard().await.check(token, NOW).is_err());
    }
}

/// X2: a clock that was set back makes a token one of later than now, but it will be good again; so
/// what was said to be revoked has to be.
#[tokio::test]
async fn a_token_of_later_than_now_is_revoked_for_when_it_is_good() {
    let (issuer, pair) = webs().await;
    let sessions = &issuer.sessions;
    let own = sessions.client_token("web", None, NOW).await.unwrap().access_token;
    let set_back = Timestamp::from_secs(NOW.as_secs() - 7_200);

    for token in [&pair.access_token, &own] {
        assert_eq!(sessions.revoke(token, "app", set_back).await, Ok(Revocable::Foreign));
        let cut = &token[..token.len() - 1];
        assert_eq!(sessions.revoke(cut, "web", set_back).await, Ok(Revocable::Nothing));
        assert_eq!(sessions.revoke(token, "web", set_back).await, Ok(Revocable::Token));

        let last = at(629);
        assert_eq!(sessions.guard().check(token, last).unwrap_err().code(), "revoked");
        let until = feed(sessions.store()).await.last().unwrap().until;
        assert!(until > last, "forgotten at {until:?}");
    }
}

/// R9: what a client had, goes with it; what others have, stays.
#[tokio::test]
async fn a_client_that_is_no_more_leaves_nothing_behind() {
    let (issuer, webs) = webs().await;
    let sessions = &issuer.sessions;
    let own = sessions.client_token("web", None, NOW).await.unwrap().access_token;
    let others = sessions.open(Login::of("alice"), NOW).await.unwrap();
    let app = sessions.client_token("app", None, NOW).await.unwrap().access_token;

    assert_eq!(sessions.end_client("web", NOW).await, Ok(1));

    let guard = issuer.fresh_guard().await;
    let code = |token: &str| guard.check(token, NOW).err().map(|refusal| refusal.code());
    assert_eq!((code(&own), code(&webs.access_token)), (Some("token_recalled"), Some("revoked")));
    assert_eq!((code(&others.access_token), code(&app)), (None, None));
    assert_eq!(sessions.end_client("web", NOW).await, Ok(0));
}

/// R9, I4, B18: new claims from the next refresh on, within the same bounds as a login's.
#[tokio::test]
async fn a_recall_with_claims_reaches_every_session() {
    let issuer = Issuer::new().await;
    let sessions = &issuer.sessions;
    let first = sessions.open(Login::of("alice"), NOW).await.unwrap();
    let claims = |name: &str, value: &str| Map::from_iter([(name.to_owned(), value.into())]);
    let before = dump(sessions.store()).await;

    for bad in [claims("exp", "9"), claims("sid", "x"), claims("long", &"x".repeat(8_000))] {
        assert!(sessions.recall_with_claims("alice", bad, NOW).await.is_err());
    }
    assert_eq!(dump(sessions.store()).await, before);
    assert_eq!(sessions.recall_with_claims("alice", claims("role", "admin"), NOW).await, Ok(1));

    assert!(sessions.guard().check(&first.access_token, NOW).is_err());
    let next = sessions.refresh(&first.refresh_token, NOW).await.unwrap().pair;
    let said = sessions.guard().check(&next.access_token, NOW).unwrap();
    assert_eq!(said.claims().other, claims("role", "admin"));
}

/// An issuer, and a session of Alice's that belongs to the client `web`.
async fn webs() -> (Issuer, TokenPair) {
    let issuer = Issuer::new().await;
    let scope = Some("notes mail".to_owned());
    let login = Login { client: "web".to_owned(), scope, ..Login::of("alice") };
    assert_ne!(login.client, FIRST_PARTY);
    let pair = issuer.sessions.open(login, NOW).await.unwrap();
    (issuer, pair)
}
