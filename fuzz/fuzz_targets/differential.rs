//! Tokens against `jsonwebtoken`: with the same key and the same demands both accept the same
//! tokens and read the same claims, but for differences that are on purpose.
//!
//! The input is a header, a line feed and claims; both are signed.

#![no_main]

use std::time::Duration;

use jeton::{Policy, Timestamp, base64url, limits};
use jeton_fuzz::given::{SECRET, verifier};
use jeton_fuzz::second_parser::{depth, has_duplicates, object, widest};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Validation, crypto};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

const AUDIENCE: &str = "api";
const LEEWAY: u64 = 30;
/// Beyond this not every integer is a JSON number.
const LAST_DATE: f64 = 9_007_199_254_740_992.0;

fuzz_target!(|data: &[u8]| {
    let Some(line) = data.iter().position(|letter| *letter == b'\n') else { return };
    let (header, claims) = (&data[..line], &data[line + 1..]);
    let input = format!("{}.{}", base64url::encode(header), base64url::encode(claims));
    let key = EncodingKey::from_secret(SECRET);
    let signature = crypto::sign(input.as_bytes(), &key, Algorithm::HS256).expect("HMAC");
    let token = format!("{input}.{signature}");

    // The clock of the other library cannot be set, so ours follows it.
    let now = jsonwebtoken::get_current_timestamp();
    let ours = ours(&token, now);
    let theirs = theirs(&token);

    if ours != theirs {
        let on_purpose = match (object(header), object(claims)) {
            (Some(header_read), Some(claims_read)) => {
                token.len() > limits::TOKEN
                    || header.len() > limits::HEADER
                    || header_on_purpose(header, &header_read)
                    || claims_on_purpose(claims, &claims_read, now)
            }
            // Neither may accept what serde_json refuses.
            _ => false,
        };
        assert!(on_purpose, "ours: {ours:?}, theirs: {theirs:?}");
    }
});

fn ours(token: &str, now: u64) -> Option<Map<String, Value>> {
    let policy = Policy::signature_and_time_only()
        .with_audience(AUDIENCE)
        .with_leeway(Duration::from_secs(LEEWAY));
    let claims = verifier(policy).verify_claims(token, Timestamp::from_secs(now)).ok()?;
    Some(claims.members().clone())
}

fn theirs(token: &str) -> Option<Map<String, Value>> {
    let mut validation = Validation::new(Algorithm::HS256);
    validation.leeway = LEEWAY;
    validation.validate_nbf = true;
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["aud"]);
    let key = DecodingKey::from_secret(SECRET);
    jsonwebtoken::decode(token, &key, &validation).ok().map(|decoded| decoded.claims)
}

/// We refuse duplicates, what goes beyond our limits, `crit`, `b64`, `zip`, nested tokens and a
/// `kid` with control characters; they read more parameters than we do and refuse those of another
/// type, but take `null` for absent.
fn header_on_purpose(text: &[u8], header: &Map<String, Value>) -> bool {
    let plain = |(name, value): (&String, &Value)| {
        matches!(name.as_str(), "alg" | "typ") && value.is_string()
    };
    !header.iter().all(plain) || has_duplicates(text, header)
}

/// We refuse duplicates, what goes beyond our limits, an `iat` of another type and dates beyond
/// 2^53; we cut fractions of seconds where they round, and a token expires one second earlier.
fn claims_on_purpose(text: &[u8], claims: &Map<String, Value>, now: u64) -> bool {
    let date = |name: &str| claims.get(name).and_then(Value::as_f64);
    let is_date = |date: f64| (0.0..=LAST_DATE).contains(&date);
    let is_near = |date: f64| (date - now as f64).abs() <= LEEWAY as f64 + 2.0;
    has_duplicates(text, claims)
        || depth(claims) > limits::JSON_DEPTH
        || widest(claims) > limits::JSON_MEMBERS
        || ["exp", "nbf"].into_iter().filter_map(date).any(|date| date > LAST_DATE || is_near(date))
        || claims.contains_key("iat") && !date("iat").is_some_and(is_date)
}
