//! Which claims are accepted; absent, mistyped and wrong are three refusals.

use jeton::{Algorithm, Policy, SigningKey, Verifier, VerifyError};
use serde_json::{Value, json};

use crate::given;
use crate::given::{AUDIENCE, ISSUER, NOW, at};

/// What becomes of a token with this one claim changed.
fn refusal(key: &SigningKey, claim: &str, value: &Value) -> VerifyError {
    let token = given::token(key, &given::claims_with(claim, value.clone()));
    given::verifier(key).verify_access_token(&token, NOW).unwrap_err()
}

/// V17, A21: byte by byte, and one.
#[test]
fn an_issuer_is_compared_whole() {
    let wrong = VerifyError::ClaimRefused("iss");
    let mistyped = VerifyError::ClaimMistyped("iss");
    let cases = [
        (json!("https://evil.example"), wrong),
        (json!("https://login.example.evil.example"), wrong),
        (json!("https://login"), wrong),
        (json!("https://login.example/"), wrong),
        (json!("https://LOGIN.example"), wrong),
        (json!("http://login.example"), wrong),
        (json!(" https://login.example"), wrong),
        (json!("https://login.example\0"), wrong),
        (json!(""), wrong),
        (json!([ISSUER]), mistyped),
        (json!({ ISSUER: true }), mistyped),
        (json!(1), mistyped),
        (Value::Null, mistyped),
    ];
    let key = given::key(Algorithm::Hs256);
    for (value, refused) in cases {
        assert_eq!(refusal(&key, "iss", &value), refused, "{value}");
    }
}

/// V18, A15: byte by byte, among strings.
#[test]
fn an_audience_that_does_not_contain_ours_is_refused() {
    let wrong = VerifyError::ClaimRefused("aud");
    let mistyped = VerifyError::ClaimMistyped("aud");
    let cases = [
        (json!("https://other.example"), wrong),
        (json!("https://api"), wrong),
        (json!("https://api.example/"), wrong),
        (json!("https://API.example"), wrong),
        (json!("x https://api.example"), wrong),
        (json!("*"), wrong),
        (json!(""), wrong),
        (json!([]), wrong),
        (json!(["https://other.example", "*"]), wrong),
        (json!([[AUDIENCE]]), mistyped),
        (json!([AUDIENCE, 1]), mistyped),
        (json!([AUDIENCE, null]), mistyped),
        (json!({ AUDIENCE: true }), mistyped),
        (json!(0), mistyped),
        (json!(true), mistyped),
        (Value::Null, mistyped),
    ];
    let key = given::key(Algorithm::Hs256);
    for (value, refused) in cases {
        assert_eq!(refusal(&key, "aud", &value), refused, "{value}");
    }
}

/// V19, V22: a claim that a token may leave out is still refused when it is not what it must be.
#[test]
fn a_claim_of_another_type_or_size_is_refused() {
    use VerifyError::{ClaimMistyped, ClaimRefused};

    let cases = [
        ("sub", json!(""), ClaimRefused("sub")),
        ("sub", json!("x".repeat(257)), ClaimRefused("sub")),
        ("sub", json!(7), ClaimMistyped("sub")),
        ("sub", json!(["alice"]), ClaimMistyped("sub")),
        ("client_id", json!(7), ClaimMistyped("client_id")),
        ("jti", json!(7), ClaimMistyped("jti")),
        ("sid", json!("s-1"), ClaimRefused("sid")),
        ("sid", json!("=".repeat(32)), ClaimRefused("sid")),
        ("sid", json!("A".repeat(33)), ClaimRefused("sid")),
        ("sid", json!("A".repeat(32)), ClaimRefused("sid")), // well-formed, another subject's
        ("sid", json!(7), ClaimMistyped("sid")),
        ("sid", Value::Null, ClaimMistyped("sid")),
        ("ver", json!("9"), ClaimMistyped("ver")),
        ("ver", json!(-1), ClaimMistyped("ver")),
        ("ver", json!(3.5), ClaimMistyped("ver")),
        ("ver", Value::Null, ClaimMistyped("ver")),
        ("scope", json!(["read"]), ClaimMistyped("scope")),
        ("scope", Value::Null, ClaimMistyped("scope")),
        ("amr", json!(["pwd", 2]), ClaimMistyped("amr")),
        ("auth_time", json!("1"), ClaimMistyped("auth_time")),
    ];
    let key = given::key(Algorithm::Hs256);
    for (claim, value, refused) in cases {
        assert_eq!(refusal(&key, claim, &value), refused, "{claim}: {value}");
    }
    let longest = given::claims_of(&"x".repeat(256));
    assert!(given::verifier(&key).verify_access_token(&given::token(&key, &longest), NOW).is_ok());
}

/// V17, V18, V19, V22
#[test]
fn names_each_claim_that_is_missing() {
    let key = given::key(Algorithm::Hs256);
    for claim in ["iss", "sub", "aud", "client_id", "iat", "exp", "jti"] {
        let token = given::token(&key, &given::claims_without(claim));

        let refused = given::verifier(&key).verify_access_token(&token, NOW).unwrap_err();

        assert_eq!(refused, VerifyError::ClaimMissing(claim));
    }
}

/// V18: a string, or an array that contains it.
#[test]
fn accepts_each_form_of_an_audience_that_contains_ours() {
    let key = given::key(Algorithm::Hs256);
    let forms = [
        json!(AUDIENCE),
        json!([AUDIENCE]),
        json!(["https://other.example", AUDIENCE]),
        json!([AUDIENCE, AUDIENCE]),
    ];
    for audience in forms {
        let token = given::token(&key, &given::claims_with("aud", audience.clone()));

        let accepted = given::verifier(&key).verify_access_token(&token, NOW).unwrap();

        assert!(accepted.audience.contains(&AUDIENCE.to_owned()), "{audience}");
    }
}

/// V18, A23: a policy that asks for no audience still reads no access token that names none.
#[test]
fn an_access_token_has_an_audience_under_every_policy() {
    let key = given::key(Algorithm::Hs256);
    let lax = Verifier::new(given::keys(&key), Policy::signature_and_time_only());
    let cases = [
        ("absent", given::claims_without("aud"), VerifyError::ClaimMissing("aud")),
        ("nobody", given::claims_with("aud", json!([])), VerifyError::ClaimRefused("aud")),
        ("a number", given::claims_with("aud", json!(1)), VerifyError::ClaimMistyped("aud")),
    ];
    for (name, claims, refusal) in cases {
        let refused = lax.verify_access_token(&given::token(&key, &claims), NOW).unwrap_err();

        assert_eq!(refused, refusal, "{name}");
    }
}

/// V19, V23: what a token may leave out.
#[test]
fn session_version_and_start_are_optional() {
    let key = given::key(Algorithm::Hs256);
    let mut claims = given::claims_without("sid");
    claims.as_object_mut().unwrap().remove("ver");

    let accepted =
        given::verifier(&key).verify_access_token(&given::token(&key, &claims), NOW).unwrap();

    assert_eq!(accepted.session, None);
    assert_eq!(accepted.version, 0);
    assert_eq!(accepted.not_before, None);
    assert_eq!((accepted.scope, accepted.auth_time, accepted.amr), (None, None, vec![]));
}

/// I3: everything that was signed can be read, that which has no field too.
#[test]
fn every_claim_of_a_token_can_be_read() {
    let key = given::key(Algorithm::Hs256);
    let mut claims = given::claims();
    let rest =
        json!({ "acr": "2", "cnf": { "jkt": "x" }, "act": { "sub": "bob" }, "role": "admin" });
    claims.as_object_mut().unwrap().extend(rest.as_object().unwrap().clone());
    claims["scope"] = json!("read write");
    claims["amr"] = json!(["pwd", "otp"]);
    claims["auth_time"] = json!(at(-200));
    claims["nbf"] = json!(at(-50));

    let read =
        given::verifier(&key).verify_access_token(&given::token(&key, &claims), NOW).unwrap();

    assert_eq!(read.key_id.as_ref(), key.id());
    assert_eq!((read.issuer.as_str(), read.subject.as_str()), (ISSUER, "alice"));
    assert_eq!((read.client_id.as_str(), read.token_id.as_str()), ("web", "t1"));
    assert_eq!((read.issued_at, read.expires_at), (at(-100), at(500)));
    assert_eq!((read.not_before, read.auth_time), (Some(at(-50)), Some(at(-200))));
    assert_eq!((read.session, read.version), (Some(given::session()), 3));
    assert_eq!(read.scope.as_deref(), Some("read write"));
    assert_eq!(read.amr, ["pwd", "otp"]);
    assert_eq!(Value::Object(read.other), rest);
}
