//! `jeton token`: keys of every form, and what can be asked of a token.

use std::fs;

use jeton::{Algorithm, JwkSet, KeyId, PrivateKey, SecretKey};
use serde_json::{Value, json};

use crate::forge::Parts;
use crate::setup::{Ended, Setup};

/// Later than any test runs.
const LATER: u64 = 4_000_000_000;

fn claims() -> Value {
    json!({ "iss": "https://issuer.example", "sub": "alice", "aud": "api", "exp": LATER })
}

/// Signs and answers the token.
#[track_caller]
fn sign(setup: &Setup, claims: &Value, options: &[&str]) -> String {
    let signed = setup.run(&[&["token", "sign"], options].concat(), &claims.to_string());
    assert_eq!(signed.code, Some(0), "{options:?}: {signed:?}");
    signed.output.trim().to_owned()
}

fn verify(setup: &Setup, token: &str, options: &[&str]) -> Ended {
    setup.run(&[&["token", "verify"], options].concat(), token)
}

#[track_caller]
fn assert_accepted(ended: &Ended, claims: &Value, case: &str) {
    assert_eq!(ended.code, Some(0), "{case}: {ended:?}");
    let printed: Value = serde_json::from_str(&ended.output).unwrap();
    assert_eq!(&printed, claims, "{case}");
}

#[track_caller]
fn assert_ended(ended: &Ended, code: i32, words: &str, case: &str) {
    assert_eq!(ended.code, Some(code), "{case}: {ended:?}");
    assert!(ended.errors.contains(words), "{case}: {ended:?}");
    assert!(ended.output.is_empty(), "{case}: {ended:?}");
}

/// A file in the folder where the commands run.
fn write(setup: &Setup, name: &str, content: impl AsRef<[u8]>) {
    fs::write(setup.path(name), content).unwrap();
}

/// A key of each form that can be told by its file alone, with its public half.
#[test]
fn a_key_file_says_by_itself_what_it_is() {
    let setup = Setup::empty();
    let key = PrivateKey::generate(Algorithm::Es384).unwrap();
    let id = KeyId::new("one").unwrap();
    write(&setup, "private.pem", key.to_pem().unwrap().as_bytes());
    write(&setup, "private.der", key.to_der().unwrap().as_slice());
    write(&setup, "private.jwk", key.to_jwk().unwrap().as_bytes());
    write(&setup, "public.pem", key.public_key().to_pem());
    write(&setup, "public.der", key.public_key().to_der());
    let set = JwkSet::new([(Some(id), key.public_key())]).to_json();
    let jwk: Value = serde_json::from_str(&set).unwrap();
    write(&setup, "public.jwk", jwk["keys"][0].to_string());
    write(&setup, "set.json", &set);

    for private in ["private.pem", "private.der", "private.jwk"] {
        let token = sign(&setup, &claims(), &["--key", private]);
        for other in ["public.pem", "public.der", "public.jwk", "set.json", private] {
            let verified = verify(&setup, &token, &["--key", other]);

            assert_accepted(&verified, &claims(), &format!("{private}, {other}"));
        }
    }
}

/// V30: RSA keys have six algorithms, Ed25519 keys two names, secrets three hashes.
#[test]
fn a_key_signs_for_the_algorithm_that_it_is_told() {
    let setup = Setup::empty();
    let rsa = PrivateKey::generate(Algorithm::Rs256).unwrap();
    let ed25519 = PrivateKey::generate(Algorithm::EdDsa).unwrap();
    write(&setup, "rsa", rsa.to_pem().unwrap().as_bytes());
    write(&setup, "ed25519", ed25519.to_pem().unwrap().as_bytes());
    write(&setup, "secret", [b'\n'; 64]);
    write(&setup, "oct", r#"{"kty":"oct","k":""#.to_owned() + &"A".repeat(86) + "\"}");
    let rsa_names = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512"];
    let cases = [
        ("--key", "rsa", &rsa_names[..]),
        ("--key", "ed25519", &["EdDSA", "Ed25519"]),
        ("--secret-file", "secret", &["HS256", "HS384", "HS512"]),
        ("--key", "oct", &["HS256", "HS384", "HS512"]),
    ];

    for (option, file, algorithms) in cases {
        let default = sign(&setup, &claims(), &[option, file]);
        assert_eq!(Parts::of(&default).header["alg"], algorithms[0], "{file}");
        for algorithm in algorithms {
            let options = [option, file, "--alg", algorithm];
            let token = sign(&setup, &claims(), &options);

            assert_eq!(Parts::of(&token).header["alg"], *algorithm, "{file}");
            assert_accepted(&verify(&setup, &token, &options), &claims(), algorithm);
        }
        let other = [option, file, "--alg", algorithms[algorithms.len() - 1]];
        let refused = verify(&setup, &default, &other);
        let is_ed25519 = file == "ed25519";
        assert_eq!(refused.code, Some(i32::from(!is_ed25519)), "{file}: {refused:?}");
    }
}

/// V2: what a JWK says its algorithm is, it is; one that does not say may be told.
#[test]
fn a_jwk_keeps_the_algorithm_it_says() {
    let setup = Setup::empty();
    let key = PrivateKey::generate(Algorithm::Ps256).unwrap();
    let set = JwkSet::new([(None, key.public_key())]).to_json();
    let unsaid = |text: &str| text.replace(r#""alg":"PS256","#, "");
    write(&setup, "said.jwk", key.to_jwk().unwrap().as_bytes());
    write(&setup, "unsaid.jwk", unsaid(&key.to_jwk().unwrap()));
    write(&setup, "said.json", &set);
    write(&setup, "unsaid.json", unsaid(&set));
    let token = sign(&setup, &claims(), &["--key", "said.jwk"]);

    let unsaid = sign(&setup, &claims(), &["--key", "unsaid.jwk", "--alg", "PS256"]);
    let refused = setup.run(&["token", "sign", "--key", "said.jwk", "--alg", "RS256"], "{}");
    let elsewhere = verify(&setup, &token, &["--key", "said.json", "--alg", "RS256"]);

    for (token, set) in [(&token, "unsaid.json"), (&unsaid, "said.json"), (&unsaid, "unsaid.json")]
    {
        let verified = verify(&setup, token, &["--key", set, "--alg", "PS256"]);
        assert_accepted(&verified, &claims(), set);
    }
    assert_ended(&refused, 2, r#"said.jwk: the JWK is for "PS256", not for RS256"#, "said");
    assert_ended(&elsewhere, 2, "said.json: no key in the JWK Set for this", "set");
}

#[test]
fn the_id_of_a_jwk_becomes_the_tokens_unless_another_is_given() {
    let setup = Setup::empty();
    let make = ["token", "key", "generate", "--alg", "EdDSA", "--jwk", "--kid", "of the key"];
    write(&setup, "key.jwk", setup.run(&make, "").output);

    let own = sign(&setup, &claims(), &["--key", "key.jwk"]);
    let other = sign(&setup, &claims(), &["--key", "key.jwk", "--kid", "another"]);

    assert_eq!(Parts::of(&own).header["kid"], "of the key");
    assert_eq!(Parts::of(&other).header["kid"], "another");
    assert_accepted(&verify(&setup, &own, &["--key", "key.jwk"]), &claims(), "own");
    let refused = verify(&setup, &other, &["--key", "key.jwk"]);
    assert_ended(&refused, 1, "key_unknown", "another");
}

/// V17, V18, V23: each option asks for what its name says.
#[test]
fn every_option_of_verify_is_asked_of_the_token() {
    let setup = Setup::empty();
    write(&setup, "secret", [7; 32]);
    let options = ["--secret-file", "secret"];
    let old = json!({ "sub": "alice", "iat": 1_000_000_000, "exp": 1_000_000_600, "n": null });
    let (new, old) = (sign(&setup, &claims(), &options), sign(&setup, &old, &options));
    let accepted = [
        (&new, &["--issuer", "https://issuer.example", "--audience", "api"][..]),
        (&new, &["--subject", "alice", "--typ", "jwt", "--leeway", "0"]),
        (&new, &["--require", "iss", "--require", "aud"]),
        (&old, &["--ignore-expiry", "--require", "exp"]),
        (&old, &["--ignore-expiry", "--max-age", "18446744073709551615"]),
    ];
    let refused = [
        (&new, &["--issuer", "https://issuer.example/"][..], "`iss` was not accepted"),
        (&new, &["--audience", "ap"], "`aud` was not accepted"),
        (&new, &["--subject", "Alice"], "`sub` was not accepted"),
        (&new, &["--typ", "at+jwt"], "not a token of the wanted type"),
        (&new, &["--require", "iss", "--require", "jti"], "`jti` is missing"),
        (&new, &["--max-age", "60"], "`iat` is missing"),
        (&old, &[], "refused (token_expired)"),
        (&old, &["--ignore-expiry", "--max-age", "60"], "refused (token_expired)"),
        (&old, &["--ignore-expiry", "--require", "n"], "`n` was not accepted"),
    ];

    for (token, asked) in accepted {
        let ended = verify(&setup, token, &[&options, asked].concat());
        assert_eq!(ended.code, Some(0), "{asked:?}: {ended:?}");
    }
    for (token, asked, words) in refused {
        let ended = verify(&setup, token, &[&options, asked].concat());
        assert_ended(&ended, 1, words, &format!("{asked:?}"));
    }
}

/// Wrong usage is told from a refusal, names the file, and says what to do.
#[test]
fn a_wrong_key_file_is_named_with_what_is_wrong_in_it() {
    let setup = Setup::empty();
    let key = PrivateKey::generate(Algorithm::Es256).unwrap();
    let secret = SecretKey::generate(Algorithm::Hs256).unwrap();
    write(&setup, "private", key.to_pem().unwrap().as_bytes());
    write(&setup, "public", key.public_key().to_pem());
    write(&setup, "public.der", key.public_key().to_der());
    write(&setup, "set", JwkSet::new([(None, key.public_key())]).to_json());
    write(&setup, "empty", "");
    write(&setup, "empty-set", r#"{"keys":[]}"#);
    write(&setup, "strange-set", r#"{"keys":[{"kty":"OKP","crv":"Ed448","x":"AA"}]}"#);
    write(&setup, "private-set", format!(r#"{{"keys":[{}]}}"#, *secret.to_jwk()));
    write(&setup, "unclosed", "{");
    write(&setup, "two braces", format!("{{{}", secret.to_jwk().replace(r#""alg":"HS256","#, "")));
    write(&setup, "no text", [0xff; 40]);
    write(&setup, "short", [b'x'; 47]);
    write(&setup, "large", vec![b' '; 256 * 1024 + 1]);
    write(
        &setup,
        "locked",
        "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMA==\n-----END ENCRYPTED PRIVATE KEY-----\n",
    );
    let damaged = key.to_pem().unwrap().replace("MIGH", "MIGG");
    write(&setup, "damaged", damaged);
    let cases = [
        ("sign", &["--key", "nowhere"][..], "nowhere: no such file"),
        ("sign", &["--key", "."], ".: "),
        ("sign", &["--key", "public"], "public: this is a public key"),
        ("sign", &["--key", "public.der"], "public.der: this is a public key"),
        ("sign", &["--key", "set"], "set: a JWK Set: to sign, give one private JWK"),
        ("sign", &["--key", "private", "--alg", "RS256"], "cannot have this algorithm: RS256"),
        ("sign", &["--key", "private", "--alg", "HS256"], "cannot have this algorithm: HS256"),
        ("sign", &["--key", "empty"], "empty: not one PEM block"),
        ("sign", &["--key", "unclosed"], "unclosed: not a well-formed JWK"),
        ("sign", &["--key", "two braces", "--alg", "HS256"], "two braces: not a well-formed JWK"),
        ("sign", &["--key", "no text"], "no text: neither text nor DER"),
        ("sign", &["--key", "large"], "large: too large for a key"),
        ("sign", &["--key", "locked"], "locked: the private key is encrypted"),
        ("sign", &["--secret-file", "short", "--alg", "HS384"], "short: a secret for"),
        ("sign", &["--secret-file", "private"], "private: this is a key of another kind"),
        ("sign", &["--secret-file", "set", "--alg", "ES256"], "set: a key of this type"),
        ("sign", &["--key", "private", "--kid", ""], "not a usable key id"),
        ("sign", &["--key", "private", "--alg", "none"], "HS256, HS384, HS512, RS256"),
        ("sign", &["--key", "private", "--secret-file", "short"], "cannot be used with"),
        ("sign", &[], "give --key FILE or --secret-file FILE"),
        ("verify", &["--key", "damaged"], "damaged: not a usable"),
        ("verify", &["--key", "locked"], "locked: the private key is encrypted"),
        ("verify", &["--key", "private", "--alg", "EdDSA"], "cannot have this algorithm: EdDSA"),
        ("verify", &["--key", "empty-set"], "empty-set: no key in the JWK Set"),
        ("verify", &["--key", "strange-set"], "strange-set: no usable key in the JWK Set: not a"),
        ("verify", &["--key", "private-set"], "private-set: this holds a private"),
        ("verify", &["--key", "private", "--leeway", "61"], "61"),
        ("verify", &["--alg", "ES256"], "--key"),
        ("key", &["public", "--key", "private-set"], "private-set: this holds a private"),
        ("key", &["generate", "--alg", "HS256"], "a secret has no PEM: add --jwk"),
    ];

    for (command, options, words) in cases {
        let ended = setup.run(&[&["token", command], options].concat(), "{}");

        assert_ended(&ended, 2, words, &format!("{command} {options:?}"));
        assert!(!ended.errors.contains("BEGIN"), "{ended:?}");
    }
}

/// Without a key it is the service's own keys, issuer and audience, and more can be asked.
#[test]
fn a_token_of_the_service_is_verified_with_its_own_keys() {
    let setup = Setup::new();
    let tokens = setup.start().http.login().tokens();
    let cases = [
        (&tokens.access, &["--require", "sid", "--max-age", "600"][..], 0, ""),
        (&tokens.access, &["--subject", "nobody"], 1, "refused (claim_refused)"),
        (&tokens.refresh, &[], 1, "refused (key_unknown)"),
        (&tokens.access, &["--data", "elsewhere"], 2, "elsewhere"),
    ];

    for (token, options, code, words) in cases {
        let ended = verify(&setup, token, options);

        assert_eq!(ended.code, Some(code), "{options:?}: {ended:?}");
        assert!(ended.errors.contains(words), "{options:?}: {ended:?}");
        assert_eq!(ended.output.is_empty(), code != 0, "{options:?}: {ended:?}");
    }
}

/// I10: a token on the command line is in every list of processes already; it is not repeated.
#[test]
fn a_token_as_an_argument_is_refused_and_not_repeated() {
    let setup = Setup::empty();
    write(&setup, "secret", [b'x'; 32]);
    let options = ["--secret-file", "secret"];
    let token = sign(&setup, &claims(), &options);

    for command in ["verify", "decode", "sign"] {
        let options: &[&str] = if command == "decode" { &[] } else { &options };
        let ended = setup.run(&[&["token", command, &token], options].concat(), &token);

        assert_ended(&ended, 2, "standard input", command);
        assert!(!ended.errors.contains(&token), "{command}");
    }
}
