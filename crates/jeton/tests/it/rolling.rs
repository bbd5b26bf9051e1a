//! Keys that are being replaced while nothing tells them apart.

use jeton::{
    Algorithm, KeyError, KeyId, KeySet, SigningKey, Verifier, VerifyError, VerifyingKey, limits,
};

use crate::given;
use crate::given::NOW;

fn rolling(keys: &[&SigningKey]) -> Verifier {
    let keys = keys.iter().map(|key| key.verifying_key());
    Verifier::new(KeySet::rolling(keys).unwrap(), given::policy())
}

/// V2: each key of the set is tried, the wrong ones first.
#[test]
fn each_key_of_a_rolling_set_verifies() {
    for algorithm in [Algorithm::Hs256, Algorithm::Es256] {
        let keys = [0; 3].map(|_| given::key(algorithm));
        let verifier = rolling(&[&keys[0], &keys[1], &keys[2]]);
        for key in &keys {
            let token = given::token(key, &given::claims());

            assert!(verifier.verify_access_token(&token, NOW).is_ok(), "{algorithm:?}");
        }
    }
}

/// V2, V4: it is no way around `alg` and `kid`, nor for a key that is not in it.
#[test]
fn a_rolling_set_accepts_no_more_than_its_keys() {
    let [old, new] = [0; 2].map(|_| given::key(Algorithm::Hs256));
    let verifier = rolling(&[&new, &old]);
    let cases = [
        ("another secret", given::key(Algorithm::Hs256), VerifyError::BadSignature),
        ("another id", given::key_with_id("k2", Algorithm::Hs256), VerifyError::UnknownKey),
        ("another algorithm", given::key(Algorithm::Hs512), VerifyError::UnknownKey),
    ];
    for (name, key, refusal) in cases {
        let token = given::token(&key, &given::claims());

        let refused = verifier.verify_access_token(&token, NOW).unwrap_err();

        assert_eq!(refused, refusal, "{name}");
    }
    let empty = rolling(&[]);
    let token = given::token(&old, &given::claims());
    assert_eq!(empty.verify_access_token(&token, NOW).unwrap_err(), VerifyError::UnknownKey);
}

/// V24: a token costs eight verifications at most.
#[test]
fn a_rolling_set_is_small() {
    let key = given::key(Algorithm::EdDsa).verifying_key();
    let many = |n: usize| KeySet::rolling(vec![key.clone(); n]).map(|set| set.len());

    assert_eq!(many(limits::ROLLING_KEYS), Ok(limits::ROLLING_KEYS));
    assert_eq!(many(limits::ROLLING_KEYS + 1), Err(KeyError::TooManyKeys));
}

/// V2: elsewhere several keys are as good as none.
#[test]
fn a_plain_set_tries_one_key_at_most() {
    let [one, other] =
        ["a", "b"].map(|id| given::key_with_id(id, Algorithm::Es256).verifying_key());
    let unnamed = |key: &VerifyingKey| VerifyingKey::public(key.public_key().unwrap().clone());
    let id = KeyId::new("a").unwrap();

    assert!(KeySet::new([one.clone(), other.clone()]).is_ok());
    assert_eq!(KeySet::new([one.clone(), other.with_id(id)]).unwrap_err(), KeyError::Ambiguous);
    assert_eq!(KeySet::new([unnamed(&one), one]).unwrap_err(), KeyError::Ambiguous);
}

/// V2, V30: `EdDSA` and `Ed25519` are two names for one thing, so an id tells such keys apart or
/// nothing does.
#[test]
fn two_names_of_ed25519_are_one_algorithm_in_a_set() {
    let [old_name, new_name] =
        [Algorithm::EdDsa, Algorithm::Ed25519].map(|name| given::key(name).verifying_key());

    assert_eq!(KeySet::new([old_name, new_name]).unwrap_err(), KeyError::Ambiguous);
}
