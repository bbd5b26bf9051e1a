//! The header: any bytes are read without panic, what is accepted is what RFC 7515 says, and a
//! header that was seen before is read as if it were the first.

#![no_main]

use std::fmt::Debug;

use jeton::jws::{self, Compact};
use jeton::{Algorithm, Claims, Policy, Verifier, VerifyError};
use jeton_fuzz::given::{KEY, NOW, signed, verifier};
use jeton_fuzz::second_header::Header;
use libfuzzer_sys::fuzz_target;

/// Extensions that the verifier understands; `b64` is nevertheless never taken.
const UNDERSTOOD: [&str; 4] = ["exp", "abcdefgh", "http://login.example/ext", "b64"];
const ACCESS_TOKEN: &[u8] = br#"{"iss":"https://login.example","sub":"alice","aud":"api",
    "client_id":"web","iat":1799999900,"exp":1800000500,"jti":"a"}"#;

fuzz_target!(|header: &[u8]| {
    let token = signed(header, b"{}");
    let expected = Header::read(header);
    check_parsing(&token, expected.as_ref());
    check_signing(header, &token, expected.as_ref());
    check_verifying(&token, expected.as_ref());
    check_second_token(header);
});

/// Without a policy, nothing that `crit` asks for is understood.
fn check_parsing(token: &str, expected: Option<&Header>) {
    let expected = expected.filter(|header| header.critical().is_empty());
    match (Compact::parse(token), expected) {
        (Ok(parsed), Some(expected)) => {
            let read = parsed.header();
            assert_eq!(read.algorithm(), expected.text("alg").and_then(Algorithm::from_name));
            assert_eq!(read.key_id().map(|id| id.as_str()), expected.text("kid"));
            let typ = expected.text("typ");
            assert!(typ.is_none_or(|typ| read.is_type(typ)), "{typ:?}");
            assert_eq!(read.is_type("at+jwt"), typ.is_some_and(is_access_token), "{typ:?}");
            assert_eq!(read.is_nested(), expected.text("cty").is_some_and(is_jwt));
            let _ = format!("{parsed:?}");
        }
        (Err(error), None) => assert_eq!(error, VerifyError::Malformed),
        (Ok(parsed), None) => panic!("accepted without a reason: {parsed:?}"),
        (Err(_), Some(_)) => panic!("refused without a reason"),
    }
}

/// Media types as RFC 7515 section 4.1.9 spells them.
fn is_access_token(typ: &str) -> bool {
    ["at+jwt", "application/at+jwt"].contains(&typ.to_ascii_lowercase().as_str())
}

fn is_jwt(cty: &str) -> bool {
    ["jwt", "application/jwt"].contains(&cty.to_ascii_lowercase().as_str())
}

/// Nothing is signed under a header that no verifier reads.
fn check_signing(header: &[u8], token: &str, expected: Option<&Header>) {
    let Ok(text) = std::str::from_utf8(header) else { return };
    let is_ours = expected.is_some_and(|header| header.text("alg") == Some("HS256"));
    assert_eq!(jws::sign_under(&KEY, text, b"{}").ok(), is_ours.then(|| token.to_owned()));
}

/// A policy decides which extensions are understood.
fn check_verifying(token: &str, expected: Option<&Header>) {
    let verifier = understanding();
    let is_read = expected.is_some_and(|header| {
        header.critical().iter().all(|extension| UNDERSTOOD.contains(extension))
    });
    let is_ours = expected.is_some_and(|header| header.text("alg") == Some("HS256"));
    let refusal = if is_read { VerifyError::UnknownKey } else { VerifyError::Malformed };

    let verified = verifier.verify_payload(token);
    assert_eq!(verified, if is_read && is_ours { Ok(b"{}".to_vec()) } else { Err(refusal) });
    let claims = verifier.verify::<Claims>(token, NOW);
    assert_eq!(claims.map(drop), verified.map(drop));
}

/// Neither the first token under a header nor those under others change what the next one means.
fn check_second_token(header: &[u8]) {
    let good = signed(br#"{"alg":"HS256","kid":"a","typ":"at+jwt"}"#, ACCESS_TOKEN);
    let first = signed(header, br#"{"exp":1}"#);
    let second = signed(header, ACCESS_TOKEN);
    let forged = second.replacen('.', ".e", 1);
    let access = || verifier(Policy::access_token("https://login.example", "api"));

    for fresh in [understanding, access] {
        let tokens = [&good, &first, &second, &forged, &second];
        let verifier = fresh();
        for token in tokens {
            assert_eq!(said(&verifier, token), said(&fresh(), token));
        }
    }
}

fn understanding() -> Verifier {
    let policy = Policy::signature_and_time_only();
    verifier(UNDERSTOOD.into_iter().fold(policy, Policy::with_understood))
}

/// All that a verifier says of a token.
fn said(verifier: &Verifier, token: &str) -> impl PartialEq + Debug + use<> {
    let (claims, access) =
        (verifier.verify::<Claims>(token, NOW), verifier.verify_access_token(token, NOW));
    (claims, access, verifier.verify_payload(token))
}
