//! JWKs and JWK Sets: any text is read without panic; what is accepted says the same when it is
//! written, its keys keep their thumbprints, and no key is taken for one of another kind.

#![no_main]

use jeton::{JwkSet, KeyError, KeyId, PrivateKey, PublicKey, SecretKey, SigningKey, VerifyingKey};
use jeton_fuzz::given::DEFAULT;
use jeton_fuzz::keys::{assert_signs, assert_written_alike};
use jeton_fuzz::{second_base64url, second_parser, second_thumbprint};
use libfuzzer_sys::fuzz_target;
use serde_json::{Map, Value};

fuzz_target!(|data: &[u8]| {
    let Ok(text) = std::str::from_utf8(data) else { return };
    let members = second_parser::read(data, &DEFAULT);
    check_set(text, members.as_ref());
    check_key(text, members.as_ref());
});

fn check_set(text: &str, members: Option<&Map<String, Value>>) {
    let Ok(set) = JwkSet::from_json(text) else { return };

    let keys = members.and_then(|members| members["keys"].as_array()).expect("what was accepted");
    assert_eq!(set.keys().count() + set.skipped().len(), keys.len());
    let written = set.to_json();
    let again = JwkSet::from_json(&written).expect("our own JSON");
    assert_eq!(said(&again), said(&set));
    assert_eq!((again.to_json(), again.skipped().len()), (written, 0));

    // What a set makes of a key is what the key is by itself.
    let alone: Vec<_> = keys.iter().map(|key| VerifyingKey::from_jwk(&key.to_string())).collect();
    let taken = alone
        .iter()
        .flatten()
        .map(|key| (id_of(key.id()), described(key.public_key().expect("sets have no secrets"))));
    assert!(taken.eq(said(&set)), "{alone:?}");
}

/// All there is to know of the keys of a set.
fn said(set: &JwkSet) -> Vec<(Option<String>, (&'static str, String, String))> {
    set.keys().map(|(id, key)| (id_of(id), described(key))).collect()
}

fn id_of(id: Option<&KeyId>) -> Option<String> {
    id.map(|id| id.as_str().to_owned())
}

fn described(key: &PublicKey) -> (&'static str, String, String) {
    (key.algorithm().name(), key.thumbprint(), key.to_pem())
}

/// A text is one kind of key at most, and whoever reads it finds the same one.
fn check_key(text: &str, members: Option<&Map<String, Value>>) {
    let kinds = (PublicKey::from_jwk(text), PrivateKey::from_jwk(text), SecretKey::from_jwk(text));
    match kinds {
        (Ok(key), Err(_), Err(_)) => check_public(&key, members.expect("what was accepted")),
        (Err(error), Ok(key), Err(_)) => {
            assert_eq!(error, KeyError::IsPrivate);
            check_private(&key, members.expect("what was accepted"));
        }
        (Err(error), Err(_), Ok(key)) => {
            assert_eq!(error, KeyError::IsPrivate);
            check_secret(&key, members.expect("what was accepted"));
        }
        (Err(_), Err(_), Err(_)) => {}
        kinds => panic!("more than one kind: {kinds:?}"),
    }
    check_signing_key(text, members);
    check_verifying_key(text, members);
}

fn check_public(key: &PublicKey, members: &Map<String, Value>) {
    assert_eq!(Some(key.thumbprint()), second_thumbprint::of(members));
    let set: Value = serde_json::from_str(&JwkSet::new([(None, key)]).to_json()).expect("JSON");
    let again = PublicKey::from_jwk(&set["keys"][0].to_string()).expect("our own JWK");
    assert_eq!(described(&again), described(key));
    assert_written_alike(key);
}

fn check_private(key: &PrivateKey, members: &Map<String, Value>) {
    assert_eq!(Some(key.public_key().thumbprint()), second_thumbprint::of(members));
    let written = key.to_jwk().expect("a JWK has all that a JWK needs");
    let again = PrivateKey::from_jwk(&written).expect("our own JWK");
    assert_eq!(*again.to_jwk().expect("written before"), *written);
    assert_eq!(described(again.public_key()), described(key.public_key()));

    let der = key.to_der().expect("a JWK has all that PKCS#8 needs");
    let again = PrivateKey::from_der(&der).expect("our own DER");
    let again = again.with_algorithm(key.algorithm()).expect("the same type of key");
    assert_eq!(*again.to_jwk().expect("written before"), *written);
    assert_written_alike(key.public_key());
    assert_signs(&SigningKey::private(again));
}

fn check_secret(key: &SecretKey, members: &Map<String, Value>) {
    let bytes = members["k"].as_str().and_then(second_base64url::decode);
    assert_eq!(Some(key.expose()), bytes.as_deref());
    assert_eq!(Some(key.thumbprint()), second_thumbprint::of(members));
    let again = SecretKey::from_jwk(&key.to_jwk()).expect("our own JWK");
    assert_eq!((again.algorithm(), again.expose()), (key.algorithm(), key.expose()));
}

/// A key to sign with is a private key or a secret, with its `kid`.
fn check_signing_key(text: &str, members: Option<&Map<String, Value>>) {
    let Ok(key) = SigningKey::from_jwk(text) else { return };

    let algorithm = match key.public_key() {
        Some(public) => {
            let private = PrivateKey::from_jwk(text).expect("a private key");
            assert_eq!(described(private.public_key()), described(public));
            private.algorithm()
        }
        None => SecretKey::from_jwk(text).expect("a secret").algorithm(),
    };
    assert_eq!(key.algorithm(), algorithm);
    assert_eq!(key.id().map(KeyId::as_str), kid(members));
    assert_signs(&key);
}

/// A key to verify with is a public key or a secret, with its `kid`.
fn check_verifying_key(text: &str, members: Option<&Map<String, Value>>) {
    let Ok(key) = VerifyingKey::from_jwk(text) else { return };

    match key.public_key() {
        Some(public) => {
            let alone = PublicKey::from_jwk(text).expect("a public key");
            assert_eq!(described(&alone), described(public));
        }
        None => assert!(SecretKey::from_jwk(text).is_ok(), "a secret"),
    }
    assert_eq!(key.id().map(KeyId::as_str), kid(members));
}

fn kid(members: Option<&Map<String, Value>>) -> Option<&str> {
    members?.get("kid")?.as_str()
}
