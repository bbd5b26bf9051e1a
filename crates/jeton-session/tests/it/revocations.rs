//! What takes tokens back: at once, exactly what was meant, and only once.

use std::time::Duration;

use jeton::{Reason, Signer, SubjectKey, Timestamp};
use jeton_session::{Login, RefreshError, Terms, TokenPair};

use crate::support::{Issuer, NOW, at, dump, feed, key_id, payload, stolen_key, terms};

/// R14, R15: each act reaches the tokens it names, before it returns, and no others.
#[tokio::test]
async fn each_act_reaches_what_it_names_and_nothing_else() {
    // What the guard says to Alice's first and second session, and to Bob's.
    let cases = [
        ("end", ["kicked", "", ""]),
        ("end_others", ["", "password_changed", ""]),
        ("end_all", ["banned", "banned", ""]),
        ("recall", ["token_recalled", "token_recalled", ""]),
        ("revoke_token", ["revoked", "", ""]),
        ("withdraw_key", ["key_withdrawn"; 3]),
    ];
    for (act, expected) in cases {
        let (issuer, pairs) = alice_twice_and_bob().await;

        take_back(&issuer, act, &pairs[0], NOW).await;

        let check = |pair: &TokenPair| issuer.sessions.guard().check(&pair.access_token, NOW);
        let codes = pairs.each_ref().map(|pair| check(pair).err().map_or("", |r| r.code()));
        assert_eq!(codes, expected, "{act}");
        let fresh = issuer.fresh_guard().await;
        for (pair, code) in pairs.iter().zip(expected) {
            let refused = fresh.check(&pair.access_token, NOW).err();
            assert_eq!(refused.map_or("", |r| r.code()), code, "{act}, by the feed");
        }
    }
}

/// R16: what a login takes the place of is refused before the login returns.
#[tokio::test]
async fn a_replaced_session_is_refused_at_once() {
    let one_at_a_time = Terms { max_sessions: 1, ..terms() };
    let issuer = Issuer::on(one_at_a_time).await;
    let first = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();

    let second = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();

    let check = |pair: &TokenPair| issuer.sessions.guard().check(&pair.access_token, NOW);
    assert_eq!(check(&first).unwrap_err().code(), "replaced");
    assert!(check(&second).is_ok());
    let refreshed = issuer.sessions.refresh(&first.refresh_token, NOW).await;
    assert_eq!(refreshed, Err(RefreshError::Ended(Some(Reason::Replaced))));
}

/// R14: an ended session cannot refresh and says why; taking back its access tokens does not end it.
#[tokio::test]
async fn only_an_end_stops_the_refreshing() {
    let cases = [
        ("end", [Some(Reason::Kicked), None]),
        ("end_others", [None, Some(Reason::PasswordChanged)]),
        ("end_all", [Some(Reason::Banned); 2]),
        ("recall", [None; 2]),
        ("revoke_token", [None; 2]),
        ("withdraw_key", [None; 2]),
    ];
    for (act, expected) in cases {
        let (issuer, pairs) = alice_twice_and_bob().await;

        take_back(&issuer, act, &pairs[0], NOW).await;

        for (pair, reason) in pairs.iter().zip(expected) {
            let refreshed = issuer.sessions.refresh(&pair.refresh_token, at(1)).await;
            let ended = reason.map(|reason| RefreshError::Ended(Some(reason)));
            assert_eq!(refreshed.err(), ended, "{act}");
        }
        assert!(issuer.sessions.refresh(&pairs[2].refresh_token, at(1)).await.is_ok(), "{act}");
    }
}

/// R9: after a recall a refresh is enough to go on.
#[tokio::test]
async fn a_refresh_mends_a_recall() {
    let (issuer, [pair, ..]) = alice_twice_and_bob().await;
    for version in 1..=3 {
        let recalled = issuer.sessions.recall(SubjectKey::of("alice"), NOW).await;
        assert_eq!(recalled, Ok(version));
    }

    let next = issuer.sessions.refresh(&pair.refresh_token, NOW).await.unwrap().pair;
    let login = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();

    for pair in [next, login] {
        assert_eq!(payload(&pair.access_token)["ver"], 3);
        assert!(issuer.sessions.guard().check(&pair.access_token, NOW).is_ok());
    }
}

/// R14, X7: what was ended again was not there, and the feed hears of it once.
#[tokio::test]
async fn ending_again_is_harmless() {
    let (issuer, [first, second, bob]) = alice_twice_and_bob().await;
    let (sessions, alice) = (&issuer.sessions, SubjectKey::of("alice"));

    assert_eq!(sessions.end(first.session, Reason::LoggedOut, NOW).await, Ok(true));
    assert_eq!(sessions.end(first.session, Reason::Banned, at(1)).await, Ok(false));
    assert_eq!(sessions.end_others(second.session, Reason::Banned, at(1)).await, Ok(0));
    assert_eq!(sessions.end_all(alice, Reason::Revoked, at(1)).await, Ok(1));
    assert_eq!(sessions.end_all(alice, Reason::Banned, at(2)).await, Ok(0));

    assert_eq!(feed(sessions.store()).await.len(), 2);
    let reasons =
        [&first, &second, &bob].map(|pair| sessions.guard().revocations().ended(pair.session));
    assert_eq!(reasons, [Some(Reason::LoggedOut), Some(Reason::Revoked), None]);
}

/// INV1: a revocation lasts until the last token it reaches is dead, and then it is forgotten.
#[tokio::test]
async fn a_revocation_outlives_every_token_it_reaches() {
    let last = (terms().access_lifetime + terms().leeway).as_secs();
    for act in ["end", "end_all", "recall", "revoke_token", "withdraw_key"] {
        let (issuer, [pair, ..]) = alice_twice_and_bob().await;
        take_back(&issuer, act, &pair, NOW).await;
        let sweep = |now| {
            issuer.sessions.guard().revocations().sweep(now);
            issuer.sessions.store().sweep(now);
        };

        for secs in 0..=last {
            sweep(at(secs));
            let here = issuer.sessions.guard().check(&pair.access_token, at(secs));
            let guard = issuer.fresh_guard().await;
            let elsewhere = guard.check(&pair.access_token, at(secs));
            assert!(here.is_err() && elsewhere.is_err(), "{act}, {secs} s later");
        }

        sweep(NOW.after(terms().retention()));
        assert!(issuer.sessions.guard().revocations().is_empty(), "{act}");
        assert_eq!(dump(issuer.sessions.store()).await.feed, [], "{act}");
    }
}

/// INV1: also where the clock was set back in between, so that the token will live once more.
#[tokio::test]
async fn a_revocation_outlives_tokens_issued_before_the_clock_was_set_back() {
    for act in ["end", "end_all", "recall", "revoke_token"] {
        let (issuer, [pair, ..]) = alice_twice_and_bob().await;
        take_back(&issuer, act, &pair, NOW.before(Duration::from_hours(1))).await;
        issuer.sessions.guard().revocations().sweep(at(600));
        issuer.sessions.store().sweep(at(600));

        let checked = issuer.sessions.guard().check(&pair.access_token, at(600));
        let by_the_feed = issuer.fresh_guard().await.check(&pair.access_token, at(600));

        assert!(checked.is_err() && by_the_feed.is_err(), "{act}");
    }
}

/// R14: the owner sees the sessions that live, oldest first.
#[tokio::test]
async fn the_list_shows_the_living() {
    let (issuer, [first, second, _]) = alice_twice_and_bob().await;
    let alice = SubjectKey::of("alice");
    let idle_end = NOW.after(terms().idle_lifetime);
    let before = idle_end.before(Duration::from_secs(1));
    issuer.sessions.refresh(&second.refresh_token, at(5)).await.unwrap();

    let listed = async |now| {
        let sessions = issuer.sessions.list(alice, now).await.unwrap();
        sessions.iter().map(|session| session.id).collect::<Vec<_>>()
    };

    assert_eq!(listed(before).await, [first.session, second.session]);
    assert_eq!(listed(idle_end).await, [second.session]);
    issuer.sessions.end_all(alice, Reason::Revoked, NOW).await.unwrap();
    assert_eq!(listed(NOW).await, []);
    assert_eq!(issuer.sessions.list(SubjectKey::of("nobody"), NOW).await, Ok(vec![]));
}

async fn alice_twice_and_bob() -> (Issuer, [TokenPair; 3]) {
    let issuer = Issuer::new().await;
    let open = async |name| issuer.sessions.open(Login::of(name), NOW).await.unwrap();
    let pairs = [open("alice").await, open("alice").await, open("bob").await];
    (issuer, pairs)
}

/// One of the acts that take tokens back, done to this pair.
async fn take_back(issuer: &Issuer, act: &str, pair: &TokenPair, now: Timestamp) {
    let (sessions, session, subject) = (&issuer.sessions, pair.session, pair.session.subject());
    let done = match act {
        "end" => sessions.end(session, Reason::Kicked, now).await.map(drop),
        "end_others" => sessions.end_others(session, Reason::PasswordChanged, now).await.map(drop),
        "end_all" => sessions.end_all(subject, Reason::Banned, now).await.map(drop),
        "recall" => sessions.recall(subject, now).await.map(drop),
        "revoke_token" => {
            let token_id = payload(&pair.access_token)["jti"].as_str().unwrap().to_owned();
            sessions.revoke_token(subject, &token_id, now).await
        }
        _ => sessions.withdraw_key(&key_id(&pair.access_token), now).await,
    };
    done.unwrap();
}

/// INV1: tokens of earlier terms stay good, so what is revoked is remembered until they have expired.
#[tokio::test]
async fn a_revocation_outlives_the_tokens_of_earlier_terms() {
    let hour = Duration::from_hours(1);
    let (life, leeway) = (Duration::from_mins(1), Duration::ZERO);
    let now = Terms { access_lifetime: life, earlier_lifetime: hour, leeway, ..terms() };
    let issuer = Issuer::on(now).await;
    let sessions = &issuer.sessions;
    let pair = sessions.open(Login::of("alice"), NOW).await.unwrap();
    let mut claims = payload(&pair.access_token);
    claims.insert("exp".to_owned(), at(3_600).as_secs().into());
    let key = stolen_key(&issuer.keyring, "access");
    let token = Signer::new(key).sign("at+jwt", &claims).unwrap();
    let last = at(3_599);
    assert!(sessions.guard().check(&token, last).is_ok());

    sessions.end(pair.session, Reason::Kicked, at(1)).await.unwrap();

    assert_eq!(sessions.guard().check(&token, last).unwrap_err().code(), "kicked");
    assert!(feed(sessions.store()).await.last().unwrap().until > last);
}
