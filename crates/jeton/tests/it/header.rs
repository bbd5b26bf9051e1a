//! Header parameters that must not be understood, and key ids that must not be trusted.

use jeton::{Algorithm, KeyError, KeyId, VerifyError, limits};
use serde_json::{Value, json};

use crate::given;
use crate::given::NOW;
use crate::pen::Pen;

/// V6, V8, V13, A8, A16: signed by the right key, and refused all the same.
#[test]
fn parameters_that_change_the_meaning_are_refused() {
    let cases = [
        ("zip", json!("DEF")),
        ("zip", json!("none")),
        ("zip", Value::Null),
        ("crit", json!(["exp"])),
        ("crit", json!(["b64"])),
        ("crit", json!(["alg"])),
        ("crit", json!(["http://example.com/unknown"])),
        ("crit", json!([])),
        ("crit", json!("exp")),
        ("crit", json!([1])),
        ("crit", json!({})),
        ("crit", Value::Null),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("b64", Value::Null),
        ("cty", json!("JWT")),
        ("cty", json!("jwt")),
        ("cty", json!("application/JWT")),
        ("cty", json!(1)),
        ("typ", json!(["at+jwt"])),
        ("typ", json!(1)),
        ("typ", Value::Null),
        ("kid", json!(["k1"])),
        ("kid", json!(1)),
        ("kid", Value::Null),
    ];
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    for (parameter, value) in cases {
        let mut header = pen.header();
        header[parameter] = value.clone();

        let refused = verifier.verify_access_token(&pen.write_under(&header), NOW).unwrap_err();

        assert_eq!(refused, VerifyError::Malformed, "{parameter}: {value}");
    }
}

/// RFC 7515 section 4: what is not understood, and not critical, is ignored.
#[test]
fn other_parameters_are_ignored() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    for (parameter, value) in [("x", json!(1)), ("cty", json!("json")), ("enc", json!("A256GCM"))] {
        let mut header = pen.header();
        header[parameter] = value;

        assert!(
            verifier.verify_access_token(&pen.write_under(&header), NOW).is_ok(),
            "{parameter}"
        );
    }
}

/// V9, A17: there is no password-based algorithm, so nobody counts to `p2c`.
#[test]
fn password_based_algorithms_are_unknown() {
    let pen = Pen::new(Algorithm::Hs256);
    let token = pen.write_under(&json!({
        "alg": "PBES2-HS256+A128KW",
        "kid": "k1",
        "typ": "at+jwt",
        "p2s": "c2FsdA",
        "p2c": 2_147_483_647_u32,
    }));

    let refused = given::verifier(pen.key()).verify_access_token(&token, NOW);

    assert_eq!(refused.unwrap_err(), VerifyError::UnknownKey);
}

/// V15: compared byte by byte, never interpreted; and what refuses it repeats nothing of it.
#[test]
fn a_hostile_key_id_finds_no_key() {
    use VerifyError::{Malformed, UnknownKey};

    let cases = [
        ("../../../../dev/null", UnknownKey),
        ("' OR 1=1 --", UnknownKey),
        ("$(curl evil.example)", UnknownKey),
        ("http://evil.example/k1", UnknownKey),
        ("*", UnknownKey),
        ("K1", UnknownKey),
        ("k1 ", UnknownKey),
        ("k", UnknownKey),
        ("k11", UnknownKey),
        ("k\u{ff11}", UnknownKey),
        ("", Malformed),
        ("k1\0", Malformed),
        ("k1\r\nSet-Cookie: a=b", Malformed),
        ("k1\u{1b}[2J", Malformed),
        ("k1\u{85}", Malformed),
        (&"k".repeat(129), Malformed),
        (&"k".repeat(900), Malformed),
    ];
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    for (kid, refusal) in cases {
        let mut header = pen.header();
        header["kid"] = json!(kid);

        let refused = verifier.verify_access_token(&pen.write_under(&header), NOW).unwrap_err();

        assert_eq!(refused, refusal, "{kid:?}");
        assert!(!refused.to_string().contains(kid) || kid.is_empty() || kid == "k", "{kid:?}");
    }
}

/// V15, T6: an id that reaches a log stays on one line.
#[test]
fn a_key_id_is_bounded_and_prints_on_one_line() {
    for text in ["", "a\nb", "a\rb", "a\0", "\u{7f}", "\u{9b}", &"k".repeat(limits::KEY_ID + 1)] {
        assert_eq!(KeyId::new(text).unwrap_err(), KeyError::KeyId, "{text:?}");
    }

    let printed = KeyId::new("a\u{2028}\u{202e}\\\"").unwrap().to_string();
    assert_eq!(printed, r#"a\u{2028}\u{202e}\\\""#);
    assert!(KeyId::new(&"k".repeat(limits::KEY_ID)).is_ok());
}

/// V2: a token without `kid` is for the only key that has its algorithm; among several it is for
/// none, as a token does not get to try keys.
#[test]
fn a_token_without_a_key_id_needs_an_only_key() {
    let pen = Pen::new(Algorithm::Es256);
    let token = pen.write_under(&json!({ "alg": "ES256", "typ": "at+jwt" }));
    let with = |other| {
        let other = given::key_with_id("k2", other).verifying_key();
        let keys = jeton::KeySet::new([pen.key().verifying_key(), other]).unwrap();
        jeton::Verifier::new(keys, given::policy()).verify_access_token(&token, NOW)
    };

    assert!(with(Algorithm::EdDsa).is_ok());
    assert_eq!(with(Algorithm::Es256).unwrap_err(), VerifyError::UnknownKey);
}
