//! The keys that everybody may know.

use serde_json::Value;

use crate::forge::Parts;
use crate::setup::Setup;

/// I9, V29, V30, P12: with any algorithm, what is published verifies what is issued, and has nothing
/// in it to sign with. A shared secret is not published at all.
#[test]
fn the_published_keys_are_public_and_fit_the_tokens() {
    let private = ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"];
    let algorithms = ["ES256", "ES384", "EdDSA", "Ed25519", "RS256", "PS256", "ML-DSA-65"];
    let published = algorithms.map(|algorithm| (algorithm, 1));
    for (algorithm, published) in published.into_iter().chain([("HS256", 0), ("HS512", 0)]) {
        let setup = Setup::new().with("TOKENS__ALGORITHM", algorithm);
        let service = setup.start();
        let tokens = service.http.login().tokens();

        let answer = service.http.get("/.well-known/jwks.json").send();

        let keys = answer.json()["keys"].as_array().unwrap().clone();
        assert_eq!(keys.len(), published, "{algorithm}");
        let header = Parts::of(&tokens.access).header;
        assert_eq!(header["alg"], algorithm);
        for key in &keys {
            let members: Vec<&String> = key.as_object().unwrap().keys().collect();
            assert!(!members.iter().any(|name| private.contains(&name.as_str())), "{members:?}");
            assert_eq!((&key["kid"], &key["alg"]), (&header["kid"], &header["alg"]));
            assert_eq!(key["use"], "sig", "{algorithm}");
        }
        assert_eq!(
            (answer.status, answer.header("content-type")),
            (200, "application/jwk-set+json")
        );
        assert_eq!(answer.header("cache-control"), "public, max-age=300");
        assert_eq!(service.http.me(&tokens.access).status, 200, "{algorithm}");
        let refresh_kid = &Parts::of(&tokens.refresh).header["kid"];
        assert!(!keys.iter().any(|key: &Value| key["kid"] == *refresh_kid), "{algorithm}");
    }
}

/// P12: no two services share a secret that somebody forgot to change.
#[test]
fn every_service_makes_keys_of_its_own() {
    let (first, second) = (Setup::empty(), Setup::empty());
    let (first, second) = (first.start(), second.start());
    let jwks = |http: &crate::client::Client| http.get("/.well-known/jwks.json").send().text;

    assert_ne!(jwks(&first.http), jwks(&second.http));
}
