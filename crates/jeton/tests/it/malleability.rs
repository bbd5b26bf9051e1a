//! An ECDSA signature has a twin: whoever has a token can write another that verifies as well.
//! Nothing may depend on the text of a token.

use jeton::{Algorithm, Reason, Refusal, Revocation, SubjectKey, Target, VerifyError, base64url};

use crate::given;
use crate::given::{NOW, at};

/// The order of the group of P-256 (FIPS 186-5, SEC 2 section 2.4.2).
const ORDER: [u8; 32] = [
    0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
    0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63, 0x25, 0x51,
];

/// `ORDER - s`, big-endian.
fn negated(s: &[u8]) -> Vec<u8> {
    let mut difference = vec![0; 32];
    let mut borrow = 0;
    for place in (0..32).rev() {
        let digit = i16::from(ORDER[place]) - i16::from(s[place]) - borrow;
        borrow = i16::from(digit < 0);
        difference[place] = u8::try_from(digit.rem_euclid(256)).unwrap();
    }
    difference
}

/// The same token with the signature `(r, n - s)`.
fn twin(token: &str) -> String {
    let (input, signature) = token.rsplit_once('.').unwrap();
    let signature = base64url::decode(signature).unwrap();
    let (r, s) = signature.split_at(32);
    format!("{input}.{}", base64url::encode(&[r, &negated(s)].concat()))
}

/// The same token for a lenient decoder: 64 bytes leave 4 bits of the last letter unused, so it is
/// one of `AQgw`, and the next letter stands for the same byte.
fn unused_bit_set(token: &str) -> String {
    let (head, last) = token.split_at(token.len() - 1);
    format!("{head}{}", char::from(last.as_bytes()[0] + 1))
}

/// A26: the premise of the tests below.
#[test]
fn the_twin_of_a_token_verifies() {
    let key = given::key(Algorithm::Es256);
    let token = given::token(&key, &given::claims());

    let twin = twin(&token);

    assert_ne!(twin, token);
    assert!(given::verifier(&key).verify_access_token(&twin, NOW).is_ok());
}

/// A26: revoked is revoked, in whatever spelling, seen before or not.
#[test]
fn the_twin_of_a_revoked_token_is_refused() {
    let cases = [
        (Target::Session(given::session(), Reason::Replayed), Refusal::Ended(Reason::Replayed)),
        (Target::Token("t1".into(), Reason::Revoked), Refusal::Ended(Reason::Revoked)),
        (Target::Subject(SubjectKey::of("alice"), 4), Refusal::Recalled),
    ];
    let key = given::key(Algorithm::Es256);
    let token = given::token(&key, &given::claims());
    for (target, refusal) in cases {
        for seen_before in [false, true] {
            let guard = given::guard(&key);
            assert!(guard.check(&token, NOW).is_ok());
            assert!(!seen_before || guard.check(&twin(&token), NOW).is_ok());

            guard.revocations().add(&Revocation { target: target.clone(), until: at(600) });

            assert_eq!(guard.check(&token, NOW).unwrap_err(), refusal);
            assert_eq!(guard.check(&twin(&token), NOW).unwrap_err(), refusal);
        }
    }
}

/// A26, V12: nor do bits that stand for nothing, or a second `s`, make a new token.
#[test]
fn other_spellings_of_a_revoked_token_are_refused() {
    let key = given::key(Algorithm::Es256);
    let token = given::token(&key, &given::claims());
    let guard = given::guard(&key);
    let target = Target::Session(given::session(), Reason::LoggedOut);
    guard.revocations().add(&Revocation { target, until: at(600) });
    let (input, signature) = token.rsplit_once('.').unwrap();
    let r = &base64url::decode(signature).unwrap()[..32];
    let spellings = [
        (format!("{token}="), VerifyError::Malformed),
        (unused_bit_set(&token), VerifyError::Malformed),
        (format!("{token}A"), VerifyError::BadSignature),
        (
            format!("{input}.{}", base64url::encode(&[r, &ORDER].concat())),
            VerifyError::BadSignature,
        ),
    ];

    for (spelling, refusal) in spellings {
        assert_eq!(guard.check(&spelling, NOW).unwrap_err(), refusal.into(), "{spelling}");
    }
}
