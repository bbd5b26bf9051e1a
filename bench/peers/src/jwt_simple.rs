//! jwt-simple 0.15 with its back end in Rust.
//!
//! Its other one, `boring`, needs cmake and clang to build and is used for RSA only; the rest
//! is the same code with either. Options and claims are taken by value, so a caller clones them for
//! every token. It reads the clock itself.

use anyhow::Result;
use jwt_simple::claims::{Audiences, JWTClaims};
use jwt_simple::common::{HeaderOptions, VerificationOptions};
use jwt_simple::prelude::{
    ECDSAP256KeyPairLike as _, ECDSAP256PublicKeyLike as _, ES256KeyPair, ES256PublicKey,
    Ed25519KeyPair, Ed25519PublicKey, EdDSAKeyPairLike as _, EdDSAPublicKeyLike as _, HS256Key,
    MACLike as _, RS256PublicKey, RSAPublicKeyLike as _, UnixTimeStamp,
};
use serde::{Deserialize, Serialize};

use crate::claims::{AUDIENCE, Claims, ISSUER, KEY_ID, Seen, TYPE};
use crate::contest::{Contest, Sign, Verify};
use crate::keys::Keys;

/// Its name in the table.
const NAME: &str = "jwt-simple 0.15";

/// Takes part in a row of verifiers.
pub fn verifies(keys: &Keys, contest: &mut Contest) -> Result<()> {
    let bytes = keys.public_bytes();
    let key = match keys {
        Keys::Hs256(secret) => PublicKey::Hs256(HS256Key::from_bytes(secret)),
        Keys::Rs256(_) => PublicKey::Rs256(RS256PublicKey::from_der(bytes)?),
        Keys::Es256(_) => PublicKey::Es256(ES256PublicKey::from_bytes(bytes)?),
        Keys::EdDsa(_) => PublicKey::EdDsa(Ed25519PublicKey::from_bytes(bytes)?),
    };
    let options = VerificationOptions {
        required_signature_type: Some(TYPE.into()),
        required_key_id: Some(KEY_ID.into()),
        allowed_issuers: Some([ISSUER.to_owned()].into()),
        allowed_audiences: Some([AUDIENCE.to_owned()].into()),
        ..VerificationOptions::default()
    };
    contest.add_verifier(NAME, Verifier { key, options })
}

/// Takes part in a row of signers.
pub fn signs(keys: &Keys, contest: &mut Contest) -> Result<()> {
    let key = match keys {
        Keys::Hs256(secret) => KeyPair::Hs256(HS256Key::from_bytes(secret).with_key_id(KEY_ID)),
        Keys::Rs256(_) => anyhow::bail!("no row signs with RSA"),
        Keys::Es256(_) => {
            KeyPair::Es256(ES256KeyPair::from_der(&keys.private_der()?)?.with_key_id(KEY_ID))
        }
        Keys::EdDsa(_) => {
            KeyPair::EdDsa(Ed25519KeyPair::from_der(&keys.private_der()?)?.with_key_id(KEY_ID))
        }
    };
    let options = HeaderOptions { signature_type: Some(TYPE.into()), ..HeaderOptions::default() };
    contest.add_signer(NAME, keys, Signer { key, options })
}

enum PublicKey {
    Hs256(HS256Key),
    Rs256(RS256PublicKey),
    Es256(ES256PublicKey),
    EdDsa(Ed25519PublicKey),
}

struct Verifier {
    key: PublicKey,
    options: VerificationOptions,
}

impl Verify for Verifier {
    #[inline]
    fn verify<R>(&mut self, token: &str, then: impl FnOnce(Seen<'_>) -> R) -> Option<R> {
        let options = Some(self.options.clone());
        let claims = match &self.key {
            PublicKey::Hs256(key) => key.verify_token(token, options),
            PublicKey::Rs256(key) => key.verify_token(token, options),
            PublicKey::Es256(key) => key.verify_token(token, options),
            PublicKey::EdDsa(key) => key.verify_token(token, options),
        };
        seen(&claims.ok()?).map(then)
    }
}

enum KeyPair {
    Hs256(HS256Key),
    Es256(ES256KeyPair),
    EdDsa(Ed25519KeyPair),
}

struct Signer {
    key: KeyPair,
    options: HeaderOptions,
}

impl Sign for Signer {
    #[inline]
    fn sign(&mut self, claims: &Claims) -> Option<String> {
        let (claims, options) = (taken(claims), &self.options);
        let token = match &self.key {
            KeyPair::Hs256(key) => key.authenticate_with_options(claims, options),
            KeyPair::Es256(key) => key.sign_with_options(claims, options),
            KeyPair::EdDsa(key) => key.sign_with_options(claims, options),
        };
        token.ok()
    }
}

/// The claims that it has no field for.
#[derive(Clone, Serialize, Deserialize)]
struct Custom {
    client_id: String,
    sid: String,
    ver: u64,
    scope: String,
    tenant: String,
}

fn seen(claims: &JWTClaims<Custom>) -> Option<Seen<'_>> {
    let Some(Audiences::AsString(audience)) = &claims.audiences else {
        return None;
    };
    Some(Seen {
        iss: claims.issuer.as_deref()?,
        sub: claims.subject.as_deref()?,
        aud: audience,
        client_id: &claims.custom.client_id,
        iat: claims.issued_at?.as_secs(),
        exp: claims.expires_at?.as_secs(),
        jti: claims.jwt_id.as_deref()?,
        ver: claims.custom.ver,
        scope: &claims.custom.scope,
        tenant: &claims.custom.tenant,
    })
}

fn taken(claims: &Claims) -> JWTClaims<Custom> {
    JWTClaims {
        issued_at: Some(UnixTimeStamp::from_secs(claims.iat)),
        expires_at: Some(UnixTimeStamp::from_secs(claims.exp)),
        invalid_before: None,
        issuer: Some(claims.iss.clone()),
        subject: Some(claims.sub.clone()),
        audiences: Some(Audiences::AsString(claims.aud.clone())),
        jwt_id: Some(claims.jti.clone()),
        nonce: None,
        custom: Custom {
            client_id: claims.client_id.clone(),
            sid: claims.sid.clone(),
            ver: claims.ver,
            scope: claims.scope.clone(),
            tenant: claims.tenant.clone(),
        },
    }
}
