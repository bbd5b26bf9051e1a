//! Ages, leeways and fractions: what a policy asks of times beyond the defaults.

use std::time::Duration;

use jeton::{Algorithm, Claims, Policy, SigningKey, Timestamp, Verifier, VerifyError};
use serde_json::{Value, json};

use VerifyError::{ClaimMissing, ClaimMistyped, ClaimRefused, Expired, NotYetValid};

use crate::given;
use crate::given::{NOW, at};
use crate::pen::Pen;

fn any() -> Policy {
    Policy::signature_and_time_only().with_leeway(Duration::ZERO)
}

const fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn verdict_at(policy: &Policy, claims: &Value, now: Timestamp) -> Option<VerifyError> {
    let key: SigningKey = given::key(Algorithm::Hs256);
    let token = given::token(&key, claims);
    Verifier::new(given::keys(&key), policy.clone()).verify::<Claims>(&token, now).err()
}

fn verdict(policy: &Policy, claims: &Value) -> Option<VerifyError> {
    verdict_at(policy, claims, NOW)
}

/// Whatever `exp` says, a token is too old a second after its greatest age.
#[test]
fn a_token_is_refused_past_its_greatest_age() {
    let policy = any().with_max_age(secs(100));
    let cases = [
        (json!({ "iat": at(-99) }), None),
        (json!({ "iat": at(-100) }), None),
        (json!({ "iat": at(-101) }), Some(Expired)),
        (json!({ "iat": at(-101), "exp": at(500) }), Some(Expired)),
        (json!({ "iat": at(-99), "exp": at(0) }), Some(Expired)),
        (json!({ "iat": at(0) }), None),
        (json!({ "iat": at(1) }), Some(ClaimRefused("iat"))),
        (json!({ "exp": at(500) }), Some(ClaimMissing("iat"))),
        (json!({}), Some(ClaimMissing("iat"))),
        (json!({ "iat": null }), Some(ClaimMistyped("iat"))),
        (json!({ "iat": NOW.to_string() }), Some(ClaimMistyped("iat"))),
        (json!({ "iat": 0 }), Some(Expired)),
    ];
    for (claims, refused) in cases {
        assert_eq!(verdict(&policy, &claims), refused, "{claims}");
    }

    let lenient = policy.with_issue_leeway(secs(10));
    for (iat, refused) in
        [(-110, None), (-111, Some(Expired)), (10, None), (11, Some(ClaimRefused("iat")))]
    {
        assert_eq!(verdict(&lenient, &json!({ "iat": at(iat) })), refused, "{iat} with leeway");
    }
    let eternal = any().with_max_age(Duration::MAX).with_issue_leeway(secs(60));
    assert_eq!(verdict_at(&eternal, &json!({ "iat": 0 }), Timestamp::from_secs(u64::MAX)), None);
}

/// V23: a life is measured between `iat` and `exp`, without leeway, and both are asked for.
#[test]
fn a_longest_life_asks_for_both_its_ends() {
    let policy = Policy::signature_and_time_only().with_longest_life(secs(100));
    let cases = [
        (json!({ "iat": at(-50), "exp": at(50) }), None),
        (json!({ "iat": at(-50), "exp": at(51) }), Some(ClaimRefused("exp"))),
        (json!({ "iat": at(30), "exp": at(130) }), None),
        (json!({ "iat": at(31), "exp": at(131) }), Some(ClaimRefused("iat"))),
        (json!({ "iat": at(20), "exp": at(10) }), None),
        (json!({ "exp": at(50) }), Some(ClaimMissing("iat"))),
        (json!({ "iat": at(-50) }), Some(ClaimMissing("exp"))),
        (json!({ "iat": at(-50), "exp": null }), Some(ClaimMistyped("exp"))),
        (json!({ "iat": [], "exp": at(50) }), Some(ClaimMistyped("iat"))),
    ];
    for (claims, refused) in cases {
        assert_eq!(verdict(&policy, &claims), refused, "{claims}");
    }
    let over = verdict(&policy.ignore_expiry(), &json!({ "iat": at(-500), "exp": at(-399) }));
    assert_eq!(over, Some(ClaimRefused("exp")), "of a token that has expired, too");
}

/// `iat` in the future is nobody's business until it is asked about; then it may be absent.
#[test]
fn a_token_from_the_future_is_refused_on_request() {
    let refusing = any().refuse_future_issue();
    for (claims, refused) in [
        (json!({ "iat": at(-1) }), None),
        (json!({ "iat": at(0) }), None),
        (json!({ "iat": at(1) }), Some(ClaimRefused("iat"))),
        (json!({}), None),
    ] {
        assert_eq!(verdict(&any(), &claims), None, "{claims}");
        assert_eq!(verdict(&refusing, &claims), refused, "{claims}");
    }
}

type With = fn(Policy, Duration) -> Policy;

/// V23: each time has a leeway of its own, of a minute at most, and no other time profits.
#[test]
fn each_time_has_its_own_leeway() {
    let base = || any().refuse_future_issue();
    let times: [(&str, With, i64, VerifyError); 3] = [
        ("exp", Policy::with_expiry_leeway, -1, Expired),
        ("nbf", Policy::with_not_before_leeway, 1, NotYetValid),
        ("iat", Policy::with_issue_leeway, 1, ClaimRefused("iat")),
    ];
    for (claim, with_leeway, side, refused) in times {
        for (asked, granted) in [
            (Duration::ZERO, 0),
            (Duration::from_millis(999), 0),
            (secs(1), 1),
            (secs(59), 59),
            (secs(60), 60),
            (secs(61), 60),
            (secs(3_600), 60),
            (Duration::MAX, 60),
        ] {
            // The last second that passes: `exp` is over when it comes, the others begin.
            let last = if claim == "exp" { 1 - granted } else { granted };
            let policy = with_leeway(base(), asked);
            let of = |offset| json!({ claim: at(offset) });

            assert_eq!(verdict(&policy, &of(last)), None, "{claim} at {last}, {asked:?}");
            let beyond = verdict(&policy, &of(last + side));
            assert_eq!(beyond, Some(refused), "{claim} beyond {last}, {asked:?}");
            for (other, _, other_side, other_refused) in times.iter().filter(|t| t.0 != claim) {
                let others = verdict(&policy, &json!({ *other: at(*other_side) }));
                assert_eq!(others, Some(*other_refused), "{other} profits from {claim}");
            }
        }
    }
}

/// The last word counts for all three.
#[test]
fn a_common_leeway_is_everyones() {
    let policy = any().refuse_future_issue().with_expiry_leeway(secs(7)).with_leeway(secs(3));
    for (claims, refused) in [
        (json!({ "exp": at(-2), "nbf": at(3), "iat": at(3) }), None),
        (json!({ "exp": at(-3) }), Some(Expired)),
        (json!({ "nbf": at(4) }), Some(NotYetValid)),
        (json!({ "iat": at(4) }), Some(ClaimRefused("iat"))),
    ] {
        assert_eq!(verdict(&policy, &claims), refused, "{claims}");
    }
}

/// What is ignored is only that: the other times count, and a time of the wrong type does.
#[test]
fn an_ignored_time_must_still_be_one() {
    let without_exp = any().ignore_expiry();
    let without_nbf = any().ignore_not_before();
    for (claims, no_exp, no_nbf) in [
        (json!({ "exp": at(-1) }), None, Some(Expired)),
        (json!({ "nbf": at(1) }), Some(NotYetValid), None),
        (json!({ "exp": 0, "nbf": at(1) }), Some(NotYetValid), Some(Expired)),
        (json!({ "exp": "0" }), Some(ClaimMistyped("exp")), Some(ClaimMistyped("exp"))),
        (json!({ "nbf": null }), Some(ClaimMistyped("nbf")), Some(ClaimMistyped("nbf"))),
        (json!({}), None, None),
    ] {
        assert_eq!(verdict(&without_exp, &claims), no_exp, "{claims}");
        assert_eq!(verdict(&without_nbf, &claims), no_nbf, "{claims}");
    }
    let neither = any().ignore_expiry().ignore_not_before().with_max_age(secs(100));
    assert_eq!(verdict(&neither, &json!({ "exp": 0, "nbf": at(1), "iat": at(-9) })), None);
    assert_eq!(verdict(&neither, &json!({ "iat": at(-101) })), Some(Expired));
}

/// V22, V23: a fraction of a second is never the token's: `exp` is rounded down, `nbf` up.
#[test]
fn fractions_count_against_the_token() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = Verifier::new(given::keys(pen.key()), any().refuse_future_issue());
    let cases = [
        ("exp", "1800000000.999", Some(Expired)),
        ("exp", "1800000001.0", None),
        ("exp", "1800000001.001", None),
        ("exp", "18000000009999e-4", Some(Expired)),
        ("nbf", "1800000000", None),
        ("nbf", "1800000000.0", None),
        ("nbf", "1800000000.001", Some(NotYetValid)),
        ("nbf", "1799999999.001", None),
        ("nbf", "1.8e9", None),
        ("nbf", "18000000001e-1", Some(NotYetValid)),
        ("iat", "1800000000.999", None),
        ("iat", "1800000001.0", Some(ClaimRefused("iat"))),
        ("nbf", "-0.0", None),
        ("nbf", "-1e-9", Some(ClaimMistyped("nbf"))),
        ("nbf", "9007199254740993.0", Some(NotYetValid)),
        ("nbf", "9007199254740994.0", Some(ClaimMistyped("nbf"))),
        ("nbf", "9223372036854775807", Some(NotYetValid)),
        ("nbf", "9223372036854775808", Some(ClaimMistyped("nbf"))),
        ("exp", "1e308", Some(ClaimMistyped("exp"))),
    ];
    for (claim, number, refused) in cases {
        let token = pen.write(pen.header().to_string(), format!(r#"{{"{claim}":{number}}}"#));

        let verdict = verifier.verify::<Claims>(&token, NOW).err();

        assert_eq!(verdict, refused, "{claim}: {number}");
    }
}
