//! Keys as PEM, and sets of keys.

use jeton::{
    Algorithm, JwkSet, KeyError, KeyId, KeySet, PrivateKey, PublicKey, SecretKey, SigningKey,
    VerifyingKey, limits,
};

use crate::given;
use crate::given::NOW;

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
    use KeyError::{IsPrivate, IsPublic, Pem, Unsupported};

    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let private = key.to_pem().unwrap().to_string();
    let public = key.public_key().to_pem();
    let relabelled = public.replace("PUBLIC KEY", "RSA PUBLIC KEY");
    let disguised = private.replace("PRIVATE KEY", "PUBLIC KEY");
    let padded = format!("{}{public}", " ".repeat(limits::KEY_FILE));
    let cases = [
        ("nothing", "", Pem),
        ("no PEM", "secret", Pem),
        ("a private key", &private, IsPrivate),
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
    assert_eq!(PrivateKey::from_pem(&public).unwrap_err(), IsPublic);
    let der = key.to_der().unwrap();
    assert_eq!(PublicKey::from_der(&der).unwrap_err(), IsPrivate);
    assert_eq!(PrivateKey::from_der(&key.public_key().to_der()).unwrap_err(), IsPublic);
    assert_eq!(
        PrivateKey::from_pem(&public.replace("PUBLIC", "PRIVATE")).unwrap_err(),
        Unsupported
    );
}

/// V4, RFC 7518 section 3.2: a secret is at least as long as its hash.
#[test]
fn a_short_secret_is_refused() {
    for (algorithm, least) in
        [(Algorithm::Hs256, 32), (Algorithm::Hs384, 48), (Algorithm::Hs512, 64)]
    {
        for length in [0, 1, 16, least - 1] {
            let refused = SecretKey::new(algorithm, &vec![b'x'; length]).unwrap_err();

            assert_eq!(refused, KeyError::SecretTooShort, "{algorithm:?} {length}");
        }
        assert!(SecretKey::new(algorithm, &vec![b'x'; least]).is_ok());
        assert_eq!(SecretKey::generate(algorithm).unwrap().expose().len(), least);
    }
}

/// V4, A5: a short one has to be asked for by name, and an empty one is none.
#[test]
fn a_legacy_secret_is_of_any_length_but_none() {
    let legacy = |length| SecretKey::legacy_short(Algorithm::Hs512, &vec![b'x'; length]);

    assert_eq!(legacy(0).unwrap_err(), KeyError::SecretTooShort);
    for length in [1, 31, 63, 64, 65, 200] {
        let key = SigningKey::secret(legacy(length).unwrap());
        let token = given::token(&key, &given::claims());
        assert!(given::verifier(&key).verify_access_token(&token, NOW).is_ok(), "{length}");
    }
    let public = SecretKey::legacy_short(Algorithm::Es256, b"secret");
    assert_eq!(public.unwrap_err(), KeyError::Algorithm);
}

/// V2: a key changes its algorithm only to one that its type has.
#[test]
fn a_key_has_only_algorithms_of_its_type() {
    let family = |algorithm: Algorithm| match algorithm.name() {
        name if name.starts_with(['R', 'P']) => "RSA",
        "EdDSA" | "Ed25519" => "Ed25519",
        name => name,
    };
    for from in given::asymmetric() {
        for to in Algorithm::ALL {
            let private = given::private(from);
            let public = private.public_key().clone();

            let private = private.with_algorithm(to).map(|key| key.algorithm());
            let public = public.with_algorithm(to).map(|key| key.algorithm());

            let expected =
                if family(from) == family(to) { Ok(to) } else { Err(KeyError::Algorithm) };
            assert_eq!((private, public), (expected, expected), "{from:?} to {to:?}");
        }
    }
}

/// V4: a secret too, as long as it is long enough; a short one was short before.
#[test]
fn a_secret_changes_its_algorithm_if_it_is_long_enough() {
    let to = |key: SecretKey, to| key.with_algorithm(to).map(|key| key.algorithm());
    let new = |length| SecretKey::new(Algorithm::Hs256, &vec![b'x'; length]).unwrap();
    let short = SecretKey::legacy_short(Algorithm::Hs256, b"secret").unwrap();

    assert_eq!(to(new(64), Algorithm::Hs512), Ok(Algorithm::Hs512));
    assert_eq!(to(new(63), Algorithm::Hs512), Err(KeyError::SecretTooShort));
    assert_eq!(to(short, Algorithm::Hs384), Ok(Algorithm::Hs384));
    assert_eq!(to(new(64), Algorithm::Es256), Err(KeyError::Algorithm));
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
