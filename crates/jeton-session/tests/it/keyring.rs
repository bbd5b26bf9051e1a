//! Keys over time: published before use, kept until their last token is dead, gone when withdrawn.

use std::time::Duration;

use jeton::{Algorithm, JwkSet, KeyError, VerifyError};
use jeton_session::{KeyTimes, Keyring, KeyringError, Login, RefreshError, WithdrawnKey};

use crate::support::{Issuer, NOW, at, feed, key_id, terms};

/// I8: the next key is published at once and signs from the second it said, not before.
#[test]
fn a_key_is_published_for_the_lead_before_it_signs() {
    let lead = KeyTimes::LEAD.as_secs();
    let old = ring(Algorithm::Es256);
    let rotated = old.rotate(Algorithm::EdDsa, times(), NOW).unwrap();
    let id = |ring: &Keyring, at| ring.access_key(at).id().cloned();
    let refresh_id = |ring: &Keyring, at| ring.refresh_key(at).id().cloned();

    assert_eq!(rotated.jwks().keys().count(), 2);
    for secs in [0, 1, lead - 1] {
        assert_eq!(id(&rotated, at(secs)), id(&old, NOW), "{secs}");
        assert_eq!(refresh_id(&rotated, at(secs)), refresh_id(&old, NOW), "{secs}");
    }
    for secs in [lead, lead + 1, 100 * lead] {
        assert_eq!(rotated.access_key(at(secs)).algorithm(), Algorithm::EdDsa);
        assert_ne!(refresh_id(&rotated, at(secs)), refresh_id(&old, NOW), "{secs}");
    }
    let before_all = NOW.before(Duration::from_hours(1));
    assert_eq!(id(&rotated, before_all), id(&old, NOW), "a clock set back");
}

/// I8: one key waits for its turn, never two.
#[test]
fn a_rotation_while_the_next_key_waits_is_refused() {
    let lead = KeyTimes::LEAD.as_secs();
    let rotated = ring(Algorithm::Hs256).rotate(Algorithm::Hs256, times(), NOW).unwrap();

    for secs in [0, 1, lead - 1] {
        let refused = rotated.rotate(Algorithm::Hs256, times(), at(secs));
        assert_eq!(refused.err(), Some(KeyringError::NextIsPublished(at(lead))), "{secs}");
    }
    let again = rotated.rotate(Algorithm::Hs256, times(), at(lead)).unwrap();
    assert_eq!(again.summary().len(), 6);
}

/// I8: a key leaves in the second its last token is dead, those for refresh tokens later.
#[test]
fn dead_keys_leave() {
    let (lead, times) = (KeyTimes::LEAD.as_secs(), times());
    let access_dead = lead + times.access_tail.as_secs();
    let refresh_dead = lead + times.refresh_tail.as_secs();
    let rotated = ring(Algorithm::Hs256).rotate(Algorithm::Hs256, times, NOW).unwrap();
    let cases = [
        (0, (2, 2)),
        (access_dead - 1, (2, 2)),
        (access_dead, (1, 2)),
        (refresh_dead - 1, (1, 2)),
        (refresh_dead, (1, 1)),
        (100 * refresh_dead, (1, 1)),
    ];
    for (secs, expected) in cases {
        let alive = rotated.without_dead(times, at(secs)).summary();

        let of = |purpose| alive.iter().filter(|key| key.purpose == purpose).count();
        assert_eq!((of("access"), of("refresh")), expected, "{secs}");
    }
}

/// The summary tells whose turn is when.
#[test]
fn a_summary_tells_when_each_key_signs() {
    let rotated = ring(Algorithm::Es256).rotate(Algorithm::EdDsa, times(), at(5)).unwrap();

    let summary = rotated.summary();

    let next = at(5).after(KeyTimes::LEAD);
    let row = |n: usize| {
        let key = &summary[n];
        let signs = (key.active_from, key.active_until);
        (key.purpose, key.algorithm, key.created_at, signs)
    };
    let expected = [
        ("access", Algorithm::Es256, NOW, (NOW, Some(next))),
        ("access", Algorithm::EdDsa, at(5), (next, None)),
        ("refresh", Algorithm::Hs256, NOW, (NOW, Some(next))),
        ("refresh", Algorithm::Hs256, at(5), (next, None)),
    ];
    assert_eq!([0, 1, 2, 3].map(row), expected);
}

/// INV10: more keys than a verifier reads are not published; the ring stays as it was.
#[test]
fn a_rotation_never_makes_a_ring_too_large_to_use() {
    let lead = KeyTimes::LEAD.as_secs();
    let forever = KeyTimes { refresh_tail: Duration::from_hours(10_000), ..times() };
    let mut ring = ring(Algorithm::Hs256);
    for n in 0..63 {
        ring = ring.rotate(Algorithm::Hs256, forever, at(n * lead)).unwrap();
    }

    let refused = ring.rotate(Algorithm::Hs256, forever, at(63 * lead));

    assert_eq!(refused.err(), Some(KeyringError::Key(KeyError::TooManyKeys)));
    assert_eq!(ring.refresh_keys().unwrap().len(), 64);
}

/// I8, I11: a withdrawn key is refused at once, and nothing is signed with it any more.
#[tokio::test]
async fn a_withdrawn_key_is_refused_at_once_and_signs_no_more() {
    for rotations in [0, 1] {
        let mut issuer = Issuer::new().await;
        for _ in 0..rotations {
            let rotated = issuer.keyring.rotate(Algorithm::Hs256, times(), NOW);
            issuer.set_keyring(rotated.unwrap());
        }
        let pair = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
        let key = key_id(&pair.access_token);
        let verifier = issuer.fresh_guard().await;

        issuer.set_keyring(issuer.keyring.without(&key, NOW).unwrap());
        issuer.sessions.withdraw_key(&key, NOW).await.unwrap();

        let refused = issuer.sessions.guard().check(&pair.access_token, NOW).unwrap_err();
        assert_eq!(refused.code(), "key_withdrawn");
        verifier.revocations().add(&feed(issuer.sessions.store()).await[0]);
        let refused = verifier.check(&pair.access_token, NOW).unwrap_err();
        assert_eq!(refused.code(), "key_withdrawn");
        let next = issuer.sessions.refresh(&pair.refresh_token, NOW).await.unwrap().pair;
        assert_ne!(key_id(&next.access_token), key);
        assert!(issuer.fresh_guard().await.check(&next.access_token, NOW).is_ok());
    }
}

/// I8: what was withdrawn is remembered for as long as a token of its could live.
#[test]
fn a_keyring_remembers_which_keys_were_withdrawn() {
    let ring = Keyring::generate(Algorithm::Es256, NOW).unwrap();
    let [access, refresh] = [0, 1].map(|place| ring.summary()[place].id.clone());
    let unknown = jeton::KeyId::new("unknown").unwrap();

    let without = ring.withdraw(&access, at(5)).unwrap();
    let twice = without.withdraw(&access, at(9)).unwrap();
    let both = without.withdraw(&refresh, at(9)).unwrap();
    let read = Keyring::from_document(&both.to_document()).unwrap();
    let tail = times().access_tail;
    let dead = at(5).after(tail);

    let expected = [WithdrawnKey { id: access.clone(), at: at(5) }];
    for ring in [&without, &twice, &both, &read] {
        assert_eq!(ring.withdrawn(), expected);
        assert!(ring.summary().iter().all(|key| key.id != access));
    }
    assert!(read.summary().iter().all(|key| key.id != refresh));
    let before = dead.before(Duration::from_secs(1));
    assert_eq!(read.without_dead(times(), before).withdrawn(), expected);
    assert_eq!(read.without_dead(times(), dead).withdrawn(), []);
    let rotated = read.rotate(Algorithm::Es256, times(), before).unwrap();
    assert_eq!(rotated.withdrawn(), expected);
    assert_eq!(ring.withdraw(&unknown, NOW).unwrap_err(), KeyringError::NoSuchKey);
}

/// I8: without its key a refresh token is nobody's, however much time is left to it.
#[tokio::test]
async fn a_refresh_token_dies_with_its_key() {
    let mut issuer = Issuer::new().await;
    let pair = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
    let key = key_id(&pair.refresh_token);

    issuer.set_keyring(issuer.keyring.without(&key, NOW).unwrap());

    let refused = issuer.sessions.refresh(&pair.refresh_token, NOW).await;
    assert_eq!(refused, Err(RefreshError::Invalid(VerifyError::UnknownKey)));
    assert!(issuer.sessions.guard().check(&pair.access_token, NOW).is_ok());
    let login = issuer.sessions.open(Login::of("alice"), NOW).await.unwrap();
    assert!(issuer.sessions.refresh(&login.refresh_token, NOW).await.is_ok());
}

/// I9: what is published is public.
#[test]
fn the_published_keys_hold_no_secret() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let published = ring(algorithm).jwks().to_json();
        for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k"] {
            assert!(!published.contains(&format!("\"{member}\":")), "{published}");
        }
        assert_eq!(JwkSet::from_json(&published).unwrap().keys().count(), 1);
    }
    assert_eq!(ring(Algorithm::Hs256).jwks().to_json(), r#"{"keys":[]}"#);
}

fn ring(algorithm: Algorithm) -> Keyring {
    Keyring::generate(algorithm, NOW).unwrap()
}

fn times() -> KeyTimes {
    terms().key_times()
}
