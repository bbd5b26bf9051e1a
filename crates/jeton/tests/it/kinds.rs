//! A token of one kind is never taken for one of another.

use std::time::Duration;

use jeton::{
    Algorithm, KeyId, KeySet, Policy, SecretKey, Signer, SigningKey, Verifier, VerifyError,
};
use serde_json::{Value, json};

use crate::given;
use crate::given::{ISSUER, NOW, at};
use crate::pen::Pen;

/// V20, A25: every kind × every verifier; only the diagonal accepts.
#[test]
fn a_verifier_of_one_kind_accepts_no_other() {
    let kinds =
        ["at+jwt", "rt+jwt", "dpop+jwt", "statuslist+jwt", "token-introspection+jwt", "JWT", ""];
    let key = given::key(Algorithm::Hs256);
    for of_token in kinds {
        let token = Signer::new(key.clone()).sign(of_token, &given::claims()).unwrap();
        for asked in kinds {
            let policy = Policy::signature_and_time_only().with_type(asked);

            let verdict =
                Verifier::new(given::keys(&key), policy).verify::<jeton::Claims>(&token, NOW);

            let expected = if asked == of_token { Ok(()) } else { Err(VerifyError::WrongType) };
            assert_eq!(verdict.map(|_| ()), expected, "{of_token} for {asked}");
        }
    }
}

/// V20, RFC 9068 section 4: `at+jwt` as a media type, and nothing like it.
#[test]
fn an_access_token_says_that_it_is_one() {
    use VerifyError::WrongType;

    let cases = [
        ("at+jwt", None),
        ("AT+JWT", None),
        ("application/at+jwt", None),
        ("Application/At+Jwt", None),
        ("JWT", Some(WrongType)),
        ("application/jwt", Some(WrongType)),
        ("at+jwt ", Some(WrongType)),
        ("at", Some(WrongType)),
        ("xat+jwt", Some(WrongType)),
        ("text/at+jwt", Some(WrongType)),
        ("application/application/at+jwt", Some(WrongType)),
    ];
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    for (typ, refusal) in cases {
        let mut header = pen.header();
        header["typ"] = json!(typ);

        let refused = verifier.verify_access_token(&pen.write_under(&header), NOW).err();

        assert_eq!(refused, refusal, "{typ}");
    }

    let untyped = pen.write_under(&json!({ "alg": "HS256", "kid": "k1" }));
    assert_eq!(verifier.verify_access_token(&untyped, NOW).unwrap_err(), WrongType);
}

fn refresh_claims() -> Value {
    json!({
        "iss": ISSUER,
        "aud": ISSUER,
        "sub": "alice",
        "sid": given::session(),
        "gen": 1,
        "iat": NOW,
        "exp": at(600),
    })
}

/// V21: a refresh token at a resource server already fails on its key.
#[test]
fn a_refresh_token_is_signed_by_a_key_that_no_resource_server_has() {
    let access = given::key(Algorithm::Es256);
    let secret = SecretKey::generate(Algorithm::Hs256).unwrap();
    let refresh = SigningKey::secret(secret).with_id(KeyId::new("r1").unwrap());
    let token = Signer::new(refresh).sign("rt+jwt", &refresh_claims()).unwrap();

    let refused = given::guard(&access).check(&token, NOW).unwrap_err();

    assert_eq!(refused, VerifyError::UnknownKey.into());
}

/// V20, V21: and if one key signed both, `typ` tells them apart, and after it the claims would.
#[test]
fn a_refresh_token_is_no_access_token_under_any_policy() {
    let key = given::key(Algorithm::Hs256);
    let token = Signer::new(key.clone()).sign("rt+jwt", &refresh_claims()).unwrap();
    let verifier = |policy| Verifier::new(given::keys(&key), policy);
    let lax = Policy::signature_and_time_only();

    assert_eq!(
        verifier(given::policy()).verify_access_token(&token, NOW).unwrap_err(),
        VerifyError::WrongType
    );
    assert_eq!(
        verifier(lax).verify_access_token(&token, NOW).unwrap_err(),
        VerifyError::ClaimMissing("client_id")
    );
}

/// V18, A23: each part of a policy refuses by itself, whatever the others are.
#[test]
fn each_part_of_a_policy_refuses_alone() {
    let key = given::key(Algorithm::Hs256);
    let keys: KeySet = given::keys(&key);
    let token = Signer::new(key).sign("JWT", &json!({ "sub": "alice" })).unwrap();
    let any = Policy::signature_and_time_only;
    let cases = [
        ("type", any().with_type("at+jwt"), VerifyError::WrongType),
        ("issuer", any().with_issuer(ISSUER), VerifyError::ClaimMissing("iss")),
        ("audience", any().with_audience("x"), VerifyError::ClaimMissing("aud")),
        (
            "life",
            any().with_longest_life(Duration::from_mins(10)),
            VerifyError::ClaimMissing("exp"),
        ),
    ];

    assert!(Verifier::new(keys.clone(), any()).verify::<jeton::Claims>(&token, NOW).is_ok());
    for (name, policy, refusal) in cases {
        let refused = Verifier::new(keys.clone(), policy).verify::<jeton::Claims>(&token, NOW);

        assert_eq!(refused.unwrap_err(), refusal, "{name}");
    }
}
