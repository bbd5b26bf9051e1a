//! What an issuer signs.

use std::collections::BTreeSet;

use jeton::{
    Algorithm, NewAccessToken, SessionId, SignError, Signer, SubjectKey, base64url, is_reserved,
    jws,
};
use serde_json::{Map, Value, json};

use crate::given;
use crate::given::{AUDIENCE, ISSUER, NOW, at};

fn new_token(other: &Map<String, Value>) -> NewAccessToken<'_> {
    NewAccessToken {
        issuer: ISSUER,
        subject: "alice",
        audience: AUDIENCE,
        client_id: "web",
        issued_at: NOW,
        expires_at: at(600),
        token_id: "t1",
        session: Some(given::session()),
        version: 3,
        scope: None,
        auth_time: Some(at(-5)),
        amr: &[],
        other,
    }
}

fn part(token: &str, index: usize) -> Value {
    let bytes = base64url::decode(token.split('.').nth(index).unwrap()).unwrap();
    serde_json::from_slice(&bytes).unwrap()
}

/// I1, RFC 9068 section 2
#[test]
fn an_access_token_has_the_header_and_claims_of_rfc_9068() {
    for algorithm in Algorithm::ALL {
        let signer = Signer::new(given::key(algorithm));

        let token = signer.access_token(&new_token(&Map::new())).unwrap();

        let header = json!({ "alg": algorithm.name(), "kid": "k1", "typ": "at+jwt" });
        assert_eq!(part(&token, 0), header);
        let claims = json!({
            "iss": ISSUER,
            "sub": "alice",
            "aud": AUDIENCE,
            "client_id": "web",
            "iat": NOW,
            "exp": at(600),
            "jti": "t1",
            "sid": given::session(),
            "ver": 3,
            "auth_time": at(-5),
        });
        assert_eq!(part(&token, 1), claims);
    }
}

/// I11: what is signed is accepted by a verifier that knows the key, and says the same.
#[test]
fn an_issued_token_is_accepted() {
    let other = json!({ "role": "admin", "teams": ["a", "b"] });
    let methods = ["pwd".to_owned(), "otp".to_owned()];
    for algorithm in Algorithm::ALL {
        let key = given::key(algorithm);
        let mut new = new_token(other.as_object().unwrap());
        new.scope = Some("read write");
        new.amr = &methods;

        let token = Signer::new(key.clone()).access_token(&new).unwrap();
        let identity = given::guard(&key).check(&token, NOW).unwrap();

        assert_eq!((identity.subject(), identity.session()), ("alice", Some(given::session())));
        assert!(identity.has_scope("read") && identity.has_scope("write"));
        assert!(!identity.has_scope("rea") && !identity.has_scope("read write"));
        assert!(!identity.has_scope("admin") && !identity.has_scope(""));
        let claims = identity.claims();
        assert_eq!((claims.version, claims.auth_time), (3, Some(at(-5))));
        assert_eq!((&claims.amr[..], &json!(claims.other)), (&methods[..], &other));
    }
}

/// I11, V19: what every guard would refuse is not signed.
#[test]
fn a_token_of_nobody_or_of_anothers_session_is_not_signed() {
    let signer = Signer::new(given::key(Algorithm::Hs256));
    let other = Map::new();
    let longest = "a".repeat(jeton::limits::SUBJECT + 1);
    for subject in ["", "bob", &longest] {
        let mut new = new_token(&other);
        new.subject = subject;

        assert_eq!(signer.access_token(&new), Err(SignError::Claims), "{subject}");
    }
    let nobody = NewAccessToken {
        subject: "",
        session: Some(SessionId::new(SubjectKey::of(""), [7; 8])),
        ..new_token(&other)
    };
    assert_eq!(signer.access_token(&nobody), Err(SignError::Claims));
}

/// V19: what a client gets for itself speaks of the client, of no session, and of nobody's presence.
#[test]
fn a_token_without_a_session_has_neither_sid_nor_auth_time() {
    let signer = Signer::new(given::key(Algorithm::Hs256));
    let other = Map::new();
    let new = NewAccessToken {
        subject: "orders",
        client_id: "orders",
        session: None,
        auth_time: None,
        ..new_token(&other)
    };

    let token = signer.access_token(&new).unwrap();

    let claims = json!({
        "iss": ISSUER, "sub": "orders", "aud": AUDIENCE, "client_id": "orders",
        "iat": NOW, "exp": at(600), "jti": "t1", "ver": 3,
    });
    assert_eq!(part(&token, 1), claims);
}

/// I4, B18: an application adds claims; it does not override ours.
#[test]
fn an_application_cannot_set_a_claim_of_ours() {
    let signer = Signer::new(given::key(Algorithm::Hs256));
    let ours = [
        "iss",
        "sub",
        "aud",
        "exp",
        "nbf",
        "iat",
        "jti",
        "client_id",
        "scope",
        "sid",
        "ver",
        "gen",
        "auth_time",
        "acr",
        "amr",
        "cnf",
        "nonce",
        "act",
    ];
    for name in ours {
        let other = Map::from_iter([(name.to_owned(), json!("mine"))]);

        let refused = signer.access_token(&new_token(&other)).unwrap_err();

        assert_eq!(refused, SignError::Reserved, "{name}");
        assert!(is_reserved(name));
    }
    assert!(!is_reserved("role") && !is_reserved("ISS") && !is_reserved(""));
}

/// I11: a token that every verifier would refuse for its size is not issued.
#[test]
fn an_access_token_over_the_limits_is_not_issued() {
    let signer = Signer::new(given::key(Algorithm::Hs256));
    let long = Map::from_iter([("x".to_owned(), json!("x".repeat(8 * 1024)))]);
    let wide: Map<_, _> = (0..60).map(|i| (format!("m{i}"), json!(1))).collect();

    for other in [long, wide] {
        let refused = signer.access_token(&new_token(&other)).unwrap_err();

        assert_eq!(refused, SignError::Claims);
    }
}

/// I7: ECDSA signatures are hedged with fresh randomness, so no two share a nonce; so are those of
/// ML-DSA, and PSS has a salt. The others are deterministic.
#[test]
fn only_randomized_algorithms_sign_the_same_bytes_differently() {
    const ROUNDS: usize = 50;
    const RANDOMIZED: [&str; 3] = ["ES", "PS", "ML-DSA"];

    for algorithm in Algorithm::ALL {
        let key = given::key(algorithm);

        let tokens = (0..ROUNDS).map(|_| jws::sign(&key, "JWT", b"{}").unwrap());
        let signatures: BTreeSet<Vec<u8>> = tokens
            .map(|token| base64url::decode(token.rsplit_once('.').unwrap().1).unwrap())
            .collect();

        let is_randomized = RANDOMIZED.iter().any(|name| algorithm.name().starts_with(name));
        let expected = if is_randomized { ROUNDS } else { 1 };
        assert_eq!(signatures.len(), expected, "{algorithm:?}");
        // A nonce used twice shows as the same `r`, the first half.
        let halves: BTreeSet<&[u8]> = signatures.iter().map(|bytes| &bytes[..32]).collect();
        assert_eq!(halves.len(), expected, "{algorithm:?}");
    }
}

/// T8: the id in the header is the id that finds the key, whatever letters it has.
#[test]
fn a_key_id_is_written_as_json() {
    let id = "a\"b\\c/\u{e9}";
    let key = given::key_with_id(id, Algorithm::EdDsa);

    let token = given::token(&key, &given::claims());

    assert_eq!(part(&token, 0)["kid"], id);
    assert!(given::verifier(&key).verify_access_token(&token, NOW).is_ok());
}
