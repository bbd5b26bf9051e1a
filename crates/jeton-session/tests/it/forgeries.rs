//! What is no refresh token, no access token, or not the other's: refused, and nothing happens.

use jeton::{Reason, Refusal, SessionId, Signer, SubjectKey, VerifyError, base64url};
use jeton_session::{Login, RefreshError, TokenPair};
use serde_json::{Value, json};

use crate::support::{AUDIENCE, Issuer, NOW, at, dump, payload, stolen_key, terms};

/// V20, V21: a token of one kind is refused as the other, for its key and for its type.
#[tokio::test]
async fn each_kind_of_token_serves_its_own_purpose_alone() {
    use VerifyError::{UnknownKey, WrongType};

    let (issuer, pair) = alice().await;
    let (access, refresh) = (payload(&pair.access_token), payload(&pair.refresh_token));
    let (key, typ) = (Some(UnknownKey), Some(WrongType));
    let cases = [
        ("access", "at+jwt", &access, key, None),
        ("access", "rt+jwt", &refresh, key, typ),
        ("access", "JWT", &access, key, typ),
        ("refresh", "at+jwt", &access, typ, key),
        ("refresh", "rt+jwt", &refresh, None, key),
        ("refresh", "JWT", &refresh, typ, key),
    ];
    for (purpose, typ, claims, by_refresh, by_guard) in cases {
        let key = stolen_key(&issuer.keyring, purpose);
        let token = Signer::new(key).sign(typ, claims).unwrap();

        let refreshed = issuer.sessions.refresh(&token, NOW).await.err();
        let checked = issuer.sessions.guard().check(&token, NOW).err();

        let name = format!("{typ} by the {purpose} key");
        assert_eq!(refreshed, by_refresh.map(RefreshError::Invalid), "{name}");
        assert_eq!(checked, by_guard.map(Refusal::Invalid), "{name}");
    }
}

/// R11: even with our own signature a refresh token must say the right things in the right types.
#[tokio::test]
async fn each_claim_of_a_refresh_token_is_required() {
    use VerifyError::{ClaimMissing, ClaimMistyped, ClaimRefused, Expired};

    let bobs = SessionId::new(SubjectKey::of("bob"), [1; 8]).to_string();
    let cases = [
        ("iss", Value::Null, ClaimMissing("iss")),
        ("iss", json!("https://evil.example"), ClaimRefused("iss")),
        ("aud", Value::Null, ClaimMissing("aud")),
        ("aud", json!(AUDIENCE), ClaimRefused("aud")),
        ("sub", Value::Null, ClaimMissing("sub")),
        ("sub", json!(["alice"]), ClaimMistyped("sub")),
        ("sub", json!("bob"), ClaimRefused("sid")),
        ("sid", Value::Null, ClaimMissing("sid")),
        ("sid", json!("alice"), ClaimRefused("sid")),
        ("sid", json!(bobs), ClaimRefused("sid")),
        ("sid", json!(7), ClaimMistyped("sid")),
        ("gen", Value::Null, ClaimMissing("gen")),
        ("gen", json!("0"), ClaimMistyped("gen")),
        ("gen", json!(-1), ClaimMistyped("gen")),
        ("gen", json!(0.5), ClaimMistyped("gen")),
        ("iat", json!("now"), ClaimMistyped("iat")),
        ("exp", Value::Null, ClaimMissing("exp")),
        ("exp", json!("9999999999"), ClaimMistyped("exp")),
        ("exp", json!(NOW.as_secs() - 30), Expired),
    ];
    let (issuer, pair) = alice().await;
    let before = dump(issuer.sessions.store()).await;
    for (claim, value, refusal) in cases {
        let mut claims = payload(&pair.refresh_token);
        let name = format!("{claim}: {value}");
        if value.is_null() {
            claims.remove(claim);
        } else {
            claims.insert(claim.to_owned(), value);
        }
        let key = stolen_key(&issuer.keyring, "refresh");
        let token = Signer::new(key).sign("rt+jwt", &claims).unwrap();

        let refused = issuer.sessions.refresh(&token, NOW).await;

        assert_eq!(refused, Err(RefreshError::Invalid(refusal)), "{name}");
    }
    assert_eq!(dump(issuer.sessions.store()).await, before);
}

/// R10: cut, longer, or another letter anywhere: never a prefix match, never another spelling.
#[tokio::test]
async fn an_altered_refresh_token_is_refused() {
    let (issuer, pair) = alice().await;
    let before = dump(issuer.sessions.store()).await;
    let good = &pair.refresh_token;
    let cut = (0..good.len()).map(|end| good[..end].to_owned());
    let beheaded = (1..good.len()).map(|start| good[start..].to_owned());
    let longer = "Aa0-_.= \n\0".chars().map(|more| format!("{good}{more}"));
    let other = (0..good.len()).map(|place| {
        let letter = if &good[place..=place] == "A" { "B" } else { "A" };
        format!("{}{letter}{}", &good[..place], &good[place + 1..])
    });

    for altered in cut.chain(beheaded).chain(longer).chain(other) {
        let refused = issuer.sessions.refresh(&altered, NOW).await;

        assert!(matches!(refused, Err(RefreshError::Invalid(_))), "{altered:?}");
    }
    assert_eq!(dump(issuer.sessions.store()).await, before);
    assert!(issuer.sessions.refresh(good, NOW).await.is_ok());
}

/// R11: guesses at the session, the generation and the signature end nobody's session.
#[tokio::test]
async fn guessing_ends_no_session() {
    let (issuer, pair) = alice().await;
    let before = dump(issuer.sessions.store()).await;
    let header = pair.refresh_token.split('.').next().unwrap();
    let mut claims = payload(&pair.refresh_token);

    for n in 0..2_000_u64 {
        let sid = SessionId::new(SubjectKey::of("alice"), n.to_be_bytes());
        claims["gen"] = json!(n % 3);
        if n % 2 == 0 {
            claims["sid"] = json!(sid.to_string());
        } else {
            claims["sid"] = json!(pair.session.to_string());
        }
        let claims = base64url::encode(&serde_json::to_vec(&claims).unwrap());
        let mac = base64url::encode(&[n.to_be_bytes(); 4].concat());
        let guess = format!("{header}.{claims}.{mac}");

        let refused = issuer.sessions.refresh(&guess, NOW).await;

        assert_eq!(refused, Err(RefreshError::Invalid(VerifyError::BadSignature)));
    }
    assert_eq!(dump(issuer.sessions.store()).await, before);
}

/// R11: a genuine token of a session that is not there changes nothing.
#[tokio::test]
async fn a_session_nobody_remembers_has_ended() {
    let (issuer, pair) = alice().await;
    issuer.sessions.end(pair.session, Reason::LoggedOut, NOW).await.unwrap();
    issuer.sessions.store().sweep(at(690));
    issuer.sessions.guard().revocations().sweep(at(690));
    issuer.sessions.store().sweep(at(690));
    let before = dump(issuer.sessions.store()).await;

    let refused = issuer.sessions.refresh(&pair.refresh_token, at(690)).await;

    assert_eq!(refused, Err(RefreshError::Ended(None)));
    assert_eq!(dump(issuer.sessions.store()).await, before);
}

/// R12: whoever reads the whole store can present nothing of it.
#[tokio::test]
async fn the_store_holds_nothing_to_present() {
    let (issuer, first) = alice().await;
    let second = issuer.sessions.refresh(&first.refresh_token, NOW).await.unwrap().pair;
    let token_id = payload(&second.access_token)["jti"].as_str().unwrap().to_owned();
    let subject = SubjectKey::of("alice");
    issuer.sessions.revoke_token(subject, &token_id, NOW).await.unwrap();
    issuer.sessions.recall(subject, NOW).await.unwrap();

    let dump = dump(issuer.sessions.store()).await;
    let mut text = format!("{dump:?}");
    for subject in &dump.subjects {
        text.push_str(&String::from_utf8(subject.to_record().unwrap()).unwrap());
    }

    let words =
        text.split(|letter: char| !letter.is_ascii_alphanumeric() && !"-_.".contains(letter));
    for word in words.chain(text.split('"')) {
        assert!(issuer.sessions.refresh(word, NOW).await.is_err(), "{word}");
        assert!(issuer.sessions.session_of(word, NOW).is_err(), "{word}");
        assert!(issuer.sessions.guard().check(word, NOW).is_err(), "{word}");
    }
    for pair in [first, second] {
        for part in [pair.access_token, pair.refresh_token].iter().flat_map(|t| t.split('.')) {
            assert!(!text.contains(part), "{part}");
        }
    }
}

/// V17: the same names under another issuer's keys, or our keys under other names.
#[tokio::test]
async fn another_issuers_tokens_are_refused() {
    let (issuer, _) = alice().await;
    let before = dump(issuer.sessions.store()).await;
    let mut elsewhere = terms();
    elsewhere.issuer.push('/');
    let cases = [
        ("our name, other keys", alice().await.1),
        ("our keys, other name", {
            let namesake = Issuer::with(elsewhere, issuer.keyring.clone()).await;
            namesake.sessions.open(Login::of("alice"), NOW).await.unwrap()
        }),
    ];
    for (name, pair) in cases {
        let refreshed = issuer.sessions.refresh(&pair.refresh_token, NOW).await;
        let checked = issuer.sessions.guard().check(&pair.access_token, NOW);

        assert!(matches!(refreshed, Err(RefreshError::Invalid(_))), "{name}");
        assert!(matches!(checked, Err(Refusal::Invalid(_))), "{name}");
    }
    assert_eq!(dump(issuer.sessions.store()).await, before);
}

async fn alice() -> (Issuer, TokenPair) {
    let issuer = Issuer::new().await;
    let pair = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
    (issuer, pair)
}
