//! When a token is good, to the second.

use std::time::Duration;

use jeton::{Algorithm, Policy, SigningKey, Timestamp, Verifier, VerifyError, limits};
use serde_json::{Value, json};

use crate::given;
use crate::given::{NOW, at};
use crate::pen::Pen;

/// Leeway of [`given::policy`].
const LEEWAY: i64 = 30;

fn verdict(
    key: &SigningKey,
    policy: Policy,
    claims: &Value,
    now: Timestamp,
) -> Option<VerifyError> {
    let verifier = Verifier::new(given::keys(key), policy);
    verifier.verify_access_token(&given::token(key, claims), now).err()
}

/// V23: expired when `now >= exp + leeway`, too early when `now + leeway < nbf` or `< iat`.
#[test]
fn each_date_has_its_second() {
    use VerifyError::{ClaimRefused, Expired, NotYetValid};

    let cases = [
        ("exp", -LEEWAY - 1, Some(Expired)),
        ("exp", -LEEWAY, Some(Expired)),
        ("exp", -LEEWAY + 1, None),
        ("exp", 0, None),
        ("nbf", LEEWAY - 1, None),
        ("nbf", LEEWAY, None),
        ("nbf", LEEWAY + 1, Some(NotYetValid)),
        ("iat", LEEWAY - 1, None),
        ("iat", LEEWAY, None),
        ("iat", LEEWAY + 1, Some(ClaimRefused("iat"))),
    ];
    let key = given::key(Algorithm::Hs256);
    for (claim, offset, refusal) in cases {
        let claims = given::claims_with(claim, json!(at(offset)));

        let refused = verdict(&key, given::policy(), &claims, NOW);

        assert_eq!(refused, refusal, "{claim} at {offset}");
    }
}

/// V23: without leeway the token dies in the very second of its `exp`.
#[test]
fn no_leeway_is_exact() {
    use VerifyError::{ClaimRefused, Expired, NotYetValid};

    let cases = [
        ("exp", -1, Some(Expired)),
        ("exp", 0, Some(Expired)),
        ("exp", 1, None),
        ("nbf", -1, None),
        ("nbf", 0, None),
        ("nbf", 1, Some(NotYetValid)),
        ("iat", 0, None),
        ("iat", 1, Some(ClaimRefused("iat"))),
    ];
    let key = given::key(Algorithm::Hs256);
    for (claim, offset, refusal) in cases {
        let policy = given::policy().with_leeway(Duration::ZERO);
        let claims = given::claims_with(claim, json!(at(offset)));

        let refused = verdict(&key, policy, &claims, NOW);

        assert_eq!(refused, refusal, "{claim} at {offset}");
    }
}

/// V23: leeway is at most a minute, whatever is asked for.
#[test]
fn more_leeway_than_a_minute_is_a_minute() {
    let key = given::key(Algorithm::Hs256);
    let minute = i64::try_from(limits::LEEWAY).unwrap();
    let policy = given::policy().with_leeway(Duration::MAX);

    let inside =
        verdict(&key, policy.clone(), &given::claims_with("exp", json!(at(1 - minute))), NOW);
    let outside = verdict(&key, policy, &given::claims_with("exp", json!(at(-minute))), NOW);

    assert_eq!(inside, None);
    assert_eq!(outside, Some(VerifyError::Expired));
}

/// V23: a token that lives longer than the policy allows may outlive its revocation.
#[test]
fn a_life_over_the_longest_is_refused() {
    let hour = 3600;
    let refused = Some(VerifyError::ClaimRefused("exp"));
    let cases = [(hour - 1, None), (hour, None), (hour + 1, refused), (hour * 24 * 365, refused)];
    let key = given::key(Algorithm::Hs256);
    for (life, refusal) in cases {
        let mut claims = given::claims_with("iat", json!(at(-100)));
        claims["exp"] = json!(at(-100 + life));

        assert_eq!(verdict(&key, given::policy(), &claims, NOW), refusal, "{life} s");
    }
}

/// V22, A1: a date of another type is refused, not taken for absent, under every policy.
#[test]
fn a_date_that_is_no_number_is_mistyped() {
    let key = given::key(Algorithm::Hs256);
    let values = [
        json!("9999999999"),
        json!("never"),
        json!(""),
        json!(true),
        Value::Null,
        json!([1_800_000_500]),
        json!({}),
        json!(-1),
        json!(-0.5),
        json!(1_u64 << 63),
        json!(u64::MAX),
        json!(1e300),
    ];
    for claim in ["exp", "nbf", "iat"] {
        for value in &values {
            let claims = given::claims_with(claim, value.clone());
            for policy in [given::policy(), Policy::signature_and_time_only()] {
                let refused = verdict(&key, policy, &claims, NOW);

                let mistyped = Some(VerifyError::ClaimMistyped(claim));
                assert_eq!(refused, mistyped, "{claim}: {value}");
            }
        }
    }
}

/// V22: every way to write a number, read alike; a fraction of a second is cut.
#[test]
fn a_date_may_be_any_number_in_range() {
    let cases = [
        ("1800000500", Ok(1_800_000_500)),
        ("1800000500.0", Ok(1_800_000_500)),
        ("1800000500.999", Ok(1_800_000_500)),
        ("18000005e2", Ok(1_800_000_500)),
        ("0", Err(VerifyError::Expired)),
        ("-0.0", Err(VerifyError::Expired)),
        ("1e-400", Err(VerifyError::Expired)),
        ("9007199254740992", Ok(1 << 53)),
        ("9007199254740993", Ok((1 << 53) + 1)),
        ("9223372036854775807", Ok((1 << 63) - 1)),
        ("9223372036854775808", Err(VerifyError::ClaimMistyped("exp"))),
        ("9007199254740994.0", Err(VerifyError::ClaimMistyped("exp"))),
        ("1e400", Err(VerifyError::Malformed)),
    ];
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = Verifier::new(given::keys(pen.key()), Policy::signature_and_time_only());
    for (number, expected) in cases {
        let token = pen.write(pen.header().to_string(), format!(r#"{{"exp":{number}}}"#));

        let read = verifier
            .verify::<jeton::Claims>(&token, NOW)
            .and_then(|claims| claims.timestamp("exp"));

        assert_eq!(read, expected.map(|secs| Some(Timestamp::from_secs(secs))), "{number}");
    }
}

/// V23: nothing overflows at either end of time.
#[test]
fn the_ends_of_time_are_ordinary_moments() {
    let key = given::key(Algorithm::Hs256);
    let (first, last) = (Timestamp::from_secs(0), Timestamp::from_secs(u64::MAX));
    let mut claims = given::claims_with("iat", json!(first));
    claims["exp"] = json!(10);

    assert_eq!(verdict(&key, given::policy(), &claims, first), None);
    assert_eq!(verdict(&key, given::policy(), &claims, last), Some(VerifyError::Expired));
    assert_eq!(
        verdict(&key, given::policy(), &given::claims(), first),
        Some(VerifyError::ClaimRefused("iat"))
    );
}
