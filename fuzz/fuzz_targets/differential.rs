//! Tokens against `jsonwebtoken`: with the same key and the same demands both accept the same
//! tokens and read the same claims, as a map and as a type of their own, but for differences that
//! are on purpose. Duplicates, which the other library takes, are never among what jeton accepts.
//!
//! The input is a header, a line feed and claims; both are signed.

#![no_main]

use std::fmt::Debug;
use std::time::Duration;

use jeton::{Policy, Timestamp, limits};
use jeton_fuzz::given::{SECRET, signed, verifier};
use jeton_fuzz::second_parser::{depth, has_duplicates, is_date, object, widest};
use jeton_fuzz::shapes::{Strict, Wrapped};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use libfuzzer_sys::fuzz_target;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

const AUDIENCE: &str = "api";
const LEEWAY: u64 = 30;

fuzz_target!(|data: &[u8]| {
    let Some(line) = data.iter().position(|letter| *letter == b'\n') else { return };
    let (header, claims) = (&data[..line], &data[line + 1..]);
    let token = signed(header, claims);

    // The clock of the other library cannot be set, so ours follows it.
    let now = jsonwebtoken::get_current_timestamp();
    let (ours, theirs) = (ours::<Map<_, _>>(&token, now), theirs::<Map<_, _>>(&token));
    if ours.is_some() {
        check_duplicates(header);
        check_duplicates(claims);
    }
    match (ours, theirs) {
        (Some(ours), Some(theirs)) => {
            assert_eq!(ours, theirs);
            check_type::<Strict>(&token, now);
            check_type::<Wrapped>(&token, now);
        }
        (None, None) => {}
        (ours, theirs) => check_difference(&token, header, claims, now, ours, theirs),
    }
});

fn ours<T: DeserializeOwned>(token: &str, now: u64) -> Option<T> {
    let policy = Policy::signature_and_time_only()
        .with_audience(AUDIENCE)
        .with_leeway(Duration::from_secs(LEEWAY));
    verifier(policy).verify(token, Timestamp::from_secs(now)).ok()
}

fn theirs<T: DeserializeOwned>(token: &str) -> Option<T> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["aud"]);
    let key = DecodingKey::from_secret(SECRET);
    jsonwebtoken::decode(token, &key, &validation).ok().map(|decoded| decoded.claims)
}

/// The same claims twice do not make a difference between the two, since both would take the last.
fn check_duplicates(text: &[u8]) {
    let members = object(text).expect("what serde_json refuses is refused");
    assert!(!has_duplicates(text, &members), "duplicate members");
}

/// A type reads from a token that both accept what it reads from it for the other.
fn check_type<T: DeserializeOwned + PartialEq + Debug>(token: &str, now: u64) {
    assert_eq!(ours::<T>(token, now), theirs::<T>(token));
}

/// If only one accepts a token, that is on purpose.
fn check_difference(
    token: &str,
    header: &[u8],
    claims: &[u8],
    now: u64,
    ours: Option<Map<String, Value>>,
    theirs: Option<Map<String, Value>>,
) {
    let header_read = object(header).expect("one of us has read it");
    let claims_read = object(claims).expect("one of us has read them");
    let on_purpose = if ours.is_some() {
        accepted_on_purpose(&header_read, &claims_read)
    } else {
        token.len() > limits::TOKEN
            || header_refused_on_purpose(header, &header_read)
            || claims_refused_on_purpose(claims, &claims_read)
    };
    let on_the_edge = is_on_the_edge(&claims_read, now);
    assert!(on_purpose || on_the_edge, "ours: {ours:?}, theirs: {theirs:?}");
}

/// We pass over header parameters that do not concern us, of which they refuse some of another type,
/// and over a `sub` that nobody has asked about, of which they refuse arrays and objects.
fn accepted_on_purpose(header: &Map<String, Value>, claims: &Map<String, Value>) -> bool {
    header.keys().any(|name| !matches!(name.as_str(), "alg" | "typ" | "kid" | "cty"))
        || claims.get("sub").is_some_and(|sub| sub.is_array() || sub.is_object())
}

/// We refuse duplicates, what goes beyond our limits, `crit`, `b64`, `zip`, nested tokens, a `kid`
/// that is empty, long or has control characters, and `null` where they take it for absent.
fn header_refused_on_purpose(text: &[u8], header: &Map<String, Value>) -> bool {
    let refused = |(name, value): (&String, &Value)| match name.as_str() {
        "crit" | "b64" | "zip" | "cty" | "kid" => true,
        "alg" | "typ" => !value.is_string(),
        _ => false,
    };
    text.len() > limits::HEADER
        || has_duplicates(text, header)
        || too_large(header)
        || header.iter().any(refused)
}

/// We refuse duplicates, what goes beyond our limits, dates beyond 2^53 unless they are spelled as
/// whole seconds, dates beyond 2^63, and an `iat` or `nbf` that is no date.
fn claims_refused_on_purpose(text: &[u8], claims: &Map<String, Value>) -> bool {
    let dates = ["iat", "nbf", "exp"].into_iter().filter_map(|name| claims.get(name));
    has_duplicates(text, claims) || too_large(claims) || !dates.into_iter().all(is_date)
}

fn too_large(object: &Map<String, Value>) -> bool {
    depth(object) > limits::JSON_DEPTH || widest(object) > limits::JSON_MEMBERS
}

/// We cut fractions of seconds where they round, and a token of ours expires one second earlier.
fn is_on_the_edge(claims: &Map<String, Value>, now: u64) -> bool {
    let dates = ["exp", "nbf"].into_iter().filter_map(|name| claims.get(name)?.as_f64());
    dates.into_iter().any(|date| (date - now as f64).abs() <= LEEWAY as f64 + 2.0)
}
