//! Private keys that live elsewhere are believed nothing.

use std::sync::Arc;

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair};
use jeton::{Algorithm, KeyError, KeyId, KeySource, PublicKey, SignError, Signer, SigningKey, jws};

use crate::given;
use crate::given::NOW;
use crate::pen::Pen;

/// A device that answers as it is told to.
struct Device<S> {
    public_key: PublicKey,
    sign: S,
}

impl<S: Fn(&[u8]) -> Result<Vec<u8>, KeyError> + Send + Sync> KeySource for Device<S> {
    fn public_key(&self) -> &PublicKey {
        &self.public_key
    }

    fn sign(&self, signing_input: &[u8]) -> Result<Vec<u8>, KeyError> {
        (self.sign)(signing_input)
    }
}

fn key_of(
    public_key: &PublicKey,
    sign: impl Fn(&[u8]) -> Result<Vec<u8>, KeyError> + Send + Sync + 'static,
) -> SigningKey {
    let public_key = public_key.clone();
    SigningKey::source(Arc::new(Device { public_key, sign })).with_id(KeyId::new("k1").unwrap())
}

/// What a pen writes below a signing input.
fn signature(pen: &Pen, signing_input: &[u8]) -> Vec<u8> {
    let token = pen.sign(str::from_utf8(signing_input).unwrap());
    jeton::base64url::decode(token.rsplit_once('.').unwrap().1).unwrap()
}

/// I11: a token that a device signed is like any other, under every algorithm.
#[test]
fn a_key_that_lives_elsewhere_signs() {
    for algorithm in given::asymmetric() {
        let pen = Pen::new(algorithm);
        let public = pen.key().public_key().unwrap().clone();
        let key = key_of(&public, move |input| Ok(signature(&pen, input)));

        let token = given::token(&key, &given::claims());

        assert!(given::verifier(&key).verify_access_token(&token, NOW).is_ok(), "{algorithm:?}");
        assert_eq!((key.algorithm(), key.id().unwrap().as_str()), (algorithm, "k1"));
    }
}

/// I11: what would be refused by everybody is refused here.
#[test]
fn what_a_device_signs_wrongly_is_never_a_token() {
    let private = given::private(Algorithm::Es256);
    let public = &private.public_key().clone();
    let pkcs8 = private.to_der().unwrap();
    let in_der = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, &pkcs8).unwrap();
    let other = Pen::new(Algorithm::Es256);
    let right = SigningKey::private(private);
    let late = jws::sign(&right, "JWT", b"{}").unwrap();
    let late = jeton::base64url::decode(late.rsplit_once('.').unwrap().1).unwrap();
    let cases = [
        (
            "a signature in DER",
            key_of(public, move |input| {
                Ok(in_der.sign(&SystemRandom::new(), input).unwrap().as_ref().to_vec())
            }),
        ),
        ("another key's signature", key_of(public, move |input| Ok(signature(&other, input)))),
        ("the signature of another message", key_of(public, move |_| Ok(late.clone()))),
        ("nothing", key_of(public, |_| Ok(Vec::new()))),
        ("an error", key_of(public, |_| Err(KeyError::Signing))),
    ];
    for (name, key) in cases {
        let refused = Signer::new(key).sign("at+jwt", &given::claims()).unwrap_err();

        assert_eq!(refused, SignError::Key(KeyError::Signing), "{name}");
    }
}

/// A device is not printed; it may show what it likes of itself.
#[test]
fn a_key_that_lives_elsewhere_prints_its_name() {
    let public = given::private(Algorithm::Es256).public_key().clone();
    let key = key_of(&public, |_| Err(KeyError::Signing));

    assert_eq!(format!("{key:?}"), r#"SigningKey { id: Some("k1"), algorithm: Es256, .. }"#);
}
