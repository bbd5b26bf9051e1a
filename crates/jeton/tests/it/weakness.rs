//! Keys that anyone could sign for, or that would refuse everything, are refused when loaded.

use jeton::{
    Algorithm, KeyError, KeySet, Policy, PrivateKey, PublicKey, Timestamp, Verifier, VerifyingKey,
    base64url,
};
use serde_json::{Value, json};

fn rsa(modulus: &[u8], exponent: &[u8]) -> Value {
    let (n, e) = (base64url::encode(modulus), base64url::encode(exponent));
    json!({ "kty": "RSA", "n": n, "e": e })
}

/// An odd number of so many bits.
fn modulus(bits: usize) -> Vec<u8> {
    let mut n = vec![0xff; bits.div_ceil(8)];
    n[0] >>= n.len() * 8 - bits;
    n
}

fn p256(x: &[u8], y: &[u8]) -> Value {
    let (x, y) = (base64url::encode(x), base64url::encode(y));
    json!({ "kty": "EC", "crv": "P-256", "x": x, "y": y })
}

fn ed25519(x: &[u8; 32]) -> Value {
    json!({ "kty": "OKP", "crv": "Ed25519", "x": base64url::encode(x) })
}

fn refusal(jwk: &Value) -> Option<KeyError> {
    PublicKey::from_jwk(&jwk.to_string()).err()
}

/// V29: 2048 to 8192 bits.
#[test]
fn an_rsa_key_of_another_size_is_refused() {
    const F4: [u8; 3] = [1, 0, 1];

    for bits in [512, 1024, 2040, 2047, 8193, 16_384] {
        let refused = refusal(&rsa(&modulus(bits), &F4));

        assert_eq!(refused, Some(KeyError::Unsupported), "{bits} bits");
    }
    for bits in [2048, 3072, 4096, 8192] {
        assert_eq!(refusal(&rsa(&modulus(bits), &F4)), None, "{bits} bits");
    }
}

/// V7: under exponent 1 a signature is its own message.
#[test]
fn an_rsa_key_without_a_trapdoor_is_refused() {
    let mut even = modulus(2048);
    even[255] = 0xfe;
    let cases = [
        ("an even modulus", rsa(&even, &[1, 0, 1])),
        ("exponent 1", rsa(&modulus(2048), &[1])),
        ("exponent 2", rsa(&modulus(2048), &[2])),
        ("an even exponent", rsa(&modulus(2048), &[1, 0, 0])),
        ("a huge exponent", rsa(&modulus(2048), &[0xff; 64])),
    ];

    for (name, jwk) in cases {
        assert_eq!(refusal(&jwk), Some(KeyError::Unsupported), "{name}");
    }
}

/// V7
#[test]
fn a_point_that_is_not_on_p256_is_refused() {
    let cases = [
        ("zeros", p256(&[0; 32], &[0; 32])),
        ("ones", p256(&[1; 32], &[1; 32])),
        ("beyond the field", p256(&[0xff; 32], &[0xff; 32])),
    ];

    for (name, jwk) in cases {
        assert_eq!(refusal(&jwk), Some(KeyError::Unsupported), "{name}");
    }
}

/// V7: every spelling of the eight points of small order, with either sign.
#[test]
fn an_ed25519_key_of_small_order_is_refused() {
    let ends = |first: u8, fill: u8, last: u8| {
        let mut key = [fill; 32];
        (key[0], key[31]) = (first, last);
        key
    };
    let decoded = |text| base64url::decode(text).unwrap().try_into().unwrap();
    let points: [[u8; 32]; 7] = [
        ends(1, 0, 0),
        ends(0, 0, 0),
        ends(0xec, 0xff, 0x7f),
        ends(0xed, 0xff, 0x7f),
        ends(0xee, 0xff, 0x7f),
        decoded("JuiVj8KyJ7BFw_SJ8u-Y8NXfrAXTxjM5sTgCiG1T_AU"),
        decoded("xxdqcD1N2E-6PAt2DRBnDyogU_osOczGTsf9d5KsA3o"),
    ];

    for mut point in points {
        assert_eq!(refusal(&ed25519(&point)), Some(KeyError::Unsupported), "{point:?}");
        point[31] |= 0x80;
        assert_eq!(refusal(&ed25519(&point)), Some(KeyError::Unsupported), "{point:?}");
    }
}

/// V7: bytes that are no point at all load, as only verifying decodes them, and verify nothing.
#[test]
fn an_ed25519_key_that_is_no_point_verifies_nothing() {
    let mut no_point = [0; 32];
    no_point[0] = 2;
    let key = VerifyingKey::from_jwk(&ed25519(&no_point).to_string()).unwrap();
    let keys = KeySet::new([key]).unwrap();
    let verifier = Verifier::new(keys, Policy::signature_and_time_only());
    let neutral = [&[1][..], &[0; 63]].concat();

    for payload in ["{}", r#"{"sub":"alice"}"#, r#"{"sub":"bob"}"#] {
        let [header, payload, signature] =
            [br#"{"alg":"EdDSA"}"#, payload.as_bytes(), &neutral].map(base64url::encode);
        let token = format!("{header}.{payload}.{signature}");

        let refused = verifier.verify::<jeton::Claims>(&token, Timestamp::from_secs(0));

        assert_eq!(refused.unwrap_err(), jeton::VerifyError::BadSignature);
    }
}

/// V29: what an RSA key file is cannot depend on how long it is: raw keys of other types have the
/// length of some.
#[test]
fn an_rsa_key_file_is_never_a_key_of_another_type() {
    for length in [32_usize, 1312, 1952, 2592] {
        // SEQUENCE { INTEGER n, INTEGER 65537 }, so long in all.
        let header = |length: usize| match length {
            0..0x80 => vec![u8::try_from(length).unwrap()],
            _ => [&[0x82][..], &u16::try_from(length).unwrap().to_be_bytes()].concat(),
        };
        let outer = length - 1 - header(length - 2).len();
        let inner = outer - 5 - 1 - header(outer - 7).len();
        let mut der = [&[0x30][..], &header(outer), &[2], &header(inner)].concat();
        der.extend([0x7f].into_iter().chain(std::iter::repeat_n(0xff, inner - 1)));
        der.extend([2, 3, 1, 0, 1]);
        assert_eq!(der.len(), length);

        let read = PublicKey::from_der(&der).map(|key| key.algorithm());

        assert_eq!(read, Err(KeyError::Unsupported), "{length} bytes");
    }
}

/// V12: a key has one spelling, so that it has one thumbprint.
#[test]
fn a_key_of_ml_dsa_is_its_bytes_and_not_a_file() {
    for algorithm in [Algorithm::MlDsa44, Algorithm::MlDsa65, Algorithm::MlDsa87] {
        let key = PrivateKey::generate(algorithm).unwrap();
        let spki = base64url::encode(&key.public_key().to_der());
        let jwk = json!({ "kty": "AKP", "alg": algorithm.name(), "pub": spki });

        assert_eq!(refusal(&jwk), Some(KeyError::Unsupported), "{algorithm:?}");
    }
}
