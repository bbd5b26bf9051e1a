//! What a refusal says: RFC 6750 section 3, RFC 9110 section 11.6.1.

use jeton::{Reason, Refusal, VerifyError};
use jeton_tower::{Denied, Realm, Rejection, Scopes};
use proptest::prelude::*;

/// Every rejection there is, but for what scopes are called.
fn rejections(scope: &str) -> Vec<Rejection> {
    let invalid = [
        VerifyError::Malformed,
        VerifyError::UnknownKey,
        VerifyError::BadSignature,
        VerifyError::WrongType,
        VerifyError::ClaimMissing("sub"),
        VerifyError::ClaimMistyped("sub"),
        VerifyError::ClaimRefused("sub"),
        VerifyError::ClaimsUnfit,
        VerifyError::Expired,
        VerifyError::NotYetValid,
    ];
    let refusals = [Refusal::KeyWithdrawn, Refusal::Recalled, Refusal::Stale];
    let refusals = refusals.into_iter().chain(invalid.map(Refusal::Invalid));
    let refusals = refusals.chain(Reason::ALL.map(Refusal::Ended));
    // The second is what nobody should make, and must be an outage all the same.
    let refused = refusals.flat_map(|refusal| [refusal.into(), Rejection::Refused(refusal)]);
    let others = [
        Rejection::Missing,
        Rejection::Ambiguous,
        Rejection::Malformed,
        Rejection::CrossSite,
        Rejection::Stale,
        Rejection::NotAUser,
        Rejection::InsufficientScope(Scopes::from(scope)),
    ];
    refused.chain(others).collect()
}

/// The parameters of a challenge, read strictly: `Bearer`, then `name="value"` with commas between.
fn parameters(challenge: &str) -> Vec<(String, String)> {
    let mut rest = challenge.strip_prefix("Bearer ").unwrap();
    let mut found = Vec::new();
    loop {
        let (name, after) = rest.split_once("=\"").unwrap();
        let (value, after) = after.split_once('"').unwrap();
        assert!(name.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'), "{name}");
        found.push((name.to_owned(), value.to_owned()));
        let Some(more) = after.strip_prefix(", ") else {
            assert_eq!(after, "", "{challenge}");
            return found;
        };
        rest = more;
    }
}

/// `%x20-21 / %x23-5B / %x5D-7E`
fn is_allowed(text: &str) -> bool {
    text.bytes().all(|byte| (0x20..=0x7e).contains(&byte) && byte != 0x22 && byte != 0x5c)
}

proptest! {
    /// W1, W4, W5: whatever the scopes and the realm are called, every 401 has one challenge of
    /// allowed characters, and a 503 has none.
    #[test]
    fn every_refusal_is_said_as_the_rfcs_say(
        scope in any::<String>(),
        realm in "[ !#-\\[\\]-~]{1,128}",
        describes in any::<bool>(),
    ) {
        let realm = Realm::new(&realm).unwrap();
        let realm = if describes { realm.describing() } else { realm };
        for rejection in rejections(&scope) {
            let answer = Denied::new(rejection.clone(), realm.clone()).into_http::<String>();

            let status = answer.status().as_u16();
            let challenges: Vec<_> = answer.headers().get_all("www-authenticate").iter().collect();
            prop_assert!(challenges.len() <= 1);
            prop_assert_eq!(status == 503, answer.headers().contains_key("retry-after"));
            let body: serde_json::Value = serde_json::from_str(answer.body()).unwrap();
            prop_assert_eq!(&body["code"], rejection.code());
            let Some(challenge) = challenges.first() else {
                prop_assert!(matches!(status, 403 | 503), "{rejection:?}");
                continue;
            };
            prop_assert!(matches!(status, 400 | 401 | 403), "{rejection:?}");
            let parameters = parameters(challenge.to_str().unwrap());
            prop_assert_eq!(&parameters[0].0, "realm");
            let scopes = parameters.iter().filter(|(name, _)| name == "scope");
            prop_assert!(scopes.clone().all(|(_, value)| !value.is_empty()));
            for (name, value) in &parameters {
                prop_assert!(is_allowed(value), "{name}: {value}");
                prop_assert!(*name != "error_description" || describes);
            }
        }
    }
}

/// W2, W3, W5
#[test]
fn each_kind_of_refusal_has_its_status_and_its_error() {
    let realm = Realm::default();
    let cases = [
        (Rejection::Missing, 401, Some(r#"Bearer realm="jeton""#)),
        (Rejection::Ambiguous, 400, Some(r#"Bearer realm="jeton", error="invalid_request""#)),
        (Rejection::Malformed, 400, Some(r#"Bearer realm="jeton", error="invalid_request""#)),
        (
            Rejection::Refused(VerifyError::Expired.into()),
            401,
            Some(r#"Bearer realm="jeton", error="invalid_token""#),
        ),
        (
            Rejection::Refused(Refusal::Ended(Reason::Banned)),
            401,
            Some(r#"Bearer realm="jeton", error="invalid_token""#),
        ),
        (
            Rejection::InsufficientScope("b a b".into()),
            403,
            Some(r#"Bearer realm="jeton", error="insufficient_scope", scope="b a""#),
        ),
        (Rejection::NotAUser, 403, None),
        (Rejection::CrossSite, 403, None),
        (Rejection::Stale, 503, None),
        (Refusal::Stale.into(), 503, None),
    ];
    for (rejection, status, challenge) in cases {
        let said = rejection.challenge(&realm);

        assert_eq!(rejection.status(), status, "{rejection:?}");
        assert_eq!(said.as_ref().map(|said| said.to_str().unwrap()), challenge, "{rejection:?}");
    }
}

/// W4: what no token can have is asked for, and is not said.
#[test]
fn a_scope_that_would_break_a_challenge_is_left_out_of_it() {
    let cases = [
        ("a b\"c ü d\\ e", r#"Bearer realm="jeton", error="insufficient_scope", scope="a e""#),
        ("\"", r#"Bearer realm="jeton", error="insufficient_scope""#),
    ];
    for (scopes, expected) in cases {
        let rejection = Rejection::InsufficientScope(scopes.into());

        let challenge = rejection.challenge(&Realm::default()).unwrap();

        assert_eq!(challenge, expected, "{scopes}");
    }
}

#[test]
fn a_realm_is_what_a_challenge_can_carry() {
    let long = "a".repeat(128);
    for name in ["jeton", "orders, and more", &long] {
        assert!(Realm::new(name).is_ok(), "{name}");
    }
    let too_long = format!("{long}a");
    for name in ["", "a\"b", "a\\b", "a\r\nb", "\u{e9}", "\u{7f}", &too_long] {
        assert!(Realm::new(name).is_err(), "{name:?}");
    }
}
