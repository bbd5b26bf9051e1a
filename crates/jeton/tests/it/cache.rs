//! A guard that remembers tokens says what one that does not remember would say.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jeton::{
    Algorithm, Guard, KeySet, Policy, Reason, Refusal, Revocation, RevocationList, Target,
    VerifyError,
};
use proptest::prelude::*;
use serde_json::json;

use crate::given;
use crate::given::{ISSUER, NOW, at};

fn revocation(target: Target) -> Revocation {
    Revocation { target, until: at(1_000) }
}

/// V27, A7: a hit is of this guard's own policy.
#[test]
fn a_token_for_another_audience_is_refused_next_door() {
    let key = given::key(Algorithm::Es256);
    let list = Arc::new(RevocationList::new());
    let ours = Guard::new(given::keys(&key), given::policy(), Arc::clone(&list));
    let other = Policy::access_token(ISSUER, "https://other.example");
    let theirs = Guard::new(given::keys(&key), other, list);
    let token = given::token(&key, &given::claims());

    for _ in 0..3 {
        assert!(ours.check(&token, NOW).is_ok());
        let refused = theirs.check(&token, NOW).unwrap_err();
        assert_eq!(refused, VerifyError::ClaimRefused("aud").into());
    }
}

/// V27: whatever is revoked between two hits is refused at the second.
#[test]
fn a_token_revoked_between_two_hits_is_refused() {
    let cases = [
        (Target::Session(given::session(), Reason::LoggedOut), Refusal::Ended(Reason::LoggedOut)),
        (Target::Token("t1".into(), Reason::Revoked), Refusal::Ended(Reason::Revoked)),
        (Target::Subject(given::session().subject(), 4), Refusal::Recalled),
        (Target::Key(jeton::KeyId::new("k1").unwrap()), Refusal::KeyWithdrawn),
    ];
    let key = given::key(Algorithm::EdDsa);
    let token = given::token(&key, &given::claims());
    for (target, refusal) in cases {
        let guard = given::guard(&key);
        assert!(guard.check(&token, NOW).is_ok());

        guard.revocations().add(&revocation(target.clone()));

        assert_eq!(guard.check(&token, NOW).unwrap_err(), refusal, "{target:?}");
        assert_eq!(guard.check(&token, NOW).unwrap_err(), refusal, "{target:?}");
    }
}

/// V27: a hit does not stop the clock.
#[test]
fn a_token_that_expires_between_two_hits_is_refused() {
    let key = given::key(Algorithm::EdDsa);
    let guard = given::guard(&key);
    let token = given::token(&key, &given::claims_with("nbf", json!(at(-50))));
    let cases = [
        (at(0), Ok(())),
        (at(529), Ok(())),
        (at(530), Err(VerifyError::Expired)),
        (at(0), Ok(())),
        (at(-80), Ok(())),
        (at(-81), Err(VerifyError::NotYetValid)),
    ];
    for (now, expected) in cases {
        let verdict = guard.check(&token, now).map(|_| ());

        assert_eq!(verdict, expected.map_err(Refusal::from), "{now}");
    }
}

/// V5, V27: what is nearly a remembered token is not remembered.
#[test]
fn a_remembered_token_lends_nothing_to_its_variants() {
    let key = given::key(Algorithm::Hs256);
    let guard = given::guard(&key);
    let token = given::token(&key, &given::claims());
    assert!(guard.check(&token, NOW).is_ok());

    for place in 0..token.len() {
        let mut changed = token.clone().into_bytes();
        changed[place] = if changed[place] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).unwrap();

        assert!(guard.check(&changed, NOW).is_err(), "letter {place}");
        assert!(guard.check(&token[..place], NOW).is_err(), "first {place} letters");
    }
    assert!(guard.check(&token, NOW).is_ok());
}

/// V27, V28, I8: with the keys goes everything they vouched for.
#[test]
fn other_keys_forget_what_the_old_ones_verified() {
    let old = given::key(Algorithm::Es256);
    let new = given::key(Algorithm::Es256);
    let guard = given::guard(&old);
    let token = given::token(&old, &given::claims());
    assert!(guard.check(&token, NOW).is_ok());

    guard.set_keys(given::keys(&new));
    assert_eq!(guard.check(&token, NOW).unwrap_err(), VerifyError::BadSignature.into());

    guard.set_keys(KeySet::default());
    assert_eq!(guard.check(&token, NOW).unwrap_err(), VerifyError::UnknownKey.into());

    guard.set_keys(given::keys(&old));
    assert!(guard.check(&token, NOW).is_ok());
}

/// INV10: more tokens than there is room for are verified afresh, and none is mistaken for another.
#[test]
fn a_full_cache_mixes_nothing_up() {
    let key = given::key(Algorithm::Hs256);
    let list = Arc::new(RevocationList::new());
    let guard = Guard::with_cache(given::keys(&key), given::policy(), list, 16);
    let tokens: Vec<(String, String)> = (0..200)
        .map(|i| format!("subject-{i}"))
        .map(|sub| (given::token(&key, &given::claims_of(&sub)), sub))
        .collect();

    for _ in 0..3 {
        for (token, sub) in &tokens {
            assert_eq!(guard.check(token, NOW).unwrap().subject(), sub);
        }
    }
}

proptest! {
    /// V27: for any moments in any order, and leaps back in time too.
    #[test]
    fn a_hit_and_a_fresh_verification_agree(
        iat in -4_000_i64..200,
        life in 0_i64..4_000,
        nbf in prop::option::of(-200_i64..200),
        moments in prop::collection::vec(-4_000_i64..4_000, 1..12),
    ) {
        let key = given::key(Algorithm::Hs256);
        let list = Arc::new(RevocationList::new());
        let with = |room| {
            Guard::with_cache(given::keys(&key), given::policy(), Arc::clone(&list), room)
        };
        let (remembering, forgetful) = (with(8), with(0));
        let mut claims = given::claims_with("iat", json!(at(iat)));
        claims["exp"] = json!(at(iat + life));
        if let Some(nbf) = nbf {
            claims["nbf"] = json!(at(nbf));
        }
        let token = given::token(&key, &claims);

        for moment in moments {
            let (first, second) = (
                remembering.check(&token, at(moment)),
                forgetful.check(&token, at(moment)),
            );
            prop_assert_eq!(first, second, "at {}", moment);
        }
    }
}

/// A number from a configuration is no reason to fail: there is a most.
#[test]
fn any_number_of_tokens_may_be_asked_for() {
    let key = given::key(Algorithm::Hs256);
    let token = given::token(&key, &given::claims());
    for cached_tokens in [1, 3, usize::MAX] {
        let list = Arc::new(RevocationList::new());
        let guard = Guard::with_cache(given::keys(&key), given::policy(), list, cached_tokens);

        assert!(guard.check(&token, NOW).is_ok() && guard.check(&token, NOW).is_ok());
    }
}

/// V27: what cannot change is asked once for each token, and by every guard that has no room.
#[test]
fn a_remembered_token_is_not_read_again() {
    let key = given::key(Algorithm::Hs256);
    let tokens =
        [given::token(&key, &given::claims()), given::token(&key, &given::claims_of("bob"))];
    for (cached_tokens, questions) in [(8, 2), (0, 6)] {
        let asked = Arc::new(AtomicUsize::new(0));
        let count = Arc::clone(&asked);
        let policy = given::policy()
            .with_claim_where("sub", move |_| count.fetch_add(1, Ordering::Relaxed) < usize::MAX);
        let list = Arc::new(RevocationList::new());
        let guard = Guard::with_cache(given::keys(&key), policy, list, cached_tokens);

        for _ in 0..3 {
            for token in &tokens {
                assert!(guard.check(token, NOW).is_ok());
            }
        }

        assert_eq!(asked.load(Ordering::Relaxed), questions, "room for {cached_tokens}");
    }
}
