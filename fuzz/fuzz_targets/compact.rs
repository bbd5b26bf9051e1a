//! The compact form: any text is read without panic, a token has one spelling, and whoever reads a
//! payload, verified or not, attached or not, reads the bytes that were signed.

#![no_main]

use jeton::jws::{self, Compact};
use jeton::{Claims, Policy, VerifyError, base64url, decode_without_verifying, limits};
use jeton_fuzz::given::{DEFAULT, KEY, LARGE, NOW, signed, verifier, with_signature};
use jeton_fuzz::{second_base64url, second_parser};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    check_payload(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    check_base64url(text);
    check_parts(text);
    check_detaching(text);
    check_signed_text(text);
});

/// What was signed is what is verified, by whichever way.
fn check_payload(payload: &[u8]) {
    let token = jws::sign(&KEY, "JWT", payload).expect("HMAC signs anything");
    assert_eq!(token, signed(br#"{"alg":"HS256","typ":"JWT"}"#, payload));

    let any = verifier(Policy::signature_and_time_only()).with_limits(LARGE.limits);
    assert_eq!(any.verify_payload(&token).as_deref(), Ok(payload));
    let parsed = Compact::parse(&token);
    assert_eq!(parsed.is_ok(), token.len() <= limits::TOKEN);
    if let Ok(parsed) = parsed {
        let verified = parsed.verify(&KEY.verifying_key()).expect("our own signature");
        assert_eq!(verified.payload(), payload);
    }

    let detached = jws::detach(&token).expect("three parts");
    assert_eq!(jws::attach(&detached, payload).as_ref(), Ok(&token));
    let without = any.verify_payload(&detached);
    assert_eq!(
        without,
        if payload.is_empty() { Ok(Vec::new()) } else { Err(VerifyError::BadSignature) }
    );
    check_unverified(&token);
}

/// Whoever only looks at a token sees what a verifier would.
fn check_unverified(token: &str) {
    let policy = Policy::signature_and_time_only().ignore_expiry().ignore_not_before();
    let claims = verifier(policy).verify::<Claims>(token, NOW);
    match (decode_without_verifying(token), claims) {
        (Ok(seen), Ok(claims)) => assert_eq!(seen.unverified_claims, *claims.members()),
        (Ok(_), Err(VerifyError::ClaimMistyped("exp" | "nbf" | "iat"))) => {}
        (Err(VerifyError::Malformed), Err(VerifyError::Malformed)) => {}
        (seen, verified) => panic!("seen: {seen:?}, verified: {verified:?}"),
    }
}

fn check_base64url(text: &str) {
    let bytes = base64url::decode(text);
    assert_eq!(bytes, second_base64url::decode(text));
    if let Some(bytes) = bytes {
        assert_eq!(base64url::encode(&bytes), text, "a second spelling");
    }
}

/// Three parts, each with one spelling, and JSON in those that are read.
fn check_parts(text: &str) {
    let parts: Vec<&str> = text.split('.').collect();
    if let Ok(parsed) = Compact::parse(text) {
        let [header, _, signature] = parts[..] else { panic!("{} parts", parts.len()) };
        for part in [header, signature] {
            assert!(second_base64url::decode(part).is_some(), "a second spelling");
        }
        let _ = format!("{parsed:?}");
    }

    let read = |part: &str| second_parser::read(&second_base64url::decode(part)?, &DEFAULT);
    let expected = match parts[..] {
        [header, payload, _] if text.len() <= limits::TOKEN => read(header).zip(read(payload)),
        _ => None,
    };
    let seen = decode_without_verifying(text).ok();
    assert_eq!(seen.map(|seen| (seen.unverified_header, seen.unverified_claims)), expected);
}

/// Taking the payload out and putting it back gives the same token, if it is one.
fn check_detaching(text: &str) {
    let detached = jws::detach(text);
    let parts: Vec<&str> = text.split('.').collect();
    assert_eq!(detached.is_ok(), parts.len() == 3, "{} parts", parts.len());
    let Ok(detached) = detached else { return };

    assert_eq!(jws::attach(text, b"payload").is_ok(), parts[1].is_empty());
    if let Some(payload) = second_base64url::decode(parts[1]) {
        assert_eq!(jws::attach(&detached, &payload).as_deref(), Ok(text));
    }
}

/// A good signature does not make a token of any text.
fn check_signed_text(text: &str) {
    let any = verifier(Policy::signature_and_time_only()).with_limits(LARGE.limits);
    let Ok(payload) = any.verify_payload(&with_signature(text)) else { return };

    let (_, encoded) = text.split_once('.').expect("a header and a payload");
    assert_eq!(second_base64url::decode(encoded), Some(payload));
}
