//! The keys of a case, each bound to the algorithms that its verifier allows.

use jeton::{Algorithm, KeyError, KeyId, KeySet, PublicKey, SecretKey, SigningKey, VerifyingKey};
use serde_json::Value;

use crate::case::{Case, Key};

/// The key set of a case. A key that is refused is not in it, so that its tokens are refused too.
pub(crate) fn key_set(case: &Case) -> Result<KeySet, KeyError> {
    let mut allowed: Vec<Algorithm> =
        case.alg_allowed.iter().filter_map(|name| Algorithm::from_name(name)).collect();
    // `EdDSA` and `Ed25519` are one algorithm: whoever allows both has one key for them.
    allowed.dedup_by(|one, other| one.is_same_as(*other));
    let keys = match &case.key {
        None => Vec::new(),
        Some(Key::Hex(hex)) => secrets(&bytes(hex), &allowed, case.has_flag("weak_key")),
        Some(Key::Pem(pem)) => publics(&PublicKey::from_pem(pem)?, &allowed),
        Some(Key::Jwk(jwk)) => of_jwk(jwk, &allowed, case.has_flag("weak_key"), false),
        Some(Key::Jwks(jwks)) => {
            let jwks = jwks.get("keys").and_then(Value::as_array);
            let jwks = jwks.map(Vec::as_slice).unwrap_or_default();
            let is_weak = case.has_flag("weak_key");
            jwks.iter().flat_map(|jwk| of_jwk(jwk, &allowed, is_weak, true)).collect()
        }
    };
    KeySet::new(keys)
}

/// A key of a JWK on its own answers to every `kid`, one of a set to its own.
fn of_jwk(jwk: &Value, allowed: &[Algorithm], is_weak: bool, in_set: bool) -> Vec<VerifyingKey> {
    let text = jwk.to_string();
    let is_for = |algorithm: &&Algorithm| match jwk.get("alg") {
        None => true,
        Some(alg) => alg == algorithm.name(),
    };
    let allowed: Vec<Algorithm> = allowed.iter().filter(is_for).copied().collect();
    let keys = if jwk["kty"] == "oct" {
        let is_readable = is_weak || VerifyingKey::from_jwk(&text).is_ok();
        let k = jwk["k"].as_str().and_then(jeton::base64url::decode);
        k.filter(|_| is_readable).map(|k| secrets(&k, &allowed, is_weak)).unwrap_or_default()
    } else {
        let public = VerifyingKey::from_jwk(&text).ok().and_then(|key| key.public_key().cloned());
        let private = || SigningKey::from_jwk(&text).ok().and_then(|key| key.public_key().cloned());
        public.or_else(private).map(|key| publics(&key, &allowed)).unwrap_or_default()
    };
    let id = jwk["kid"].as_str().and_then(|id| KeyId::new(id).ok());
    match id.filter(|_| in_set) {
        Some(id) => keys.into_iter().map(|key| key.with_id(id.clone())).collect(),
        None => keys,
    }
}

fn secrets(bytes: &[u8], allowed: &[Algorithm], is_weak: bool) -> Vec<VerifyingKey> {
    let load = |algorithm: &Algorithm| {
        let key = SecretKey::new(*algorithm, bytes);
        let key =
            if is_weak { key.or_else(|_| SecretKey::legacy_short(*algorithm, bytes)) } else { key };
        key.ok().map(VerifyingKey::secret)
    };
    allowed.iter().filter(|algorithm| algorithm.is_symmetric()).filter_map(load).collect()
}

fn publics(key: &PublicKey, allowed: &[Algorithm]) -> Vec<VerifyingKey> {
    let bind = |algorithm: &Algorithm| key.clone().with_algorithm(*algorithm).ok();
    allowed.iter().filter_map(bind).map(VerifyingKey::public).collect()
}

/// Bytes from their hexadecimal form.
pub(crate) fn bytes(hex: &str) -> Vec<u8> {
    let digits: Vec<u8> = hex.chars().filter_map(|c| c.to_digit(16)?.try_into().ok()).collect();
    digits
        .chunks_exact(2)
        .map(|pair| pair.iter().fold(0, |byte, digit| byte << 4 | digit))
        .collect()
}
