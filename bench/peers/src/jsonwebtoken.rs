//! jsonwebtoken 11 with its aws-lc-rs back end.
//!
//! It keeps keys as bytes and makes the key of the back end anew for every token; there is no way
//! to prepare more than this. It reads the clock itself, and does not look at `typ`.

use anyhow::Result;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation, decode, encode};

use crate::claims::{AUDIENCE, Claims, ISSUER, KEY_ID, Seen, TYPE};
use crate::contest::{Contest, Sign, Verify};
use crate::keys::Keys;

/// Its name in the table.
const NAME: &str = "jsonwebtoken 11";

/// Takes part in a row of verifiers.
pub fn verifies(keys: &Keys, contest: &mut Contest) -> Result<()> {
    let key = match keys {
        Keys::Hs256(secret) => DecodingKey::from_secret(secret),
        Keys::Rs256(_) => DecodingKey::from_rsa_der(keys.public_bytes()),
        Keys::Es256(_) => DecodingKey::from_ec_der(keys.public_bytes()),
        Keys::EdDsa(_) => DecodingKey::from_ed_der(keys.public_bytes()),
    };
    let mut validation = Validation::new(algorithm(keys));
    validation.set_issuer(&[ISSUER]);
    validation.set_audience(&[AUDIENCE]);
    validation.set_required_spec_claims(&["exp", "iss", "aud"]);
    contest.add_verifier(NAME, Verifier { key, validation })
}

/// Takes part in a row of signers.
pub fn signs(keys: &Keys, contest: &mut Contest) -> Result<()> {
    let key = match keys {
        Keys::Hs256(secret) => EncodingKey::from_secret(secret),
        Keys::Rs256(_) => EncodingKey::from_rsa_der(&keys.private_der()?),
        Keys::Es256(_) => EncodingKey::from_ec_der(&keys.private_der()?),
        Keys::EdDsa(_) => EncodingKey::from_ed_der(&keys.private_der()?),
    };
    let mut header = Header::new(algorithm(keys));
    header.kid = Some(KEY_ID.into());
    header.typ = Some(TYPE.into());
    contest.add_signer(NAME, keys, Signer { key, header })
}

struct Verifier {
    key: DecodingKey,
    validation: Validation,
}

impl Verify for Verifier {
    #[inline]
    fn verify<R>(&mut self, token: &str, then: impl FnOnce(Seen<'_>) -> R) -> Option<R> {
        let token = decode::<Claims>(token, &self.key, &self.validation).ok()?;
        Some(then(token.claims.seen()))
    }
}

struct Signer {
    key: EncodingKey,
    header: Header,
}

impl Sign for Signer {
    #[inline]
    fn sign(&mut self, claims: &Claims) -> Option<String> {
        encode(&self.header, claims, &self.key).ok()
    }
}

const fn algorithm(keys: &Keys) -> Algorithm {
    match keys {
        Keys::Hs256(_) => Algorithm::HS256,
        Keys::Rs256(_) => Algorithm::RS256,
        Keys::Es256(_) => Algorithm::ES256,
        Keys::EdDsa(_) => Algorithm::EdDSA,
    }
}
