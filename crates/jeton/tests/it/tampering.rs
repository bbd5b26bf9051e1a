//! A token with anything changed is no token.

use jeton::jws::{self, Compact};
use jeton::{Algorithm, VerifyError, VerifyingKey, base64url};
use serde_json::json;

use crate::given;
use crate::given::{NOW, at};
use crate::pen::Pen;

const ALPHABET: &str = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// Verifies the smallest token of a key: what is flipped is what a signature covers, and the
/// signature, so there is no need for claims.
fn is_genuine(token: &str, key: &VerifyingKey) -> bool {
    Compact::parse(token).and_then(|token| token.verify(key)).is_ok()
}

/// Every bit of the text.
fn flip_the_text(algorithm: Algorithm) {
    let key = given::key(algorithm);
    let verifying = key.verifying_key();
    let token = jws::sign(&key, "JWT", b"{}").unwrap();
    assert!(is_genuine(&token, &verifying));

    for place in 0..token.len() {
        for bit in 0..7 {
            let mut bytes = token.clone().into_bytes();
            bytes[place] ^= 1 << bit; // and the eighth bit makes no `&str`
            let flipped = String::from_utf8(bytes).unwrap();

            let is_genuine = is_genuine(&flipped, &verifying);

            assert!(!is_genuine, "{algorithm:?}: bit {bit} of letter {place}");
        }
    }
}

/// Every bit of what the text stands for.
fn flip_the_parts(algorithm: Algorithm) {
    let key = given::key(algorithm);
    let verifying = key.verifying_key();
    let token = jws::sign(&key, "JWT", b"{}").unwrap();
    let parts: Vec<&str> = token.split('.').collect();

    for changed in 0..3 {
        let bytes = base64url::decode(parts[changed]).unwrap();
        for bit in 0..bytes.len() * 8 {
            let mut bytes = bytes.clone();
            bytes[bit / 8] ^= 1 << (bit % 8);
            let part = base64url::encode(&bytes);
            let mut flipped = parts.clone();
            flipped[changed] = &part;

            let is_genuine = is_genuine(&flipped.join("."), &verifying);

            assert!(!is_genuine, "{algorithm:?}: bit {bit} of part {changed}");
        }
    }
}

/// V5: one test a family of algorithms, so that they run side by side. Signatures of ML-DSA have up
/// to 37,000 bits, of which none is left out; only their text, which spells the same bits, is not
/// flipped once more. The longest takes some 15 seconds without optimization.
macro_rules! one_bit {
    ($($name:ident: $family:expr;)*) => {$(
        #[test]
        fn $name() {
            for algorithm in Algorithm::ALL.into_iter().filter(|a| a.name().starts_with($family)) {
                flip_the_parts(algorithm);
                if !algorithm.name().starts_with("ML-DSA") {
                    flip_the_text(algorithm);
                }
            }
        }
    )*};
}

one_bit! {
    a_token_under_hmac_with_one_bit_flipped_is_never_accepted: "HS";
    a_token_under_rsa_pkcs1_with_one_bit_flipped_is_never_accepted: "RS";
    a_token_under_rsa_pss_with_one_bit_flipped_is_never_accepted: "PS";
    a_token_under_ecdsa_with_one_bit_flipped_is_never_accepted: "ES";
    a_token_under_ed25519_with_one_bit_flipped_is_never_accepted: "Ed";
    a_token_under_ml_dsa_44_with_one_bit_flipped_is_never_accepted: "ML-DSA-44";
    a_token_under_ml_dsa_65_with_one_bit_flipped_is_never_accepted: "ML-DSA-65";
    a_token_under_ml_dsa_87_with_one_bit_flipped_is_never_accepted: "ML-DSA-87";
}

/// V5, V11, R10: no prefix, no suffix, no extension.
#[test]
fn a_token_cut_or_extended_is_never_accepted() {
    for algorithm in Algorithm::ALL {
        let key = given::key(algorithm);
        let verifier = given::verifier(&key);
        let token = given::token(&key, &given::claims());

        for length in 0..token.len() {
            assert!(
                verifier.verify_access_token(&token[..length], NOW).is_err(),
                "first {length} letters"
            );
            assert!(
                verifier.verify_access_token(&token[length + 1..], NOW).is_err(),
                "without {length}"
            );
        }
        for letter in (0..=127_u8).map(char::from) {
            assert!(
                verifier.verify_access_token(&format!("{token}{letter}"), NOW).is_err(),
                "{letter:?} after"
            );
            assert!(
                verifier.verify_access_token(&format!("{letter}{token}"), NOW).is_err(),
                "{letter:?} before"
            );
        }
    }
}

/// V12, A11: the bits of the last letter that stand for nothing are zero, even under a signature
/// that covers them.
#[test]
fn unused_bits_are_refused_in_every_part() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    let mut spellings = 0;
    for padding in 0..3 {
        let mut header = pen.header();
        header["x"] = json!("x".repeat(padding));
        let header = base64url::encode(header.to_string().as_bytes());
        let claims = given::claims_with("x", json!("x".repeat(padding))).to_string();
        let payload = base64url::encode(claims.as_bytes());
        let good = pen.sign(&format!("{header}.{payload}"));
        let (input, signature) = good.rsplit_once('.').unwrap();

        let lenient = (other_spellings(&header).map(|h| pen.sign(&format!("{h}.{payload}"))))
            .chain(other_spellings(&payload).map(|p| pen.sign(&format!("{header}.{p}"))))
            .chain(other_spellings(signature).map(|s| format!("{input}.{s}")));
        for token in lenient {
            spellings += 1;
            assert_eq!(
                verifier.verify_access_token(&token, NOW).unwrap_err(),
                VerifyError::Malformed
            );
        }
        assert!(verifier.verify_access_token(&good, NOW).is_ok());
    }

    // Of three lengths in a row one has no unused bits, one has two and one has four; an HMAC of
    // 32 bytes has two.
    assert_eq!(spellings, 2 * (3 + 15) + 3 * 3);
}

/// What a lenient decoder would take for the same bytes.
fn other_spellings(text: &str) -> impl Iterator<Item = String> {
    let unused_bits = match text.len() % 4 {
        2 => 4,
        3 => 2,
        _ => 0,
    };
    let (head, last) = text.split_at(text.len() - 1);
    let value = ALPHABET.find(last).unwrap();
    (1..1 << unused_bits).map(move |bits| format!("{head}{}", &ALPHABET[value + bits..][..1]))
}

/// V12: one spelling for each value, at every length that the vectorized decoder treats its own
/// way, and every letter at every place.
#[test]
fn base64url_is_strict_at_every_length_and_place() {
    for length in 0..200_u8 {
        let bytes: Vec<u8> = (0..length).map(|i| i.wrapping_mul(151)).collect();
        assert_eq!(base64url::decode(&base64url::encode(&bytes)), Some(bytes));
    }
    for place in 0..160 {
        for letter in (0..=0x180).filter_map(char::from_u32) {
            let text = format!("{}{letter}{}", "A".repeat(place), "A".repeat(159 - place));

            let decoded = base64url::decode(&text);

            assert_eq!(decoded.is_some(), ALPHABET.contains(letter), "{letter:?} at {place}");
        }
    }
}

/// V25, A14: nothing is said of a token whose signature is bad, its age included.
#[test]
fn a_bad_signature_is_reported_before_anything_that_it_covers() {
    let (ours, theirs) = (Pen::new(Algorithm::Es256), Pen::new(Algorithm::Es256));
    let verifier = given::verifier(ours.key());
    let header = theirs.header().to_string();
    let mut refresh = theirs.header();
    refresh["typ"] = json!("rt+jwt");
    let claims = given::claims().to_string();
    let cases = [
        ("expired", theirs.write(&header, given::claims_with("exp", json!(1)).to_string())),
        (
            "not yet valid",
            theirs.write(&header, given::claims_with("nbf", json!(at(99))).to_string()),
        ),
        (
            "another issuer",
            theirs.write(&header, given::claims_with("iss", json!("x")).to_string()),
        ),
        ("not for us", theirs.write(&header, given::claims_without("aud").to_string())),
        ("another type", theirs.write(refresh.to_string(), &claims)),
        ("not JSON", theirs.write(&header, "{")),
        ("not base64", theirs.sign(&format!("{}.!", base64url::encode(header.as_bytes())))),
    ];

    for (name, token) in cases {
        let refused = verifier.verify_access_token(&token, NOW).unwrap_err();

        assert_eq!(refused, VerifyError::BadSignature, "{name}");
    }
}
