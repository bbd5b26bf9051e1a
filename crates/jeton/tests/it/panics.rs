//! Nothing that comes from outside makes the crate panic.

use std::sync::OnceLock;

use jeton::{
    Algorithm, Guard, JwkSet, KeyId, PrivateKey, PublicKey, SecretKey, SessionId, SigningKey,
    base64url,
};
use pem_rfc7468::{LineEnding, encode_string};
use proptest::prelude::*;

use crate::given;
use crate::given::at;
use crate::pen::Pen;

/// A guard with a good token of its own.
fn guard() -> &'static (Pen, Guard, String) {
    static GUARD: OnceLock<(Pen, Guard, String)> = OnceLock::new();
    GUARD.get_or_init(|| {
        let pen = Pen::new(Algorithm::Hs256);
        let guard = given::guard(pen.key());
        let token = given::token(pen.key(), &given::claims());
        (pen, guard, token)
    })
}

/// Texts with a key inside: PEM public, PEM private, JWK Set, JWK private.
fn key_files() -> &'static [String; 4] {
    static FILES: OnceLock<[String; 4]> = OnceLock::new();
    FILES.get_or_init(|| {
        let key = PrivateKey::generate(Algorithm::Es256).unwrap();
        let pem = key.to_pem().unwrap().to_string();
        let id = KeyId::new("k1").unwrap();
        let jwks = JwkSet::new([(Some(id), key.public_key())]).to_json();
        [key.public_key().to_pem(), pem, jwks, key.to_jwk().unwrap().to_string()]
    })
}

/// A text with some pieces cut out, doubled or overwritten.
fn mutated(text: &'static str) -> impl Strategy<Value = String> {
    let edit = (any::<prop::sample::Index>(), 0..20_usize, "\\PC{0,8}|[.={}\"\\[\\]\0-]{0,3}");
    prop::collection::vec(edit, 1..4).prop_map(move |edits| {
        let mut letters: Vec<char> = text.chars().collect();
        for (place, length, replacement) in edits {
            let start = place.index(letters.len() + 1);
            let end = letters.len().min(start + length);
            letters.splice(start..end, replacement.chars());
        }
        letters.into_iter().collect()
    })
}

/// Any bytes, or a text like this.
fn signed(like: &'static str) -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![any::<Vec<u8>>(), like.prop_map(String::into_bytes)]
}

fn read_everything(text: &str) {
    let (_, guard, _) = guard();
    for now in [0, 1_800_000_000, u64::MAX] {
        let _ = guard.check(text, jeton::Timestamp::from_secs(now));
    }
    let _ = JwkSet::from_json(text);
    let _ = PublicKey::from_pem(text);
    let _ = PublicKey::from_der(text.as_bytes());
    let _ = PublicKey::from_jwk(text);
    let _ = PrivateKey::from_pem(text);
    let _ = PrivateKey::from_der(text.as_bytes());
    let _ = SigningKey::from_jwk(text);
    let _ = SecretKey::legacy_short(Algorithm::Hs256, text.as_bytes());
    let _ = KeyId::new(text).map(|id| id.to_string());
    let _ = SessionId::parse(text);
    let _ = Algorithm::from_name(text);
    if let Some(bytes) = base64url::decode(text) {
        assert_eq!(base64url::encode(&bytes), text);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// A18, V12
    #[test]
    fn any_text_is_read_without_panic(text in any::<String>()) {
        read_everything(&text);
    }

    /// A18, V12
    #[test]
    fn any_text_of_token_letters_is_read_without_panic(text in "[A-Za-z0-9._=-]{0,200}") {
        read_everything(&text);
    }

    /// A18, V5: and no variant of the token is accepted.
    #[test]
    fn a_damaged_token_is_refused_without_panic(token in mutated(&guard().2)) {
        read_everything(&token);

        let (_, guard, good) = guard();
        prop_assert!(token == *good || guard.check(&token, given::NOW).is_err());
    }

    /// A18: bytes that only the holder of the key could sign, as header and as claims.
    #[test]
    fn signed_nonsense_is_read_without_panic(
        header in signed(r#"\{"alg":"HS256","\PC*":\PC*\}"#),
        payload in signed(r#"\{"[a-z]{3}":[-0-9eE."a-z\[\]]{0,12}\}"#),
    ) {
        let (pen, guard, _) = guard();

        let strange = guard.check(&pen.write(&header, given::claims().to_string()), at(0));
        let empty = guard.check(&pen.write(pen.header().to_string(), &payload), at(0));

        prop_assert!(strange.is_err() && empty.is_err());
    }

    /// A18
    #[test]
    fn a_damaged_public_key_is_read_without_panic(pem in mutated(&key_files()[0])) {
        read_everything(&pem);
    }

    /// A18
    #[test]
    fn a_damaged_private_key_is_read_without_panic(pem in mutated(&key_files()[1])) {
        read_everything(&pem);
    }

    /// A18
    #[test]
    fn a_damaged_set_is_read_without_panic(jwks in mutated(&key_files()[2])) {
        read_everything(&jwks);
    }

    /// A18
    #[test]
    fn a_damaged_private_jwk_is_read_without_panic(jwk in mutated(&key_files()[3])) {
        read_everything(&jwk);
    }

    /// A18: DER behind a good frame.
    #[test]
    fn any_der_is_read_without_panic(der in any::<Vec<u8>>()) {
        let frame = |label| encode_string(label, LineEnding::LF, &der).unwrap();

        prop_assert!(PublicKey::from_pem(&frame("PUBLIC KEY")).is_err());
        prop_assert!(PrivateKey::from_pem(&frame("PRIVATE KEY")).is_err());
    }
}
