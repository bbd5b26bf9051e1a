//! What a login hands out, and what it refuses to.

use std::time::Duration;

use jeton::{Refusal, VerifyError, is_reserved};
use jeton_session::{Login, OpenError, Presenter, Terms};
use serde_json::{Map, Value, json};

use crate::support::{AUDIENCE, ISSUER, Issuer, NOW, at, distinct, dump, key_id, payload, terms};

/// I1: an access token says all of RFC 9068 section 2.2, what is ours, and nothing more.
#[tokio::test]
async fn an_access_token_says_what_it_must_and_no_more() {
    let issuer = Issuer::new().await;

    let pair = issuer.sessions.open(alice(), NOW).await.unwrap();

    let mut said = payload(&pair.access_token);
    assert_eq!(said.remove("jti").unwrap().as_str().unwrap().len(), 22);
    let expected = json!({
        "iss": ISSUER, "sub": "alice", "aud": AUDIENCE, "client_id": "web",
        "iat": NOW.as_secs(), "exp": at(600).as_secs(), "auth_time": NOW.as_secs(),
        "sid": pair.session.to_string(), "ver": 0, "scope": "notes", "amr": ["pwd", "otp"],
        "role": "editor",
    });
    assert_eq!(Value::Object(said), expected);
    let key = issuer.keyring.access_key(NOW).id().cloned();
    assert_eq!(Some(key_id(&pair.access_token)), key);
}

/// I1, R12: a refresh token says where its session lives and its generation, and nothing more.
#[tokio::test]
async fn a_refresh_token_says_what_it_must_and_no_more() {
    let issuer = Issuer::new().await;

    let pair = issuer.sessions.open(alice(), NOW).await.unwrap();

    let expected = json!({
        "iss": ISSUER, "aud": ISSUER, "sub": "alice", "sid": pair.session.to_string(), "gen": 0,
        "iat": NOW.as_secs(), "exp": NOW.after(terms().idle_lifetime).as_secs(),
    });
    assert_eq!(Value::Object(payload(&pair.refresh_token)), expected);
}

/// I3: what the login proved, and what it asked for, is the same after every refresh.
#[tokio::test]
async fn a_refresh_carries_over_what_the_login_said() {
    let issuer = Issuer::new().await;
    let first = issuer.sessions.open(alice(), NOW).await.unwrap();
    let mut pair = first.clone();

    for days in 1..=3 {
        let now = at(days * 24 * 3600);
        let web = Presenter::client("web");
        let next = issuer.sessions.refresh_as(&pair.refresh_token, web, now).await;
        pair = next.unwrap().pair;

        let (login, refreshed) = (payload(&first.access_token), payload(&pair.access_token));
        for claim in ["auth_time", "amr", "scope", "client_id", "role", "sid", "sub"] {
            assert_eq!(refreshed[claim], login[claim], "{claim} on day {days}");
        }
        let refresh = payload(&pair.refresh_token);
        assert_eq!([&refreshed["iat"], &refresh["iat"]], [now.as_secs(); 2]);
        assert_eq!(refresh["gen"], days);
        assert_ne!(refreshed["jti"], login["jti"]);
    }
}

/// I4: no application sets a claim of ours, not even to the value it has.
#[tokio::test]
async fn reserved_claims_are_refused() {
    let ours = [
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "client_id",
        "scope",
        "sid",
        "ver",
        "auth_time",
        "amr",
        "acr",
        "cnf",
        "act",
        "nonce",
        "gen",
    ];
    let issuer = Issuer::new().await;
    for name in ours {
        let mut login = alice();
        login.claims.insert(name.to_owned(), "anything".into());

        let refused = issuer.sessions.open(login, NOW).await;

        assert!(is_reserved(name));
        assert_eq!(refused, Err(OpenError::ReservedClaim(name.to_owned())));
    }
    assert_eq!(dump(issuer.sessions.store()).await.subjects, []);
}

/// V19: a subject has a name, of bounded length.
#[tokio::test]
async fn a_subject_has_1_to_256_bytes() {
    let cases = [
        ("nobody", String::new(), false),
        ("one letter", "a".to_owned(), true),
        ("256 bytes", "a".repeat(256), true),
        ("256 bytes of two each", "é".repeat(128), true),
        ("257 bytes", "a".repeat(257), false),
        ("256 quotes, twice as long in JSON", "\"".repeat(256), true),
    ];
    let issuer = Issuer::new().await;
    for (name, subject, fits) in cases {
        let opened = issuer.sessions.open(Login::of(subject), NOW).await;

        let expected = if fits { None } else { Some(OpenError::Subject) };
        assert_eq!(opened.err(), expected, "{name}");
    }
}

/// I11, V24: what no verifier would read is not signed, and nothing has happened.
#[tokio::test]
async fn a_login_that_verifiers_would_refuse_leaves_no_session() {
    let nested = (0..16).fold(json!(1), |inner, _| json!([inner]));
    let many = (0..60).map(|n| (format!("claim {n}"), n.into()));
    let (mut scoped, mut client) = (alice(), alice());
    scoped.scope = Some("s".repeat(8 * 1024));
    client.client = "c".repeat(8 * 1024);
    let cases = [
        ("too long", claims([("note", "x".repeat(8 * 1024).into())])),
        ("nested too deep", claims([("tree", nested)])),
        ("too many", alice_with(many.collect())),
        ("scope too long", scoped),
        ("client too long", client),
    ];
    let issuer = Issuer::new().await;
    for (name, login) in cases {
        let refused = issuer.sessions.open(login, NOW).await;

        let malformed = Refusal::Invalid(VerifyError::Malformed);
        assert_eq!(refused, Err(OpenError::Unacceptable(malformed)), "{name}");
        assert_eq!(dump(issuer.sessions.store()).await.subjects, [], "{name}");
    }
}

/// I11, R16: a login that fails does not cost another session its place.
#[tokio::test]
async fn a_login_that_verifiers_would_refuse_replaces_nobody() {
    let one_at_a_time = Terms { max_sessions: 1, ..terms() };
    let issuer = Issuer::on(one_at_a_time).await;
    let pair = issuer.sessions.open(alice(), NOW).await.unwrap();
    let before = dump(issuer.sessions.store()).await;

    let too_long = claims([("note", "x".repeat(8 * 1024).into())]);
    let refused = issuer.sessions.open(too_long, NOW).await;

    assert!(matches!(refused, Err(OpenError::Unacceptable(_))), "{refused:?}");
    assert_eq!(dump(issuer.sessions.store()).await, before);
    assert!(issuer.sessions.guard().check(&pair.access_token, NOW).is_ok());
}

/// R16: a login over the limit says so.
#[tokio::test]
async fn a_login_over_the_limit_is_refused_where_terms_say_so() {
    let strict = Terms { max_sessions: 1, refuse_over_limit: true, ..terms() };
    let issuer = Issuer::on(strict).await;
    issuer.sessions.open(alice(), NOW).await.unwrap();

    let refused = issuer.sessions.open(alice(), NOW).await;
    let other = issuer.sessions.open(Login::of("bob"), NOW).await;

    assert_eq!(refused, Err(OpenError::TooManySessions));
    assert!(other.is_ok());
}

/// R7: near its end a session gives shorter tokens, and none outlives it.
#[tokio::test]
async fn no_token_outlives_its_session() {
    let day = Duration::from_hours(24);
    let issuer = Issuer::on(Terms { idle_lifetime: day, absolute_lifetime: day, ..terms() });
    let issuer = issuer.await;
    let end = NOW.after(day);
    let mut pair = issuer.sessions.open(alice(), NOW).await.unwrap();

    let cases = [(601, 600), (600, 600), (599, 599), (1, 1)];
    for (left, lives) in cases {
        let now = end.before(Duration::from_secs(left));
        let web = Presenter::client("web");
        let next = issuer.sessions.refresh_as(&pair.refresh_token, web, now).await;
        pair = next.unwrap().pair;

        assert_eq!(pair.expires_in.as_secs(), lives, "{left} s left");
        assert_eq!(pair.refresh_expires_in.as_secs(), left, "{left} s left");
        let (access, refresh) = (payload(&pair.access_token), payload(&pair.refresh_token));
        assert_eq!(access["exp"], now.as_secs() + lives);
        assert_eq!(refresh["exp"], end.as_secs());
    }
}

/// I5, R13: every login has a `sid` of its own, every access token a `jti`.
#[tokio::test]
async fn sessions_and_tokens_have_names_of_their_own() {
    let issuer = Issuer::on(Terms { max_sessions: 1_000, ..terms() }).await;
    let (mut sessions, mut tokens) = (Vec::new(), Vec::new());

    for _ in 0..1_000 {
        let pair = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
        sessions.push(pair.session.to_string());
        tokens.push(payload(&pair.access_token)["jti"].to_string());
    }

    assert_eq!((distinct(&sessions), distinct(&tokens)), (1_000, 1_000));
}

/// 1.10: a pair in a log line shows neither of its tokens.
#[tokio::test]
async fn a_pair_does_not_print_its_tokens() {
    let issuer = Issuer::new().await;
    let pair = issuer.sessions.open(alice(), NOW).await.unwrap();

    let printed = format!("{pair:?}");

    assert!(!printed.contains("eyJ"), "{printed}");
}

fn alice() -> Login {
    alice_with(Map::from_iter([("role".to_owned(), "editor".into())]))
}

fn alice_with(claims: Map<String, Value>) -> Login {
    Login {
        client: "web".to_owned(),
        scope: Some("notes".to_owned()),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        claims,
        ..Login::of("alice")
    }
}

fn claims<const N: usize>(claims: [(&str, Value); N]) -> Login {
    let owned = claims.map(|(name, value)| (name.to_owned(), value));
    alice_with(Map::from_iter(owned))
}
