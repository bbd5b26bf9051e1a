//! Keys come by the feed, and by no other way.

use jeton::Policy;
use serde_json::json;

use super::given::{Case, jwks, key, session, token};
use crate::issuer::eventually;

#[tokio::test]
async fn new_keys_reach_every_guard() {
    let case = Case::ready().await;
    let (another, clock) = (key("k2"), case.subscriber.clock());
    let guards = [&case.guard, &case.subscriber.guard(Policy::access_token("issuer", "api"))];
    let newer = token(&another, session(1));
    assert_eq!(guards[0].check(&newer, clock()).unwrap_err().code(), "key_unknown");

    case.issuer.change(|world| world.jwks = jwks(&[&another]));

    eventually("accepted", || guards.iter().all(|guard| guard.check(&newer, clock()).is_ok()))
        .await;
    assert_eq!(case.code(session(1)), "key_unknown", "the old key is gone");
    assert_eq!(case.subscriber.jwks(), Some(jwks(&[&another])));
}

#[tokio::test]
async fn keys_that_are_of_no_use_change_nothing() {
    let case = Case::ready().await;
    let unusable = [
        json!("no set"),
        json!({ "keys": [{ "kty": "from the future", "kid": "k9" }] }),
        json!({ "keys": [{ "kty": "oct", "k": "c2VjcmV0", "kid": "k9" }] }),
    ];
    for jwks in unusable {
        case.issuer.change(|world| world.jwks = jwks);
        case.issuer.revoke(super::given::ended(session(9)));
        eventually("passed by", || case.code(session(9)) == "logged_out").await;
        assert_eq!(case.code(session(1)), "accepted");
    }

    // One that is of use beside others is taken.
    let another = key("k2");
    let mut set = jwks(&[&another]);
    set["keys"].as_array_mut().unwrap().push(json!({ "kty": "from the future" }));
    case.issuer.change(|world| world.jwks = set);
    let newer = token(&another, session(1));
    let clock = case.subscriber.clock();
    eventually("taken", || case.guard.check(&newer, clock()).is_ok()).await;
}

/// V28: nobody who presents a `kid` that is not known makes a verifier ask for keys.
#[tokio::test]
async fn unknown_kids_cost_the_issuer_nothing() {
    let case = Case::ready().await;
    let clock = case.subscriber.clock();
    let before = case.issuer.world().requests.len();
    let stranger = token(&key("k1"), session(1));
    let (_, payload) = stranger.split_once('.').unwrap();

    for number in 0..10_000 {
        let header = format!(r#"{{"alg":"ES256","typ":"at+jwt","kid":"{number}"}}"#);
        let header = base64_simd::URL_SAFE_NO_PAD.encode_to_string(header);
        let refusal = case.guard.check(&format!("{header}.{payload}"), clock()).unwrap_err();
        assert_eq!(refusal.code(), "key_unknown");
    }

    let asked = case.issuer.world().requests[before..].to_vec();
    let only_reports = asked.iter().all(|request| request.path == "/v1/revocations/report");
    assert!(only_reports, "{asked:?}");
    assert_eq!(case.code(session(1)), "accepted");
}
