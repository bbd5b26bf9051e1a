//! What a policy asks of a claim: each question with what passes it, and each way not to.

use jeton::{Claims, Policy, Verifier, VerifyError};
use serde_json::{Value, json};

use VerifyError::{ClaimMissing, ClaimMistyped, ClaimRefused};

use crate::given;
use crate::given::{NOW, at};

/// A policy that asks for nothing.
fn any() -> Policy {
    Policy::signature_and_time_only()
}

/// What becomes of these claims, under a signature that is good.
fn refusal(policy: &Policy, claims: &Value) -> Option<VerifyError> {
    let key = given::key(jeton::Algorithm::Hs256);
    let token = given::token(&key, claims);
    Verifier::new(given::keys(&key), policy.clone()).verify::<Claims>(&token, NOW).err()
}

/// What becomes of a token without other claims.
fn verdict(policy: &Policy, claim: &str, value: &Value) -> Option<VerifyError> {
    refusal(policy, &json!({ claim: value }))
}

/// V17, V18: texts, compared whole; for `aud` also in an array.
#[test]
fn registered_claims_are_compared_as_texts() {
    let one_of = [
        ("iss", any().with_issuer("a")),
        ("iss", any().with_any_issuer(["b", "a", "c"])),
        ("sub", any().with_subject("a")),
        ("jti", any().with_token_id("a")),
        ("nonce", any().with_nonce("a")),
        ("aud", any().with_audience("a")),
        ("aud", any().with_any_audience(["b", "a", "c"])),
        ("aud", any().with_all_audiences(["a"])),
        ("aud", any().with_all_audiences(["a", "a"])),
    ];
    for (claim, policy) in one_of {
        assert_eq!(verdict(&policy, claim, &json!("a")), None, "{policy:?}");
        assert_eq!(verdict(&policy, "x", &json!("a")), Some(ClaimMissing(claim)), "{policy:?}");
        for wrong in ["", "A", "a ", " a", "aa", "a\0", "b c", "\u{430}"] {
            let refused = verdict(&policy, claim, &json!(wrong));
            assert_eq!(refused, Some(ClaimRefused(claim)), "{wrong:?}: {policy:?}");
        }
        for mistyped in [json!(null), json!(true), json!(1), json!({ "a": "a" }), json!([["a"]])] {
            let refused = verdict(&policy, claim, &mistyped);
            assert_eq!(refused, Some(ClaimMistyped(claim)), "{mistyped}: {policy:?}");
        }
        let (listed, empty) = if claim == "aud" {
            (None, Some(ClaimRefused("aud")))
        } else {
            (Some(ClaimMistyped(claim)), Some(ClaimMistyped(claim)))
        };
        assert_eq!(verdict(&policy, claim, &json!(["x", "a"])), listed, "{policy:?}");
        assert_eq!(verdict(&policy, claim, &json!([])), empty, "{policy:?}");
    }
}

/// V18: any of them, or all.
#[test]
fn audiences_are_asked_for_one_or_all() {
    let refused = Some(ClaimRefused("aud"));
    let mistyped = Some(ClaimMistyped("aud"));
    let cases = [
        // `aud`, any of "a" and "b", all of them
        (json!("a"), None, refused),
        (json!("c"), refused, refused),
        (json!(["a"]), None, refused),
        (json!(["c", "b"]), None, refused),
        (json!(["a", "b"]), None, None),
        (json!(["b", "c", "a"]), None, None),
        (json!(["a", "a"]), None, refused),
        (json!(["a b"]), refused, refused),
        (json!(["a", "b", 1]), mistyped, mistyped),
        (json!(["a", "b", ["a"]]), mistyped, mistyped),
    ];
    for (aud, any_of, all_of) in cases {
        assert_eq!(verdict(&any().with_any_audience(["a", "b"]), "aud", &aud), any_of, "{aud}");
        assert_eq!(verdict(&any().with_all_audiences(["a", "b"]), "aud", &aud), all_of, "{aud}");
    }
}

/// A list that came out empty, from a configuration say, lets nobody in.
#[test]
fn a_policy_that_accepts_none_accepts_none() {
    let none: [&str; 0] = [];
    for aud in [json!("a"), json!(["a", "b"]), json!([]), json!("")] {
        for policy in [any().with_any_audience(none), any().with_all_audiences(none)] {
            assert_eq!(verdict(&policy, "aud", &aud), Some(ClaimRefused("aud")), "{aud}");
        }
    }
    assert_eq!(
        verdict(&any().with_any_issuer(none), "iss", &json!("a")),
        Some(ClaimRefused("iss"))
    );
}

/// There, there and not null, null.
#[test]
fn presence_and_null_are_three_questions() {
    let refused = Some(ClaimRefused("x"));
    let mistyped = Some(ClaimMistyped("x"));
    let policies = [any().with_present("x"), any().with_required("x"), any().with_null("x")];
    for (value, expected) in [
        (json!(null), [None, refused, None]),
        (json!(""), [None, None, mistyped]),
        (json!(0), [None, None, mistyped]),
        (json!(false), [None, None, mistyped]),
        (json!([]), [None, None, mistyped]),
        (json!({}), [None, None, mistyped]),
        (json!("null"), [None, None, mistyped]),
    ] {
        let verdicts = policies.each_ref().map(|policy| verdict(policy, "x", &value));

        assert_eq!(verdicts, expected, "{value}");
    }
    for policy in policies {
        assert_eq!(verdict(&policy, "X", &json!(1)), Some(ClaimMissing("x")));
    }
}

/// Equal as JSON; numbers by their value, however they are spelled.
#[test]
fn a_claim_equals_a_value() {
    let (no, mistyped) = (Some(ClaimRefused("x")), Some(ClaimMistyped("x")));
    let cases = [
        (json!(true), json!(true), None),
        (json!(true), json!(false), no),
        (json!(true), json!(1), mistyped),
        (json!(true), json!("true"), mistyped),
        (json!(false), json!(null), mistyped),
        (json!("a"), json!("a"), None),
        (json!("a"), json!("A"), no),
        (json!("1"), json!(1), mistyped),
        (json!("a"), json!(["a"]), mistyped),
        (json!(1), json!(1.0), None),
        (json!(1.0), json!(1), None),
        (json!(-1), json!(-1.0), None),
        (json!(0), json!(-0.0), None),
        (json!(1), json!(1.5), no),
        (json!(1), json!(-1), no),
        (json!(0.1), json!(0.1), None),
        (json!(0.1), json!(0.2), no),
        (json!(u64::MAX), json!(u64::MAX), None),
        (json!(u64::MAX), json!(-1), no),
        (json!(u64::MAX), json!(u64::MAX - 1), no),
        (json!((1_u64 << 53) + 1), json!(9_007_199_254_740_992.0), no),
        (json!(9_007_199_254_740_992.0), json!((1_u64 << 53) + 1), no),
        (json!(u64::MAX), json!(18_446_744_073_709_551_616.0), no),
        (json!(i64::MIN), json!(-9_223_372_036_854_775_808.0), None),
        (json!(1e300), json!(1e300), None),
        (json!(1), json!("1"), mistyped),
        (json!([1, 2]), json!([1.0, 2]), None),
        (json!([1, 2]), json!([2, 1]), no),
        (json!([1, 2]), json!([1]), no),
        (json!([1]), json!([1, 2]), no),
        (json!([1, true]), json!([1, 1]), no),
        (json!([]), json!([]), None),
        (json!([]), json!({}), mistyped),
        (json!({ "a": 1, "b": [{}] }), json!({ "b": [{}], "a": 1.0 }), None),
        (json!({ "a": 1 }), json!({ "a": 1, "b": 2 }), no),
        (json!({ "a": 1, "b": 2 }), json!({ "a": 1 }), no),
        (json!({ "a": 1 }), json!({ "b": 1 }), no),
        (json!({ "a": null }), json!({ "b": null }), no),
        (json!({ "a": {} }), json!({ "a": [] }), no),
        (json!(null), json!(null), None),
    ];
    for (expected, value, refused) in cases {
        let policy = any().with_claim("x", expected.clone());

        assert_eq!(verdict(&policy, "x", &value), refused, "{expected} and {value}");
        assert_eq!(verdict(&policy, "y", &value), Some(ClaimMissing("x")), "{expected}");
    }
}

/// All of them, in any order; a single value is an array of one.
#[test]
fn a_claim_contains_values() {
    let no = Some(ClaimRefused("x"));
    let both = || any().with_claim_containing("x", [json!("a"), json!(1)]);
    let one = || any().with_claim_containing("x", ["a"]);
    let cases = [
        (json!(["a", 1]), None, None),
        (json!([1.0, null, "a", "a"]), None, None),
        (json!(["a"]), no, None),
        (json!("a"), no, None),
        (json!("a 1"), no, no),
        (json!(["a 1"]), no, no),
        (json!([["a", 1]]), no, no),
        (json!({ "a": 1 }), no, no),
        (json!([]), no, no),
        (json!(null), no, no),
        (json!(1), no, no),
    ];
    for (value, of_both, of_one) in cases {
        assert_eq!(verdict(&both(), "x", &value), of_both, "{value}");
        assert_eq!(verdict(&one(), "x", &value), of_one, "{value}");
    }
    assert_eq!(verdict(&one(), "y", &json!("a")), Some(ClaimMissing("x")));
    let object = any().with_claim_containing("x", [json!({ "a": 1 })]);
    assert_eq!(verdict(&object, "x", &json!([{ "a": 1.0 }])), None);
}

/// Asked only of a claim that is there, with its value, `null` too.
#[test]
fn a_claim_fits_what_the_caller_says() {
    let policy = any().with_claim_where("x", |x| x.is_null() || x.as_u64() >= Some(3));
    for (value, refused) in [
        (json!(3), None),
        (json!(null), None),
        (json!(2), Some(ClaimRefused("x"))),
        (json!("3"), Some(ClaimRefused("x"))),
        (json!([3]), Some(ClaimRefused("x"))),
    ] {
        assert_eq!(verdict(&policy, "x", &value), refused, "{value}");
    }
    let never_asked = any().with_claim_where("x", |_| panic!("asked of an absent claim"));
    assert_eq!(verdict(&never_asked, "y", &json!(1)), Some(ClaimMissing("x")));
}

/// Every call adds a question, and none takes one back.
#[test]
fn questions_about_one_claim_add_up() {
    let policy = any()
        .with_claim_where("x", |x| x.as_u64() > Some(2))
        .with_claim_where("x", |x| x.as_u64() < Some(5) && !x.is_null());
    for (value, is_accepted) in [(2, false), (3, true), (4, true), (5, false)] {
        assert_eq!(verdict(&policy, "x", &json!(value)).is_none(), is_accepted, "{value}");
    }

    let contradictions = [
        ("iss", any().with_issuer("a").with_issuer("b"), json!("a"), json!("b")),
        ("iss", any().with_issuer("a").with_any_issuer(["b", "c"]), json!("a"), json!("b")),
        ("sub", any().with_subject("a").with_subject("b"), json!("a"), json!("b")),
        ("x", any().with_claim("x", 1).with_claim("x", 2), json!(1), json!(2)),
        ("x", any().with_null("x").with_required("x"), json!(null), json!(1)),
    ];
    for (claim, policy, one, other) in contradictions {
        for value in [one, other] {
            assert!(verdict(&policy, claim, &value).is_some(), "{claim}: {value}");
        }
    }

    let both = any().with_audience("a").with_audience("b");
    assert_eq!(verdict(&both, "aud", &json!("a")), Some(ClaimRefused("aud")));
    assert_eq!(verdict(&both, "aud", &json!(["a", "b"])), None);
}

/// RFC 7519 section 4.1.3: a token for somebody is not for whoever did not say who they are.
#[test]
fn an_audience_that_nobody_asked_about_is_refused() {
    let refused = Some(ClaimRefused("aud"));
    for aud in [json!("a"), json!(["a"]), json!([]), json!(""), json!(null), json!(1)] {
        assert_eq!(verdict(&Policy::jwt(), "aud", &aud), refused, "{aud}");
        assert_eq!(verdict(&any(), "aud", &aud), None, "{aud}");
    }
    assert_eq!(refusal(&Policy::jwt(), &json!({ "AUD": "a", "audience": "a" })), None);
    for policy in
        [Policy::jwt().with_audience("a"), Policy::jwt().with_claim_where("aud", |_| true)]
    {
        assert_eq!(verdict(&policy, "aud", &json!("a")), None, "{policy:?}");
    }
    for policy in [
        Policy::jwt().with_present("aud"),
        Policy::jwt().with_required("aud"),
        Policy::jwt().with_claim_containing("aud", [] as [&str; 0]),
    ] {
        assert_eq!(verdict(&policy, "aud", &json!("a")), refused, "{policy:?}");
    }
}

/// The claims in the order in which they were asked for, then the audience that nobody asked
/// about, then the times.
#[test]
fn the_first_question_that_fails_is_named() {
    let policy = Policy::jwt().with_required("b").with_required("a").with_issuer("i");
    let wrong = json!({
        "a": null, "b": null, "iss": "x", "aud": "x", "iat": "x", "exp": 1, "nbf": at(99),
    });
    let repairs = [
        ("b", json!(1), ClaimRefused("b")),
        ("a", json!(1), ClaimRefused("a")),
        ("iss", json!("i"), ClaimRefused("iss")),
        ("aud", Value::Null, ClaimRefused("aud")),
        ("iat", json!(1), ClaimMistyped("iat")),
        ("exp", json!(at(99)), VerifyError::Expired),
        ("nbf", json!(1), VerifyError::NotYetValid),
    ];
    let mut claims = wrong;
    for (claim, right, refused) in repairs {
        assert_eq!(refusal(&policy, &claims), Some(refused));
        claims[claim] = right;
        if claim == "aud" {
            claims.as_object_mut().unwrap().remove("aud");
        }
    }
    assert_eq!(refusal(&policy, &claims), None);
}
