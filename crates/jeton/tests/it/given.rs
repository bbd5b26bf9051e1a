//! Keys, claims, tokens and guards to start from. Time stands still at [`NOW`].

use std::sync::{Arc, LazyLock};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::encoding::Pkcs8V1Der;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::RsaKeyPair;
use jeton::{
    Algorithm, Guard, KeyId, KeySet, Policy, PrivateKey, RevocationList, SecretKey, SessionId,
    Signer, SigningKey, SubjectKey, Timestamp, Verifier,
};
use serde_json::{Value, json};

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);
pub(crate) const ISSUER: &str = "https://login.example";
pub(crate) const AUDIENCE: &str = "https://api.example";

/// A moment this many seconds after [`NOW`].
pub(crate) fn at(offset: i64) -> Timestamp {
    Timestamp::from_secs(NOW.as_secs().checked_add_signed(offset).unwrap())
}

/// A new key of this algorithm, with the id `k1`.
pub(crate) fn key(algorithm: Algorithm) -> SigningKey {
    key_with_id("k1", algorithm)
}

pub(crate) fn key_with_id(id: &str, algorithm: Algorithm) -> SigningKey {
    let key = if algorithm.is_symmetric() {
        SigningKey::secret(SecretKey::generate(algorithm).unwrap())
    } else {
        SigningKey::private(private(algorithm))
    };
    key.with_id(KeyId::new(id).unwrap())
}

/// A private key of this algorithm: a new one, but for RSA, where a test makes one key of 2048
/// bits and has it for every algorithm. It takes a while, and if the algorithms were confused, one
/// key for all of them would show it.
pub(crate) fn private(algorithm: Algorithm) -> PrivateKey {
    static RSA: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let der: Pkcs8V1Der<'_> = RsaKeyPair::generate(KeySize::Rsa2048).unwrap().as_der().unwrap();
        der.as_ref().to_vec()
    });
    if algorithm.name().starts_with(['R', 'P']) {
        PrivateKey::from_der(&RSA).unwrap().with_algorithm(algorithm).unwrap()
    } else {
        PrivateKey::generate(algorithm).unwrap()
    }
}

/// Every algorithm that has a private and a public key.
pub(crate) fn asymmetric() -> impl Iterator<Item = Algorithm> {
    Algorithm::ALL.into_iter().filter(|algorithm| !algorithm.is_symmetric())
}

pub(crate) fn session() -> SessionId {
    SessionId::new(SubjectKey::of("alice"), [7; 8])
}

/// The claims of an access token that [`policy`] accepts at [`NOW`].
pub(crate) fn claims() -> Value {
    json!({
        "iss": ISSUER,
        "sub": "alice",
        "aud": AUDIENCE,
        "client_id": "web",
        "iat": at(-100),
        "exp": at(500),
        "jti": "t1",
        "sid": session(),
        "ver": 3,
    })
}

/// The claims of a token of this subject, in a session of its own.
pub(crate) fn claims_of(subject: &str) -> Value {
    let mut claims = claims_with("sub", json!(subject));
    claims["sid"] = json!(SessionId::new(SubjectKey::of(subject), [7; 8]));
    claims
}

/// [`claims`], but for one.
pub(crate) fn claims_with(name: &str, value: Value) -> Value {
    let mut claims = claims();
    claims[name] = value;
    claims
}

pub(crate) fn claims_without(name: &str) -> Value {
    let mut claims = claims();
    claims.as_object_mut().unwrap().remove(name).unwrap();
    claims
}

/// An access token with these claims.
pub(crate) fn token(key: &SigningKey, claims: &Value) -> String {
    Signer::new(key.clone()).sign("at+jwt", claims).unwrap()
}

/// The policy of resource servers: 30 seconds of leeway, an hour of life.
pub(crate) fn policy() -> Policy {
    Policy::access_token(ISSUER, AUDIENCE)
}

pub(crate) fn keys(key: &SigningKey) -> KeySet {
    KeySet::new([key.verifying_key()]).unwrap()
}

pub(crate) fn verifier(key: &SigningKey) -> Verifier {
    Verifier::new(keys(key), policy())
}

pub(crate) fn guard(key: &SigningKey) -> Guard {
    Guard::new(keys(key), policy(), Arc::new(RevocationList::new()))
}
