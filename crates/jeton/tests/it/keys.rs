//! Keys as PEM, and sets of keys.

use jeton::{
    Algorithm, JwkSet, KeyError, KeyId, KeySet, PrivateKey, PublicKey, SecretKey, SigningKey,
    VerifyingKey, limits,
};

use crate::given;
use crate::given::NOW;

/// T8: what one process wrote another can sign and verify with.
#[test]
fn keys_survive_pem() {
    for algorithm in given::asymmetric() {
        let key = given::private(algorithm);
        let private_pem = key.to_pem().unwrap();
        let public_pem = key.public_key().to_pem();

        let private = PrivateKey::from_pem(&private_pem).unwrap();
        let public = PublicKey::from_pem(&public_pem).unwrap();
        let private = private.with_algorithm(algorithm).unwrap();
        let public = public.with_algorithm(algorithm).unwrap();

        assert_eq!((private.algorithm(), public.algorithm()), (algorithm, algorithm));
        assert_eq!(*private.to_pem().unwrap(), *private_pem);
        assert_eq!(public.to_pem(), public_pem);
        assert_eq!(public.thumbprint(), key.public_key().thumbprint());
        let token = given::token(&SigningKey::private(private), &given::claims());
        let keys = KeySet::new([VerifyingKey::public(public)]).unwrap();
        let verifier = jeton::Verifier::new(keys, given::policy());
        assert!(verifier.verify_access_token(&token, NOW).is_ok(), "{algorithm:?}");
    }
}

/// V29, RFC 9068 section 2.1: generated RSA keys have the strength ASVS asks for.
#[test]
fn a_generated_rsa_key_has_3072_bits() {
    let key = PrivateKey::generate(Algorithm::Rs256).unwrap();

    let token = given::token(&SigningKey::private(key), &given::claims());

    let (_, signature) = token.rsplit_once('.').unwrap();
    assert_eq!(jeton::base64url::decode(signature).unwrap().len() * 8, 3072);
}

/// V2, V4: no private key is symmetric.
#[test]
fn a_private_key_is_never_symmetric() {
    // But for RSA, which is one more row and takes seconds.
    for algorithm in Algorithm::ALL.into_iter().filter(|a| !a.name().starts_with(['R', 'P'])) {
        let private = PrivateKey::generate(algorithm).map(|key| key.algorithm());
        let secret = SecretKey::generate(algorithm).map(|key| key.algorithm());

        let (made, refused) =
            if algorithm.is_symmetric() { (secret, private) } else { (private, secret) };
        assert_eq!((made, refused), (Ok(algorithm), Err(KeyError::Algorithm)));
    }
}

/// V3: one PEM block of the right label, whole, and nothing else.
#[test]
fn refuses_each_pem_that_is_not_the_key_asked_for() {
    use KeyError::{Pem, Unsupported};

    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let private = key.to_pem().unwrap().to_string();
    let public = key.public_key().to_pem();
    let relabelled = public.replace("PUBLIC KEY", "RSA PUBLIC KEY");
    let disguised = private.replace("PRIVATE KEY", "PUBLIC KEY");
    let padded = format!("{}{public}", " ".repeat(limits::KEY_FILE));
    let cases = [
        ("nothing", "", Pem),
        ("no PEM", "secret", Pem),
        ("a private key", &private, Pem),
        ("another label", &relabelled, Unsupported),
        ("a private key in disguise", &disguised, Unsupported),
        ("two keys", &format!("{public}{public}"), Pem),
        ("half a key", &public[..public.len() / 2], Pem),
        ("text in front", &format!("key: {public}"), Pem),
        ("text behind", &format!("{public}key"), Pem),
        ("a file over the limit", &padded, Pem),
    ];
    for (name, text, refusal) in cases {
        let refused = PublicKey::from_pem(text).unwrap_err();

        assert_eq!(refused, refusal, "{name}");
    }
    assert_eq!(PrivateKey::from_pem(&public).unwrap_err(), Pem);
    assert_eq!(
        PrivateKey::from_pem(&public.replace("PUBLIC", "PRIVATE")).unwrap_err(),
        Unsupported
    );
}

/// V5, V12: one spelling of a key; every bit of it counts.
#[test]
fn a_public_key_with_one_bit_flipped_is_refused_or_another_key() {
    for algorithm in [Algorithm::Es256, Algorithm::EdDsa] {
        let der = PrivateKey::generate(algorithm).unwrap().public_key().to_der();
        for bit in 0..der.len() * 8 {
            let mut flipped = der.clone();
            flipped[bit / 8] ^= 1 << (bit % 8);

            let read = PublicKey::from_der(&flipped);

            assert!(read.is_err() || read.unwrap().to_der() == flipped, "bit {bit}");
        }
        for length in 0..der.len() {
            assert!(PublicKey::from_der(&der[..length]).is_err(), "first {length} bytes");
        }
        assert!(PublicKey::from_der(&[&der[..], &[0]].concat()).is_err());
    }
}

/// V4: a secret is at least as long as its hash.
#[test]
fn a_short_secret_is_refused() {
    for length in [0, 1, 16, 31] {
        let refused = SecretKey::new(Algorithm::Hs256, &vec![b'x'; length]).unwrap_err();

        assert_eq!(refused, KeyError::SecretTooShort, "{length}");
    }
    assert!(SecretKey::new(Algorithm::Hs256, &[b'x'; 32]).is_ok());
}

/// V2, A4: two keys that one token could mean are refused when they are loaded.
#[test]
fn a_set_has_no_two_keys_for_one_token() {
    let key = |id: Option<&str>, algorithm| {
        let private = PrivateKey::generate(algorithm).unwrap();
        let key = VerifyingKey::public(private.public_key().clone());
        id.map(|id| key.clone().with_id(KeyId::new(id).unwrap())).unwrap_or(key)
    };
    let (es, ed) = (Algorithm::Es256, Algorithm::EdDsa);
    let cases = [
        ("one key", vec![key(None, es)], true),
        ("two ids", vec![key(Some("a"), es), key(Some("b"), es)], true),
        ("two algorithms", vec![key(Some("a"), es), key(Some("a"), ed)], true),
        ("two algorithms, no ids", vec![key(None, es), key(None, ed)], true),
        ("one id", vec![key(Some("a"), es), key(Some("a"), es)], false),
        ("no ids", vec![key(None, es), key(None, es)], false),
        ("no id beside an id", vec![key(Some("a"), es), key(None, es)], false),
    ];
    for (name, keys, unambiguous) in cases {
        let set = KeySet::new(keys);

        assert_eq!(set.is_ok(), unambiguous, "{name}");
        assert!(set.is_ok_and(|set| !set.is_empty()) || !unambiguous);
    }
}

/// V28: a set is bounded, however it is made.
#[test]
fn a_set_over_the_limit_is_refused() {
    let key = PrivateKey::generate(Algorithm::EdDsa).unwrap();
    let many = |n: usize| {
        let ids = (0..n).map(|i| KeyId::new(&format!("k{i}")).unwrap());
        ids.map(|id| (Some(id), key.public_key())).collect::<Vec<_>>()
    };
    let set = |n| {
        let keys = many(n).into_iter();
        KeySet::new(keys.map(|(id, key)| VerifyingKey::public(key.clone()).with_id(id.unwrap())))
    };
    let json = |n| JwkSet::new(many(n)).to_json();

    assert_eq!(set(limits::KEYS).unwrap().len(), limits::KEYS);
    assert_eq!(set(limits::KEYS + 1).unwrap_err(), KeyError::TooManyKeys);
    assert!(JwkSet::from_json(&json(limits::KEYS)).is_ok());
    assert_eq!(JwkSet::from_json(&json(limits::KEYS + 1)).unwrap_err(), KeyError::TooManyKeys);
}
