//! What must not be read in a log.

use std::fmt::Debug;
use std::sync::Arc;

use jeton::{
    Algorithm, Guard, PrivateKey, RevocationList, SecretKey, Signer, SigningKey, Verifier,
    base64url, jws,
};

use crate::given;
use crate::given::NOW;
use crate::pen::Pen;

/// Everything a log could show of a value.
fn shown(value: &impl Debug) -> String {
    format!("{value:?} {value:#?}")
}

/// T5: no key prints its material, wherever it is held.
#[test]
fn a_key_is_never_printed() {
    let secret = [b's'; 48];
    let symmetric = SigningKey::secret(SecretKey::new(Algorithm::Hs256, &secret).unwrap());
    let private = PrivateKey::generate(Algorithm::Es256).unwrap();
    let pem = private.to_pem().unwrap();
    let body = pem.lines().nth(1).unwrap();
    let printed = shown(&private);
    let asymmetric = SigningKey::private(private);

    let list = Arc::new(RevocationList::new());
    let mut all = printed;
    for key in [&symmetric, &asymmetric] {
        let keys = given::keys(key);
        all += &shown(key);
        all += &shown(&key.verifying_key());
        all += &shown(&keys);
        all += &shown(&Signer::new(key.clone()));
        all += &shown(&Verifier::new(keys.clone(), given::policy()));
        all += &shown(&Guard::new(keys, given::policy(), Arc::clone(&list)));
    }

    let as_numbers = format!("{:?}", &secret[..8]);
    let spellings = ["ssssssss", &base64url::encode(&secret)[..16], "115, 115", "7373", body];
    for material in spellings.into_iter().chain([as_numbers.trim_matches(['[', ']'])]) {
        assert!(!all.contains(material), "{material} in {all}");
    }
}

/// T5: a token is a credential; its header is enough to find out what is wrong with it.
#[test]
fn a_token_is_never_printed() {
    let key = given::key(Algorithm::Hs256);
    let token = given::token(&key, &given::claims());
    let compact = jws::Compact::parse(&token).unwrap();

    let printed = shown(&compact);

    for part in token.split('.') {
        assert!(!printed.contains(part), "{printed}");
    }
    assert!(printed.contains("k1"), "{printed}");
}

/// V25, V15: a refusal says which claim, never what was in it.
#[test]
fn a_refusal_repeats_nothing_of_the_token() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    let hostile = "<script>\r\nX: y";
    let mut header = pen.header();
    header["typ"] = hostile.into();
    let mut tokens = vec![pen.write_under(&header), hostile.to_owned()];
    for claim in ["iss", "aud", "sub", "exp", "sid", "ver"] {
        let claims = given::claims_with(claim, hostile.repeat(40).into());
        tokens.push(pen.write(pen.header().to_string(), claims.to_string()));
    }

    for token in tokens {
        let refused = verifier.verify_access_token(&token, NOW).unwrap_err();

        let said = format!("{refused} {refused:?} {}", refused.code());
        assert!(!said.contains("script") && said.lines().count() == 1, "{said}");
    }
}

/// T5: a session shows enough to be followed, not enough to be named.
#[test]
fn a_session_is_printed_in_part() {
    let session = given::session();

    let printed = format!("{session:?}");

    assert_eq!(printed, "..BwcHBwcH");
    assert!(session.to_string().ends_with(&printed[2..]));
}
