//! Refreshing as a client sees it: the next pair, the same once more, or the end.

use jeton::{KeyId, Reason, SignError, VerifyError};
use jeton_session::{Login, Outcome, RefreshError, SessionStore as _, Step, StoreError, TokenPair};

use crate::support::{Issuer, NOW, at, distinct, dump, key_id, payload, terms};

/// R3, INV2: whoever asks again within the grace is told the same, so nothing is minted twice.
#[tokio::test]
async fn a_repeat_gives_the_same_refresh_token() {
    let (issuer, first) = alice().await;
    let next = issuer.sessions.refresh(&first.refresh_token, NOW).await;
    let mut answers = vec![next.unwrap().pair];
    let stored = dump(issuer.sessions.store()).await;

    for secs in [0, 0, 1, 5, 9] {
        let repeat = issuer.sessions.refresh(&first.refresh_token, at(secs)).await;
        let repeat = repeat.unwrap();
        assert_eq!(repeat.outcome, Outcome::Repeated);
        answers.push(repeat.pair);
    }

    assert_eq!(distinct(answers.iter().map(|pair| &pair.refresh_token)), 1);
    assert_eq!(distinct(answers.iter().map(|pair| &pair.access_token)), 6);
    assert_eq!(dump(issuer.sessions.store()).await, stored);
}

/// R3, I8: the same even if another key has begun to sign between the answer and its repeat.
#[tokio::test]
async fn a_repeat_gives_the_same_refresh_token_across_a_key_rotation() {
    let (mut issuer, first) = alice().await;
    let times = terms().key_times();
    let rotated = issuer.keyring.rotate(jeton::Algorithm::Hs256, times, NOW);
    issuer.set_keyring(rotated.unwrap());

    let answer = issuer.sessions.refresh(&first.refresh_token, at(599)).await;
    let repeat = issuer.sessions.refresh(&first.refresh_token, at(601)).await;

    let (answer, repeat) = (answer.unwrap().pair, repeat.unwrap().pair);
    assert_eq!(repeat.refresh_token, answer.refresh_token);
    assert_ne!(key_id(&repeat.access_token), key_id(&answer.access_token));
    let next = issuer.sessions.refresh(&repeat.refresh_token, at(602)).await;
    assert_ne!(key_id(&next.unwrap().pair.refresh_token), key_id(&repeat.refresh_token));
}

/// R1, INV3: a replay ends the session for both who hold it, in everything it gave.
#[tokio::test]
async fn a_spent_refresh_token_ends_the_session() {
    let (issuer, first) = alice().await;
    let second = issuer.sessions.refresh(&first.refresh_token, NOW).await.unwrap().pair;
    let third = issuer.sessions.refresh(&second.refresh_token, NOW).await.unwrap().pair;

    let replay = issuer.sessions.refresh(&first.refresh_token, NOW).await;

    assert_eq!(replay, Err(RefreshError::Replayed));
    for pair in [first, second, third] {
        let refused = issuer.sessions.refresh(&pair.refresh_token, NOW).await;
        assert_eq!(refused, Err(RefreshError::Ended(Some(Reason::Replayed))));
        let refused = issuer.sessions.guard().check(&pair.access_token, NOW);
        assert_eq!(refused.unwrap_err().code(), "replayed");
    }
}

/// R1, R3: the grace is over in the second that it says.
#[tokio::test]
async fn a_repeat_after_the_grace_is_a_replay() {
    let cases = [(9, Ok(Outcome::Repeated)), (10, Err(RefreshError::Replayed))];
    for (secs, expected) in cases {
        let (issuer, first) = alice().await;
        issuer.sessions.refresh(&first.refresh_token, NOW).await.unwrap();

        let again = issuer.sessions.refresh(&first.refresh_token, at(secs)).await;

        assert_eq!(again.map(|refreshed| refreshed.outcome), expected, "{secs}");
    }
}

/// INV4, INV11: a store that lost our last writes is moved forward, and nobody is logged out.
#[tokio::test]
async fn a_store_that_lost_writes_is_repaired() {
    let (issuer, first) = alice().await;
    let before = issuer.subject("alice").await;
    let second = issuer.sessions.refresh(&first.refresh_token, NOW).await.unwrap().pair;
    let third = issuer.sessions.refresh(&second.refresh_token, NOW).await.unwrap().pair;
    let lose = move |_: &_| Step::change(before.clone(), ());
    issuer.sessions.store().update(first.session.subject(), lose).await.unwrap();

    let repaired = issuer.sessions.refresh(&third.refresh_token, NOW).await.unwrap();

    assert_eq!(repaired.outcome, Outcome::Repaired);
    assert_eq!(payload(&repaired.pair.refresh_token)["gen"], 3);
    let next = issuer.sessions.refresh(&repaired.pair.refresh_token, NOW).await;
    assert_eq!(next.unwrap().outcome, Outcome::Rotated);
}

/// R7, R11: a session that was not refreshed in time is over, and says so in every second.
#[tokio::test]
async fn an_idle_session_ends_by_itself() {
    let idle = terms().idle_lifetime.as_secs();
    let expired = RefreshError::Invalid(VerifyError::Expired);
    let cases = [
        ("in the last second", idle - 1, None),
        ("on time", idle, Some(RefreshError::Ended(None))),
        ("within leeway", idle + 29, Some(RefreshError::Ended(None))),
        ("after it", idle + 30, Some(expired)),
    ];
    for (name, secs, refusal) in cases {
        let (issuer, pair) = alice().await;

        let answer = issuer.sessions.refresh(&pair.refresh_token, at(secs)).await;

        if let Some(refusal) = &refusal {
            assert_eq!(refusal.code(), Some("token_expired"), "{name}");
        }
        assert_eq!(answer.err(), refusal, "{name}");
        assert_eq!(dump(issuer.sessions.store()).await.feed, [], "{name}");
    }
}

/// X2: whoever holds a refresh token, spent or not, may name its session to end it.
#[tokio::test]
async fn a_refresh_token_names_its_session() {
    let (issuer, first) = alice().await;
    let second = issuer.sessions.refresh(&first.refresh_token, NOW).await.unwrap().pair;
    let idle = terms().idle_lifetime.as_secs();

    let named = |token: &str, secs| issuer.sessions.session_of(token, at(secs));

    let refused = |error| Err(RefreshError::Invalid(error));
    assert_eq!(named(&first.refresh_token, 0), Ok(first.session));
    assert_eq!(named(&second.refresh_token, 0), Ok(first.session));
    assert_eq!(named(&second.refresh_token, idle + 30), refused(VerifyError::Expired));
    assert_eq!(named(&second.access_token, 0), refused(VerifyError::UnknownKey));
    assert_eq!(named("", 0), refused(VerifyError::Malformed));
}

/// A refusal has a stable code; an outage has none, since it refuses nothing.
#[test]
fn every_refusal_has_its_code_and_no_outage_has_one() {
    use RefreshError::{Ended, Invalid, Replayed, Signing, Unavailable};

    let cases = [
        (Invalid(VerifyError::Malformed), Some("token_malformed")),
        (Invalid(VerifyError::WrongType), Some("claim_refused")),
        (Ended(Some(Reason::Banned)), Some("banned")),
        (Ended(None), Some("token_expired")),
        (Replayed, Some("replayed")),
        (Unavailable(StoreError::new("down")), None),
        (Signing(SignError::Claims), None),
    ];
    for (error, code) in cases {
        assert_eq!(error.code(), code, "{error:?}");
    }
}

/// I8: both tokens name the keys of the ring that signed them.
#[tokio::test]
async fn tokens_name_their_keys() {
    let (issuer, pair) = alice().await;

    let named = [&pair.access_token, &pair.refresh_token].map(|token| key_id(token));

    let ring: Vec<KeyId> = issuer.keyring.summary().into_iter().map(|key| key.id).collect();
    assert_eq!(named.as_slice(), ring);
}

async fn alice() -> (Issuer, TokenPair) {
    let issuer = Issuer::new().await;
    let pair = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
    (issuer, pair)
}
