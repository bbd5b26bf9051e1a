//! JSON Web Keys: what is published, what is taken, what is refused.

use jeton::{
    Algorithm, JwkSet, KeyError, KeyId, KeySet, PublicKey, Verifier, VerifyingKey, limits,
};
use serde_json::{Value, json};

use crate::given;
use crate::given::NOW;

/// The modulus of the RSA key of RFC 7638 section 3.1.
const N: &str = concat!(
    "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJE",
    "CPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2Q",
    "vzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6",
    "WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
);

/// The Ed25519 key of RFC 8037 appendix A.2.
const ED25519: &str =
    r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}"#;

/// The P-256 key of RFC 7515 appendix A.3.
const P256: &str = r#"{
    "kty": "EC",
    "crv": "P-256",
    "x": "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",
    "y": "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
}"#;

/// The modulus of the RSA key of RFC 7520 section 3.3.
const COOKBOOK_N: &str = concat!(
    "n4EPtAOCc9AlkeQHPzHStgAbgs7bTZLwUBZdR8_KuKPEHLd4rHVTeT-O-",
    "XV2jRojdNhxJWTDvNd7nqQ0VEiZQHz_AJmSCpMaJMRBSFKrKb2wqVwGU_NsYOYL-",
    "QtiWN2lbzcEe6XC0dApr5ydQLrHqkHHig3RBordaZ6Aj-oBHqFEHYpPe7Tpe-OfVfHd1E6cS6M1FZcD1NNLYD5lFHp",
    "PI9bTwJlsde3uhGqC0ZCuEHg8lhzwOHrtIQbS0FVbb9k3-",
    "tVTU4fg_3L_vniUFAKwuCLqKnS2BYwdq_mzSnbLY7h_qixoR7jig3__kRhuaxwUkRz5iaiQkqgc5gHdrNP5zw",
);

/// The P-521 key of RFC 7520 section 3.1.
const P521: &str = concat!(
    r#"{"kty":"EC","crv":"P-521","#,
    r#""x":"AHKZLLOsCOzz5cY97ewNUajB957y-C-U88c3v13nmGZx"#,
    r#"6sYl_oJXu9A5RkTKqjqvjyekWF-7ytDyRXYgCF5cj0Kt","#,
    r#""y":"AdymlHvOiLxXkEhayXQnNCvDX4h9htZaCJN34kfmC6pV"#,
    r#"5OhQHiraVySsUdaQkAgDPrwQrJmbnX9cwlGfP-HqHZR1"}"#,
);

/// [`P256`], but for some members.
fn p256_with(members: &Value) -> Value {
    let mut jwk: Value = serde_json::from_str(P256).unwrap();
    for (name, value) in members.as_object().unwrap() {
        jwk[name] = value.clone();
    }
    jwk
}

/// RFC 7638 section 3.1, RFC 8037 appendix A.3, and the keys of RFC 7520
#[test]
fn thumbprints_are_those_of_the_rfcs() {
    let rsa = json!({ "kty": "RSA", "n": N, "e": "AQAB", "alg": "RS256", "kid": "2011-04-29" });
    let cookbook = json!({ "kty": "RSA", "n": COOKBOOK_N, "e": "AQAB" });
    let cases = [
        (rsa.to_string(), "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"),
        (ED25519.into(), "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"),
        (cookbook.to_string(), "9jg46WB3rR_AHD-EBXdN7cBkH1WOu0tA3M9fm21mqTI"),
        (P521.into(), "dHri3SADZkrush5HU_50AoRhcKFryN-PI6jPBtPL55M"),
    ];
    for (jwk, thumbprint) in cases {
        let key = PublicKey::from_jwk(&jwk).unwrap();

        assert_eq!(key.thumbprint(), thumbprint);
    }
}

/// I9, T8: what is published is public, has `kid`, `alg` and `use`, and verifies when read back.
#[test]
fn a_published_set_verifies_and_holds_nothing_private() {
    for algorithm in given::asymmetric() {
        let key = given::key(algorithm);
        let token = given::token(&key, &given::claims());
        let published = JwkSet::new([(key.id().cloned(), key.public_key().unwrap())]).to_json();

        let read = JwkSet::from_json(&published).unwrap();
        let again = read.to_json();
        let verifier = Verifier::new(KeySet::try_from(read).unwrap(), given::policy());

        assert_eq!(again, published);
        assert!(verifier.verify_access_token(&token, NOW).is_ok(), "{algorithm:?}");
        let set: Value = serde_json::from_str(&published).unwrap();
        let jwk = set["keys"][0].as_object().unwrap();
        assert_eq!((&jwk["kid"], &jwk["use"]), (&json!("k1"), &json!("sig")));
        assert_eq!(jwk["alg"], algorithm.name());
        for private in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
            assert!(!jwk.contains_key(private), "{algorithm:?}: {private}");
        }
    }
}

/// I9: a set with private or symmetric material was published by mistake; it is not used.
#[test]
fn a_set_with_private_members_is_refused() {
    let public: Value = serde_json::from_str(P256).unwrap();
    let secret = json!({ "kty": "oct", "k": "c2VjcmV0", "alg": "HS256" });
    let mut cases = vec![secret, json!({ "kty": "oct" })];
    for member in ["d", "p", "q", "dp", "dq", "qi", "oth", "k", "priv"] {
        cases.push(p256_with(&json!({ member: "c2VjcmV0" })));
        cases.push(p256_with(&json!({ member: null, "use": "enc" })));
    }

    for jwk in cases {
        let set = json!({ "keys": [public, jwk] }).to_string();

        assert_eq!(JwkSet::from_json(&set).unwrap_err(), KeyError::IsPrivate, "{jwk}");
        assert_eq!(PublicKey::from_jwk(&jwk.to_string()).unwrap_err(), KeyError::IsPrivate);
    }
}

/// A4, RFC 7517 section 5: keys for something else are passed over, and never for what their owner
/// did not mean.
#[test]
fn keys_that_are_not_for_verifying_are_skipped() {
    use KeyError::{Algorithm as BadAlgorithm, NotMeantForThis, Unsupported};

    let cases = [
        ("another type", json!({ "kty": "XYZ" }), Unsupported),
        ("AKP without alg", json!({ "kty": "AKP", "pub": "AAAA" }), Unsupported),
        ("another AKP", json!({ "kty": "AKP", "alg": "SLH-DSA", "pub": "AAAA" }), Unsupported),
        ("another curve", p256_with(&json!({ "crv": "P-192" })), Unsupported),
        ("no curve", json!({ "kty": "EC" }), Unsupported),
        ("another OKP curve", json!({ "kty": "OKP", "crv": "X25519", "x": "AA" }), Unsupported),
        ("too weak", json!({ "kty": "RSA", "n": "_____w", "e": "AQAB" }), Unsupported),
        ("for encryption", p256_with(&json!({ "use": "enc" })), NotMeantForThis),
        ("for key agreement", p256_with(&json!({ "key_ops": ["deriveKey"] })), NotMeantForThis),
        ("for signing only", p256_with(&json!({ "key_ops": ["sign"] })), NotMeantForThis),
        ("for nothing", p256_with(&json!({ "key_ops": [] })), NotMeantForThis),
        ("another algorithm", p256_with(&json!({ "alg": "ES384" })), BadAlgorithm),
        ("an algorithm of another type", p256_with(&json!({ "alg": "HS256" })), BadAlgorithm),
        ("encryption by name", p256_with(&json!({ "alg": "ECDH-ES" })), BadAlgorithm),
        ("no algorithm at all", p256_with(&json!({ "alg": "none" })), BadAlgorithm),
    ];
    for (name, jwk, reason) in cases {
        let good: Value = serde_json::from_str(ED25519).unwrap();
        let set = JwkSet::from_json(&json!({ "keys": [jwk, good] }).to_string()).unwrap();

        assert_eq!(set.keys().count(), 1, "{name}");
        assert_eq!(set.skipped().collect::<Vec<_>>(), [(None, reason)], "{name}");
        let alone = PublicKey::from_jwk(&jwk.to_string()).unwrap_err();
        assert_eq!(alone, reason, "{name}");
    }
}

/// A4, V30: without `alg` a key has the algorithm of its type.
#[test]
fn a_key_has_one_algorithm_that_its_type_decides() {
    let rsa = json!({ "kty": "RSA", "n": N, "e": "AQAB" }).to_string();
    let cases = [
        (P256.to_owned(), Algorithm::Es256),
        (p256_with(&json!({ "alg": "ES256", "use": "sig" })).to_string(), Algorithm::Es256),
        (p256_with(&json!({ "key_ops": ["sign", "verify"] })).to_string(), Algorithm::Es256),
        (ED25519.to_owned(), Algorithm::EdDsa),
        (ED25519.replace('{', r#"{"alg":"Ed25519","#), Algorithm::Ed25519),
        (ED25519.replace('{', r#"{"alg":"EdDSA","#), Algorithm::EdDsa),
        (rsa, Algorithm::Rs256),
    ];
    for (jwk, algorithm) in cases {
        let key = PublicKey::from_jwk(&jwk).unwrap();

        assert_eq!(key.algorithm(), algorithm, "{jwk}");
    }
}

/// V10, V12, V28: a damaged JWK is refused when it is read alone; in a set the others are still good.
#[test]
fn a_damaged_key_is_refused_alone_and_skipped_in_a_set() {
    use KeyError::{Jwk, KeyId as BadId};

    let x = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU";
    let rsa = |n: &str| json!({ "kty": "RSA", "n": n, "e": "AQAB" });
    let cases = [
        ("no type", json!({}), Jwk),
        ("a type that is no text", p256_with(&json!({ "kty": ["EC"] })), Jwk),
        ("a use that is no text", p256_with(&json!({ "use": 1 })), Jwk),
        ("no coordinate", p256_with(&json!({ "y": null })), Jwk),
        ("a short coordinate", p256_with(&json!({ "x": "AAAA" })), Jwk),
        ("a padded coordinate", p256_with(&json!({ "x": format!("{x}=") })), Jwk),
        ("unused bits", p256_with(&json!({ "x": format!("{}V", &x[..42]) })), Jwk),
        ("operations as text", p256_with(&json!({ "key_ops": "verify" })), Jwk),
        ("a modulus with zeros in front", rsa("AADS_Q"), Jwk),
        ("an empty modulus", rsa(""), Jwk),
        ("an id that is no text", p256_with(&json!({ "kid": 1 })), BadId),
        ("an empty id", p256_with(&json!({ "kid": "" })), BadId),
        ("a long id", p256_with(&json!({ "kid": "k".repeat(129) })), BadId),
    ];
    for (name, jwk, reason) in cases {
        let good: Value = serde_json::from_str(P256).unwrap();
        let set = json!({ "keys": [jwk, good] }).to_string();

        let alone = VerifyingKey::from_jwk(&jwk.to_string()).unwrap_err();
        let set = JwkSet::from_json(&set).unwrap();

        assert_eq!(alone, reason, "{name}");
        assert_eq!(set.keys().count(), 1, "{name}");
        assert_eq!(set.skipped().collect::<Vec<_>>(), [(None, reason)], "{name}");
    }
}

/// V28: a key that is passed over is named, for the log.
#[test]
fn a_skipped_key_is_named() {
    let jwks = json!({ "keys": [p256_with(&json!({ "kid": "old", "use": "enc" })), 7] });

    let set = JwkSet::from_json(&jwks.to_string()).unwrap();

    let id = KeyId::new("old").unwrap();
    let skipped: Vec<_> = set.skipped().collect();
    assert_eq!(skipped, [(Some(&id), KeyError::NotMeantForThis), (None, KeyError::Jwk)]);
}

/// V10: what is no set at all is an error, never an empty set.
#[test]
fn a_damaged_set_is_refused() {
    let cases = [
        ("nothing", String::new()),
        ("not JSON", "{".into()),
        ("an array", format!("[{P256}]")),
        ("a single key", P256.into()),
        ("keys by name", json!({ "keys": { "k1": {} } }).to_string()),
        ("a member twice", format!(r#"{{"keys":[{}]}}"#, P256.replace('{', r#"{"kty":"EC","#))),
        ("a set over the limit", " ".repeat(limits::KEY_FILE) + r#"{"keys":[]}"#),
    ];
    for (name, text) in cases {
        let refused = JwkSet::from_json(&text).unwrap_err();

        assert_eq!(refused, KeyError::Jwk, "{name}");
    }
    assert_eq!(JwkSet::from_json(r#"{"keys":[]}"#).unwrap().keys().count(), 0);
}

/// V2: a set that cannot tell its keys apart is refused as a whole.
#[test]
fn a_set_with_one_id_twice_is_refused() {
    let key = given::key(Algorithm::Es256);
    let other = given::key(Algorithm::Es256);
    let id = Some(KeyId::new("k1").unwrap());
    let both = [(id.clone(), key.public_key().unwrap()), (id, other.public_key().unwrap())];

    let refused = KeySet::try_from(JwkSet::new(both)).unwrap_err();

    assert_eq!(refused, KeyError::Ambiguous);
}
