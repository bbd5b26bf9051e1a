//! Tokens that somebody made who does not hold the key.

use aws_lc_rs::hmac;
use base64_simd::STANDARD;
use jeton::{
    Algorithm, JwkSet, KeyError, KeySet, PublicKey, SecretKey, SigningKey, Verifier, VerifyError,
    base64url,
};
use serde_json::{Value, json};

use crate::given;
use crate::given::NOW;
use crate::pen::Pen;

/// Every way in which a public key is written down.
fn spellings(key: &PublicKey) -> Vec<(&'static str, Vec<u8>)> {
    let pem = key.to_pem();
    let der = key.to_der();
    let jwks = JwkSet::new([(None, key)]).to_json();
    let jwk = serde_json::from_str::<Value>(&jwks).unwrap()["keys"][0].to_string();
    let mut spellings = vec![
        ("PEM, trimmed", pem.trim().into()),
        ("PEM, CRLF", pem.replace('\n', "\r\n").into()),
        ("PEM on one line", pem.replace('\n', "").into()),
        ("PEM without its frame", STANDARD.encode_to_string(&der).into()),
        ("DER", der),
        ("JWK", jwk.into()),
        ("JWK Set", jwks.into()),
        ("SSH", b"ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 alice".to_vec()),
    ];
    for prefix in ["", " ", "\n", "\0", "\u{feff}", "#", "//", "\u{200b}"] {
        spellings.push(("PEM behind something", format!("{prefix}{pem}").into()));
    }
    spellings
}

/// Good claims under HMAC with this secret.
fn forge(alg: &str, secret: &[u8]) -> String {
    let header = json!({ "alg": alg, "kid": "k1", "typ": "at+jwt" }).to_string();
    let payload = given::claims().to_string();
    let input = format!(
        "{}.{}",
        base64url::encode(header.as_bytes()),
        base64url::encode(payload.as_bytes())
    );
    let tag = hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, secret), input.as_bytes());
    format!("{input}.{}", base64url::encode(tag.as_ref()))
}

/// V3, A3: the classic forgery, with each spelling of the public key.
#[test]
fn a_public_key_is_never_an_hmac_secret() {
    for algorithm in given::asymmetric() {
        let key = given::key(algorithm);
        let own = given::key(Algorithm::Hs256);
        let both = KeySet::new([key.verifying_key(), own.verifying_key()]).unwrap();
        let mixed = Verifier::new(both, given::policy());
        for (name, spelling) in spellings(key.public_key().unwrap()) {
            let forged = forge("HS256", &spelling);
            let misnamed = forge(algorithm.name(), &spelling);

            let by_public_key =
                given::verifier(&key).verify_access_token(&forged, NOW).unwrap_err();
            let with_a_secret_beside = mixed.verify_access_token(&forged, NOW).unwrap_err();
            let as_its_algorithm =
                given::verifier(&key).verify_access_token(&misnamed, NOW).unwrap_err();

            assert_eq!(by_public_key, VerifyError::UnknownKey, "{algorithm:?} {name}");
            assert_eq!(with_a_secret_beside, VerifyError::BadSignature, "{name}");
            assert_eq!(as_its_algorithm, VerifyError::BadSignature, "{name}");
        }
    }
}

/// V3, A3: nor can an operator load one by mistake.
#[test]
fn no_spelling_of_a_public_key_loads_as_a_secret() {
    for algorithm in given::asymmetric() {
        let key = given::key(algorithm);
        for (name, spelling) in spellings(key.public_key().unwrap()) {
            let refused = SecretKey::new(Algorithm::Hs256, &spelling).unwrap_err();

            assert_eq!(refused, KeyError::SecretIsAKey, "{algorithm:?} {name}");
        }
    }
}

/// V4, A5: a key that is missing is not an empty one.
#[test]
fn an_hmac_with_an_empty_or_guessed_secret_is_refused() {
    let verifier = given::verifier(&given::key(Algorithm::Hs256));

    for secret in [&b""[..], b"\0", b"secret", b"changeme", &[0; 32], &[0; 64], b"k1"] {
        let refused = verifier.verify_access_token(&forge("HS256", secret), NOW).unwrap_err();

        assert_eq!(refused, VerifyError::BadSignature, "{secret:?}");
    }
}

/// V7, A20: signatures of zeros, ones and group orders.
#[test]
fn signatures_that_fit_every_message_in_broken_libraries_are_refused() {
    let order = base64url::decode("_____wAAAAD__________7zm-q2nF56E87nKwvxjJVE").unwrap();
    let zero = [0_u8; 32];
    let one = [&[0; 31][..], &[1]].concat();
    let halves = [&zero[..], &one[..], &order[..], &[0xff; 32]];
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let key = given::key(algorithm);
        let good = given::token(&key, &given::claims());
        let (input, _) = good.rsplit_once('.').unwrap();
        for r in halves {
            for s in halves {
                let signature = base64url::encode(&[r, s].concat());

                let refused =
                    given::verifier(&key).verify_access_token(&format!("{input}.{signature}"), NOW);

                assert_eq!(refused.unwrap_err(), VerifyError::BadSignature, "{r:?} {s:?}");
            }
        }
    }
}

/// V14, A9: a token does not bring its own key, nor an address to fetch one from.
#[test]
fn a_key_inside_the_token_is_not_used() {
    let genuine = given::key(Algorithm::Es256);
    let forger = Pen::new(Algorithm::Es256);
    let public = forger.key().public_key().unwrap();
    let jwks = JwkSet::new([(None, public)]).to_json();
    let jwk = serde_json::from_str::<Value>(&jwks).unwrap()["keys"][0].clone();
    let chain = STANDARD.encode_to_string(public.to_der());
    let cases = [
        ("jwk", jwk.clone()),
        ("jku", json!("https://evil.example/jwks.json")),
        ("x5u", json!("https://evil.example/chain.pem")),
        ("x5c", json!([chain])),
        ("x5t#S256", json!(public.thumbprint())),
    ];

    for (parameter, value) in cases {
        for kid in [Some("k1"), None] {
            let mut header = json!({ "alg": "ES256", "typ": "at+jwt", parameter: value });
            if let Some(kid) = kid {
                header["kid"] = json!(kid);
            }
            let refused =
                given::verifier(&genuine).verify_access_token(&forger.write_under(&header), NOW);

            assert_eq!(refused.unwrap_err(), VerifyError::BadSignature, "{parameter} {kid:?}");
        }
    }
}

/// V14: such parameters do no harm in a token that the right key signed.
#[test]
fn a_key_inside_a_genuine_token_is_ignored() {
    let pen = Pen::new(Algorithm::Hs256);
    let mut header = pen.header();
    header["jku"] = json!("https://login.example/jwks.json");

    let accepted = given::verifier(pen.key()).verify_access_token(&pen.write_under(&header), NOW);

    assert!(accepted.is_ok());
}

/// V16, V17, A22: two issuers, one `kid`.
#[test]
fn the_same_key_id_at_another_issuer_is_another_key() {
    let ours: SigningKey = given::key(Algorithm::Es256);
    let theirs: SigningKey = given::key(Algorithm::Es256);
    let token = given::token(&theirs, &given::claims());

    let refused = given::verifier(&ours).verify_access_token(&token, NOW);

    assert_eq!(refused.unwrap_err(), VerifyError::BadSignature);
    assert!(given::verifier(&theirs).verify_access_token(&token, NOW).is_ok());
}
