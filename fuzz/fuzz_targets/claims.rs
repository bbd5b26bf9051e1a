//! Claims behind a good signature: any bytes are read without panic, and accepted claims are the
//! ones that `serde_json` reads in the same bytes, each named once, into a map or into a type.

#![no_main]

use std::fmt::Debug;

use jeton::{Buffer, Claims, Policy, Verifier, VerifyError};
use jeton_fuzz::given::{Bounds, DEFAULT, LARGE, NOW, signed, verifier};
use jeton_fuzz::second_parser;
use jeton_fuzz::shapes::{Flattened, Plain, Strict, Wrapped};
use libfuzzer_sys::fuzz_target;
use serde::Deserialize;
use serde_json::{Map, Value};

const HEADER: &[u8] = br#"{"alg":"HS256","typ":"at+jwt"}"#;
/// Names that a word of eight bytes holds with a byte to spare, just so, and not quite.
const NAMES: [&str; 3] = ["abcdefg", "abcdefgh", "abcdefghi"];
/// Longer than most payloads, so that a buffer it was decoded into has something behind them.
const BEFORE: &[u8] =
    br#"{"sub":"bob","before":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\""}"#;

fuzz_target!(|payload: &[u8]| {
    let token = signed(HEADER, payload);
    for bounds in [DEFAULT, LARGE] {
        let object = second_parser::read(payload, &bounds).filter(|_| token.len() <= bounds.token);
        check_names(&token, object.as_ref(), &bounds);
        check_claims(&token, object, &bounds);
        check_types(&token, payload, &bounds);
    }
    check_access_token(&token);
});

/// Everything, and nothing else, is accepted that is an object with good times.
fn check_claims(token: &str, object: Option<Map<String, Value>>, bounds: &Bounds) {
    let verifier = verifier(Policy::signature_and_time_only()).with_limits(bounds.limits);
    match (verifier.verify::<Claims>(token, NOW), object) {
        (Ok(claims), Some(object)) => {
            assert_eq!(*claims.members(), object);
            check_reading(&claims);
            check_writing(&object, bounds);
        }
        (Err(VerifyError::Malformed), None) => {}
        (Err(VerifyError::ClaimMistyped(name @ ("exp" | "nbf" | "iat"))), Some(object)) => {
            assert!(!second_parser::is_date(&object[name]), "`{name}` is a date");
        }
        (Err(VerifyError::Expired), Some(object)) => {
            assert!(object["exp"].as_f64() <= Some(NOW.as_secs() as f64 - 29.0), "not expired");
        }
        (Err(VerifyError::NotYetValid), Some(object)) => {
            assert!(object["nbf"].as_f64() > Some(NOW.as_secs() as f64 + 29.0), "valid already");
        }
        (ours, theirs) => panic!("ours: {ours:?}, theirs: {theirs:?}"),
    }
}

/// A claim is found if it is there, whatever others are called.
fn check_names(token: &str, object: Option<&Map<String, Value>>, bounds: &Bounds) {
    let Some(object) = object else { return };
    for name in NAMES {
        let policy = Policy::signature_and_time_only().with_present(name);
        let verifier = verifier(policy).with_limits(bounds.limits);
        let refusal = verifier.verify::<Claims>(token, NOW).err();
        let is_missing = refusal == Some(VerifyError::ClaimMissing(name));
        assert_eq!(is_missing, !object.contains_key(name), "{name}");
    }
}

/// The readers of single claims agree with the verifier and with the value.
fn check_reading(claims: &Claims) {
    for name in ["exp", "nbf", "iat"] {
        assert_eq!(claims.timestamp(name).map(|date| date.is_some()), Ok(has(claims, name)));
    }
    for name in ["sub", "aud"] {
        let value = claims.get(name);
        let text = value.map_or(Ok(None), |value| value.as_str().map(Some).ok_or(()));
        assert_eq!(claims.text(name).map_err(drop), text);
        assert_eq!(claims.texts(name).is_ok(), text.is_ok() || is_texts(value));
    }
}

fn has(claims: &Claims, name: &str) -> bool {
    claims.get(name).is_some()
}

fn is_texts(value: Option<&Value>) -> bool {
    let items = value.and_then(Value::as_array);
    items.is_some_and(|items| items.iter().all(Value::is_string))
}

/// What was accepted is accepted again, with the same value, when it is written. A fraction is only
/// read to within one unit of its last binary place, so it is left out.
fn check_writing(object: &Map<String, Value>, bounds: &Bounds) {
    let text = serde_json::to_vec(object).expect("JSON");
    let token = signed(HEADER, &text);
    if second_parser::has_fractions(object) || token.len() > bounds.token {
        return;
    }
    let verifier = verifier(Policy::signature_and_time_only()).with_limits(bounds.limits);
    let again = verifier.verify::<Claims>(&token, NOW).expect("our own JSON");
    assert_eq!(again.members(), object, "another value when written");
}

fn check_types(token: &str, payload: &[u8], bounds: &Bounds) {
    let policy = Policy::signature_and_time_only().ignore_expiry().ignore_not_before();
    let verifier = verifier(policy).with_limits(bounds.limits);
    let mut buffer = Buffer::new();
    let before = signed(HEADER, BEFORE);
    verifier.verify_with::<Wrapped>(&before, NOW, &mut buffer).expect("good claims");

    let claims = verifier.verify::<Claims>(token, NOW).ok();
    let claims = claims.as_ref().map(Claims::members);
    let check = Check { verifier: &verifier, token, payload, claims };
    check.reads_alike::<Plain<'_>>(&mut buffer);
    check.reads_alike::<Strict>(&mut buffer);
    check.reads_alike::<Flattened<'_>>(&mut buffer);
    check.reads_alike::<Wrapped>(&mut buffer);
    check.reads_alike::<Value>(&mut buffer);
}

struct Check<'p> {
    verifier: &'p Verifier,
    token: &'p str,
    payload: &'p [u8],
    /// The claims, if they are accepted.
    claims: Option<&'p Map<String, Value>>,
}

impl Check<'_> {
    /// Accepted claims are read into this type as `serde_json` reads them, or not by either.
    fn reads_alike<'b, T: Deserialize<'b> + PartialEq + Debug>(&'b self, buffer: &'b mut Buffer) {
        let ours = self.verifier.verify_with::<T>(self.token, NOW, buffer);
        let theirs = serde_json::from_slice::<T>(self.payload);
        match (ours, self.claims) {
            (Ok(ours), Some(_)) => assert_eq!(ours, theirs.expect("what we have accepted")),
            (Ok(ours), None) => panic!("accepted only when asked for a type: {ours:?}"),
            (Err(error), Some(claims)) => {
                assert!(theirs.is_err(), "{error:?}: {theirs:?}");
                assert!(is_about(error, claims), "{error:?}");
            }
            (Err(_), None) => {}
        }
    }
}

/// Whether the error is about the claims and not about the token, and names one that it can name.
fn is_about(error: VerifyError, claims: &Map<String, Value>) -> bool {
    match error {
        VerifyError::ClaimMissing(name) => !claims.contains_key(name),
        VerifyError::ClaimMistyped(name) | VerifyError::ClaimRefused(name) => {
            claims.contains_key(name)
        }
        VerifyError::ClaimsUnfit => true,
        _ => false,
    }
}

/// An access token is a token, and says what its claims say.
fn check_access_token(token: &str) {
    let policy = Policy::access_token("https://login.example", "api");
    let Ok(access) = verifier(policy).verify_access_token(token, NOW) else { return };

    let claims = verifier(Policy::signature_and_time_only()).verify::<Claims>(token, NOW);
    let claims = claims.expect("an access token is a token");
    assert_eq!(claims.text("iss"), Ok(Some("https://login.example")));
    assert_eq!(claims.text("sub"), Ok(Some(access.subject.as_str())));
    assert_eq!(claims.texts("aud").expect("texts"), access.audience);
    assert_eq!(claims.timestamp("exp"), Ok(Some(access.expires_at)));
    assert_eq!(claims.timestamp("iat"), Ok(Some(access.issued_at)));
    assert!(access.audience.iter().any(|audience| audience == "api"), "{access:?}");
    assert!(access.expires_at > NOW.before(std::time::Duration::from_secs(30)), "{access:?}");
    for (name, value) in &access.other {
        assert_eq!(claims.get(name), Some(value), "{name}");
    }
}
