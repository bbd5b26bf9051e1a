//! JSON Web Keys to sign with.

use jeton::{
    Algorithm, KeyError, PrivateKey, PublicKey, SecretKey, SigningKey, VerifyingKey, base64url,
};
use serde_json::{Value, json};

use crate::given;

fn private(algorithm: Algorithm) -> Value {
    serde_json::from_str(&given::private(algorithm).to_jwk().unwrap()).unwrap()
}

fn secret(length: usize) -> Value {
    json!({ "kty": "oct", "k": base64url::encode(&vec![7; length]) })
}

/// `jwk`, but for one member.
fn with(jwk: &Value, member: &str, value: Value) -> String {
    let mut jwk = jwk.clone();
    jwk[member] = value;
    jwk.to_string()
}

fn refusal(jwk: &str) -> Option<KeyError> {
    SigningKey::from_jwk(jwk).err()
}

/// T8, RFC 7518 section 6, RFC 8037 section 2: what is written has the members that others read.
#[test]
fn a_private_jwk_has_the_members_of_its_type() {
    let cases = [
        (Algorithm::Ps384, "RSA", "alg d dp dq e kty n p q qi"),
        (Algorithm::Es384, "EC", "alg crv d kty x y"),
        (Algorithm::Es256k, "EC", "alg crv d kty x y"),
        (Algorithm::Ed25519, "OKP", "alg crv d kty x"),
        (Algorithm::MlDsa65, "AKP", "alg kty priv pub"),
    ];
    for (algorithm, kty, members) in cases {
        let jwk = private(algorithm);

        let written: Vec<&str> = jwk.as_object().unwrap().keys().map(String::as_str).collect();

        assert_eq!(written.join(" "), members);
        assert_eq!((&jwk["kty"], &jwk["alg"]), (&json!(kty), &json!(algorithm.name())));
    }
    let seed = private(Algorithm::MlDsa65)["priv"].as_str().unwrap().to_owned();
    assert_eq!(base64url::decode(&seed).unwrap().len(), 32);
}

/// What a JWK says of itself goes along.
#[test]
fn a_key_keeps_its_id_and_its_algorithm() {
    for algorithm in Algorithm::ALL {
        let jwk = if algorithm.is_symmetric() {
            serde_json::from_str(&SecretKey::generate(algorithm).unwrap().to_jwk()).unwrap()
        } else {
            private(algorithm)
        };

        let named = SigningKey::from_jwk(&with(&jwk, "kid", json!("2026"))).unwrap();
        let unnamed = SigningKey::from_jwk(&jwk.to_string()).unwrap();

        assert_eq!(named.id().unwrap().as_str(), "2026");
        assert_eq!((named.algorithm(), unnamed.algorithm()), (algorithm, algorithm));
        assert!(unnamed.id().is_none());
    }
}

/// RFC 7517 sections 4.2 to 4.4
#[test]
fn a_key_that_is_for_something_else_does_not_sign() {
    use KeyError::{Algorithm as BadAlgorithm, NotMeantForThis};

    let cases = [
        ("use", json!("sig"), None),
        ("use", json!("enc"), Some(NotMeantForThis)),
        ("key_ops", json!(["verify", "sign"]), None),
        ("key_ops", json!(["verify"]), Some(NotMeantForThis)),
        ("key_ops", json!([]), Some(NotMeantForThis)),
        ("alg", json!("none"), Some(BadAlgorithm)),
        ("alg", json!("A128GCM"), Some(BadAlgorithm)),
        ("kid", json!(""), Some(KeyError::KeyId)),
        ("kid", json!(7), Some(KeyError::KeyId)),
    ];
    for jwk in [private(Algorithm::Es256), private(Algorithm::Rs512), secret(64)] {
        for (member, value, expected) in cases.clone() {
            let jwk = with(&jwk, member, value);

            assert_eq!(refusal(&jwk), expected, "{jwk}");
        }
    }
}

/// A secret that may only verify, only verifies.
#[test]
fn a_secret_does_what_its_operations_allow() {
    let only = |operation| with(&secret(32), "key_ops", json!([operation]));
    let may = |operation| {
        let jwk = only(operation);
        (SigningKey::from_jwk(&jwk).is_ok(), VerifyingKey::from_jwk(&jwk).is_ok())
    };

    assert_eq!((may("sign"), may("verify")), ((true, false), (false, true)));
    assert_eq!(may("wrapKey"), (false, false));
}

/// V4, RFC 7518 section 3.2
#[test]
fn a_short_secret_is_refused_as_a_jwk_too() {
    for (alg, least) in [("HS256", 32), ("HS384", 48), ("HS512", 64)] {
        let jwk = |length| with(&secret(length), "alg", json!(alg));

        assert_eq!(refusal(&jwk(least - 1)), Some(KeyError::SecretTooShort), "{alg}");
        assert_eq!(refusal(&jwk(least)), None, "{alg}");
    }
}

/// V3: no type of key is taken for another.
#[test]
fn a_jwk_of_another_type_is_refused() {
    let private = private(Algorithm::Es256).to_string();
    let public = given::private(Algorithm::Es256);
    let public = jeton::JwkSet::new([(None, public.public_key())]).to_json();
    let public = serde_json::from_str::<Value>(&public).unwrap()["keys"][0].to_string();
    let secret = secret(32).to_string();

    assert_eq!(PrivateKey::from_jwk(&public).unwrap_err(), KeyError::IsPublic);
    assert_eq!(PrivateKey::from_jwk(&secret).unwrap_err(), KeyError::Unsupported);
    assert_eq!(SigningKey::from_jwk(&public).unwrap_err(), KeyError::IsPublic);
    assert_eq!(PublicKey::from_jwk(&private).unwrap_err(), KeyError::IsPrivate);
    assert_eq!(PublicKey::from_jwk(&secret).unwrap_err(), KeyError::IsPrivate);
    assert_eq!(VerifyingKey::from_jwk(&private).unwrap_err(), KeyError::IsPrivate);
    assert_eq!(SecretKey::from_jwk(&private).unwrap_err(), KeyError::SecretIsAKey);
    assert_eq!(SecretKey::from_jwk(&public).unwrap_err(), KeyError::SecretIsAKey);
}

/// I11: a private key with the public members of another signs what nobody verifies.
#[test]
fn a_private_jwk_with_the_public_members_of_another_is_refused() {
    let cases = [
        (Algorithm::Es256, vec!["x", "y"]),
        (Algorithm::Es384, vec!["x", "y"]),
        (Algorithm::Es512, vec!["x", "y"]),
        (Algorithm::Es256k, vec!["x", "y"]),
        (Algorithm::EdDsa, vec!["x"]),
        (Algorithm::MlDsa44, vec!["pub"]),
        (Algorithm::MlDsa65, vec!["pub"]),
        (Algorithm::MlDsa87, vec!["pub"]),
    ];
    for (algorithm, members) in cases {
        let (mut own, other) = (private(algorithm), private(algorithm));
        for member in members {
            own[member] = other[member].clone();
        }

        assert_eq!(refusal(&own.to_string()), Some(KeyError::Mismatch), "{algorithm:?}");
    }
}

/// RFC 7518 section 6.3.2: all the integers of an RSA key, and such that fit each other.
#[test]
fn a_private_rsa_jwk_is_whole() {
    let good = private(Algorithm::Rs256);
    for member in ["d", "p", "q", "dp", "dq", "qi"] {
        let mut without = good.clone();
        without.as_object_mut().unwrap().remove(member);
        assert_eq!(refusal(&without.to_string()), Some(KeyError::Jwk), "{member}");

        let mut damaged = base64url::decode(good[member].as_str().unwrap()).unwrap();
        *damaged.last_mut().unwrap() ^= 2;
        let damaged = with(&good, member, json!(base64url::encode(&damaged)));
        assert_eq!(refusal(&damaged), Some(KeyError::Mismatch), "{member}");
    }
    let primes = with(&good, "oth", json!([{ "r": "AQ", "d": "AQ", "t": "AQ" }]));
    assert_eq!(refusal(&primes), Some(KeyError::Unsupported));
}

/// RFC 7518 section 6.2.2.1, RFC 8037 section 2: one spelling of a private key.
#[test]
fn a_private_jwk_has_one_spelling() {
    for algorithm in [Algorithm::Es256, Algorithm::Es512, Algorithm::EdDsa] {
        let good = private(algorithm);
        let d = base64url::decode(good["d"].as_str().unwrap()).unwrap();
        let spellings = [
            ("a zero in front", base64url::encode(&[&[0], &d[..]].concat())),
            ("cut", base64url::encode(&d[1..])),
            ("nothing", String::new()),
            ("padded", format!("{}=", good["d"].as_str().unwrap())),
        ];
        for (name, d) in spellings {
            assert_eq!(refusal(&with(&good, "d", json!(d))), Some(KeyError::Jwk), "{name}");
        }
    }
    let short = with(&private(Algorithm::MlDsa44), "priv", json!("AAAA"));
    assert_eq!(refusal(&short), Some(KeyError::Jwk));
}

/// RFC 7638 section 3.2: of a secret `k` and `kty` make the thumbprint.
#[test]
fn a_secret_has_a_thumbprint() {
    let secret = SecretKey::new(Algorithm::Hs512, &[7; 64]).unwrap();
    let canonical = format!(r#"{{"k":"{}","kty":"oct"}}"#, base64url::encode(&[7; 64]));
    let hash = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, canonical.as_bytes());

    assert_eq!(secret.thumbprint(), base64url::encode(hash.as_ref()));
}
