//! Keys choose algorithms, tokens never do.

use jeton::jws::Compact;
use jeton::{Algorithm, KeySet, Verifier, VerifyError};
use serde_json::{Value, json};

use crate::given;
use crate::given::NOW;
use crate::pen::Pen;

/// V1: an allowlist of exact names, whatever the key.
#[test]
fn an_algorithm_by_any_other_name_is_refused_by_every_key() {
    use VerifyError::{Malformed, UnknownKey};

    let cases = [
        (json!("none"), UnknownKey),
        (json!("None"), UnknownKey),
        (json!("nOnE"), UnknownKey),
        (json!("NONE"), UnknownKey),
        (json!("none "), UnknownKey),
        (json!(""), UnknownKey),
        (json!("hs256"), UnknownKey),
        (json!("HS-256"), UnknownKey),
        (json!("HS256\0"), UnknownKey),
        (json!("es256"), UnknownKey),
        (json!("ES256 "), UnknownKey),
        (json!(" RS256"), UnknownKey),
        (json!("Rs256"), UnknownKey),
        (json!("EDDSA"), UnknownKey),
        (json!("ed25519"), UnknownKey),
        (json!("ES256k"), UnknownKey),
        (json!("ES521"), UnknownKey),
        (json!("Ed448"), UnknownKey),
        (json!("ML-DSA"), UnknownKey),
        (json!("mldsa44"), UnknownKey),
        (json!("RS1"), UnknownKey),
        (json!("RSA-OAEP"), UnknownKey),
        (json!("dir"), UnknownKey),
        (json!("1.2.840.113549.1.1.11"), UnknownKey),
        (Value::Null, Malformed),
        (json!(256), Malformed),
        (json!(true), Malformed),
        (json!(["HS256"]), Malformed),
        (json!({ "name": "HS256" }), Malformed),
    ];
    for algorithm in Algorithm::ALL {
        let pen = Pen::new(algorithm);
        let verifier = given::verifier(pen.key());
        for (alg, refusal) in &cases {
            let mut header = pen.header();
            header["alg"] = alg.clone();

            let refused = verifier.verify_access_token(&pen.write_under(&header), NOW).unwrap_err();

            assert_eq!(refused, *refusal, "{algorithm:?} signs as {alg}");
        }
    }
}

/// V1
#[test]
fn a_token_without_an_algorithm_is_refused() {
    let pen = Pen::new(Algorithm::Hs256);
    let token = pen.write_under(&json!({ "kid": "k1", "typ": "at+jwt" }));

    let refused = given::verifier(pen.key()).verify_access_token(&token, NOW);

    assert_eq!(refused.unwrap_err(), VerifyError::Malformed);
}

/// V2, V30: every key × every name an algorithm has; only those accept that belong together.
#[test]
fn a_key_verifies_its_own_algorithm_and_no_other() {
    let pens = Algorithm::ALL.map(Pen::new);
    let names = Algorithm::ALL.map(Algorithm::name).into_iter().chain(["Ed448", "none"]);
    let names: Vec<&str> = names.collect();

    for signing in &pens {
        for &name in &names {
            let mut header = signing.header();
            header["alg"] = json!(name);
            let token = signing.write_under(&header);
            for verifying in &pens {
                let accepted =
                    given::verifier(verifying.key()).verify_access_token(&token, NOW).is_ok();

                let (own, other) = (signing.key().algorithm(), verifying.key().algorithm());
                let said = Algorithm::from_name(name);
                let is_own = own == other && said.is_some_and(|said| said.is_same_as(own));
                assert_eq!(accepted, is_own, "{own:?} signs as {name}, {other:?} verifies");
            }
        }
    }
}

/// V2: the key itself refuses, for a program that chooses keys on its own.
#[test]
fn a_key_that_was_chosen_wrongly_refuses_another_algorithm() {
    let pens = Algorithm::ALL.map(Pen::new);
    for signing in &pens {
        for name in ["HS256", "HS512", "ES256", "ES256K", "EdDSA", "RS256", "PS256", "none"] {
            let mut header = signing.header();
            header["alg"] = json!(name);
            let token = signing.write_under(&header);
            for verifying in &pens {
                let key = verifying.key().verifying_key();

                let verdict = Compact::parse(&token).unwrap().verify(&key).map(|_| ());

                let (own, other) = (signing.key().algorithm(), key.algorithm());
                let said = Algorithm::from_name(name);
                let expected = match said.is_some_and(|said| said.is_same_as(other)) {
                    true if own == other => Ok(()),
                    true => Err(VerifyError::BadSignature),
                    false => Err(VerifyError::UnknownKey),
                };
                assert_eq!(verdict, expected, "{own:?} signs as {name}, {other:?} verifies");
            }
        }
    }
}

/// V30, RFC 9864
#[test]
fn an_ed25519_key_answers_to_both_of_its_names() {
    for algorithm in [Algorithm::EdDsa, Algorithm::Ed25519] {
        let pen = Pen::new(algorithm);
        let verifier = given::verifier(pen.key());
        for name in ["EdDSA", "Ed25519"] {
            let token = pen.write_under(&json!({ "alg": name, "kid": "k1", "typ": "at+jwt" }));

            assert!(verifier.verify_access_token(&token, NOW).is_ok(), "{algorithm:?} {name}");
        }
    }
}

/// V1, V5, A6: there is no key that a missing signature satisfies.
#[test]
fn an_unsigned_token_is_refused_by_every_key() {
    for algorithm in Algorithm::ALL {
        let pen = Pen::new(algorithm);
        let signed = pen.write_under(&pen.header());
        let (signing_input, _) = signed.rsplit_once('.').unwrap();

        let refused =
            given::verifier(pen.key()).verify_access_token(&format!("{signing_input}."), NOW);

        assert_eq!(refused.unwrap_err(), VerifyError::BadSignature, "{algorithm:?}");
    }
}

/// V4, A6: without keys everything is refused, good tokens too.
#[test]
fn no_keys_accept_no_token() {
    for algorithm in Algorithm::ALL {
        let token = given::token(&given::key(algorithm), &given::claims());
        let verifier = Verifier::new(KeySet::default(), given::policy());

        let refused = verifier.verify_access_token(&token, NOW).unwrap_err();

        assert_eq!(refused, VerifyError::UnknownKey, "{algorithm:?}");
    }
}
