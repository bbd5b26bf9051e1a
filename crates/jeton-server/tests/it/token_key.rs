//! `jeton token key`: keys made at the command line.

use std::fs;

use jeton::{Algorithm, JwkSet, PrivateKey, SigningKey};
use serde_json::Value;

use crate::setup::Setup;

/// Runs a command of `jeton token key` and answers what it prints.
#[track_caller]
fn run(setup: &Setup, options: &[&str]) -> String {
    let ended = setup.run(&[&["token", "key"], options].concat(), "");
    assert_eq!(ended.code, Some(0), "{options:?}: {ended:?}");
    ended.output
}

/// I9: a key for each algorithm there is. The RSA ones are all alike, and slow to make.
#[test]
fn a_generated_key_signs_and_its_public_half_verifies() {
    let setup = Setup::empty();
    let is_rsa = |name: &str| name.starts_with(['R', 'P']);
    let names = Algorithm::ALL.map(Algorithm::name);

    for name in names.into_iter().filter(|name| !is_rsa(name) || *name == "PS384") {
        fs::write(setup.path("key"), run(&setup, &["generate", "--alg", name, "--jwk"])).unwrap();
        let signed = setup.run(&["token", "sign", "--key", "key"], r#"{"sub":"alice"}"#);
        let mut verifying = vec!["key"];
        if !name.starts_with("HS") {
            let public = run(&setup, &["public", "--key", "key", "--jwks"]);
            assert!(JwkSet::from_json(&public).is_ok(), "no private member: {public}");
            fs::write(setup.path("public"), public).unwrap();
            verifying.push("public");
        }

        assert_eq!(signed.code, Some(0), "{name}: {signed:?}");
        for file in verifying {
            let verified = setup.run(&["token", "verify", "--key", file], &signed.output);
            assert_eq!(verified.output, "{\"sub\":\"alice\"}\n", "{name}: {verified:?}");
        }
    }
}

#[test]
fn a_key_has_the_same_public_half_in_every_form() {
    let setup = Setup::empty();
    let pem = run(&setup, &["generate", "--alg", "Ed25519"]);
    fs::write(setup.path("key.pem"), &pem).unwrap();
    let key = PrivateKey::from_pem(&pem).unwrap();
    let thumbprint = key.public_key().thumbprint();

    let public = ["public", "--key", "key.pem", "--alg", "Ed25519"];
    fs::write(setup.path("public.pem"), run(&setup, &public)).unwrap();
    fs::write(setup.path("public.jwk"), run(&setup, &[&public[..], &["--jwk"]].concat())).unwrap();
    fs::write(setup.path("set.json"), run(&setup, &[&public[..], &["--jwks"]].concat())).unwrap();

    assert_eq!(fs::read_to_string(setup.path("public.pem")).unwrap(), key.public_key().to_pem());
    let jwk: Value = serde_json::from_slice(&fs::read(setup.path("public.jwk")).unwrap()).unwrap();
    assert_eq!((&jwk["kid"], &jwk["alg"]), (&thumbprint.clone().into(), &"Ed25519".into()));
    for file in ["key.pem", "public.pem", "public.jwk", "set.json"] {
        let printed = run(&setup, &["thumbprint", "--key", file]);
        assert_eq!(printed.trim(), thumbprint, "{file}");
    }
}

/// A thumbprint gives nothing of a private key away; of a secret it would be a hash.
#[test]
fn a_generated_jwk_has_the_id_it_is_given_or_its_thumbprint() {
    let setup = Setup::empty();
    let odd = r#"a "quoted" \ id"#;
    let cases = [
        (&["--alg", "ES256"][..], true, None),
        (&["--alg", "ES256", "--kid", odd], false, Some(odd)),
        (&["--alg", "HS512"], false, None),
        (&["--alg", "HS512", "--kid", odd], false, Some(odd)),
    ];

    for (options, is_thumbprint, id) in cases {
        let jwk = run(&setup, &[&["generate", "--jwk"], options].concat());

        let key = SigningKey::from_jwk(jwk.trim()).unwrap();
        let found = key.id().map(|id| id.as_str().to_owned());
        let thumbprint = key.public_key().map(jeton::PublicKey::thumbprint);
        let expected = if is_thumbprint { thumbprint } else { id.map(str::to_owned) };
        assert_eq!(found, expected, "{options:?}");
    }
}

/// A key for encryption signs nothing, and still has a name.
#[test]
fn any_jwk_has_a_thumbprint() {
    let setup = Setup::empty();
    let jwk = r#"{"kty":"OKP","crv":"X25519","use":"enc","x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}"#;
    fs::write(setup.path("key"), jwk).unwrap();

    assert_eq!(run(&setup, &["thumbprint", "--key", "key"]).trim().len(), 43);
}
