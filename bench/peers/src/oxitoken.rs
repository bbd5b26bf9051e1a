//! oxitoken 0.1 over aws-lc-rs, through the two traits it has for other back ends.
//!
//! Its own back end does not compile against aws-lc-rs 1.19, and Cargo resolves one 1.x only. The
//! one here does what its own does: keys are prepared once, and each call is one call of aws-lc-rs.

use anyhow::Result;
use oxitoken::Algorithm;
use oxitoken::claims::{Aud, Exp, Iss};
use oxitoken::encoding::{JwtEncodingError, Signer as SigningKey, encode};
use oxitoken::error::JwtError;
use oxitoken::header::{Alg, Kid, Typ};
use oxitoken::validation::keystore::LocalKeystore;
use oxitoken::validation::{ValidationPipeline, VerificationKey};
use serde::{Deserialize, Serialize};

use crate::claims::{AUDIENCE, Claims, ISSUER, KEY_ID, Seen, TYPE};
use crate::contest::{Contest, Sign, Verify};
use crate::keys::Keys;
use crate::raw;

/// Its name in the table.
const NAME: &str = "oxitoken 0.1";

/// Takes part in a row of verifiers.
pub fn verifies(keys: &Keys, contest: &mut Contest) -> Result<()> {
    let mut known = LocalKeystore::empty();
    known.add_key(KEY_ID, Prepared { algorithm: algorithm(keys), key: raw::Verifier::new(keys)? });
    let pipeline = ValidationPipeline::builder(known)
        .with_type_validator([TYPE])
        .with_issuer_validator(ISSUER)
        .with_audience_validator(AUDIENCE)
        .with_expiration_validator()
        .build();
    contest.add_verifier(NAME, Verifier(pipeline))
}

/// Takes part in a row of signers.
pub fn signs(keys: &Keys, contest: &mut Contest) -> Result<()> {
    let algorithm = algorithm(keys);
    let header = Header { alg: algorithm, kid: KEY_ID.into(), typ: TYPE.into() };
    let key = Prepared { algorithm, key: raw::Signer::new(keys)? };
    contest.add_signer(NAME, keys, Signer { key, header })
}

struct Verifier(ValidationPipeline<Header, Claims, LocalKeystore<Prepared<raw::Verifier>>>);

impl Verify for Verifier {
    #[inline]
    fn verify<R>(&mut self, token: &str, then: impl FnOnce(Seen<'_>) -> R) -> Option<R> {
        let (_, claims) = self.0.verify(token.as_bytes()).ok()?;
        Some(then(claims.seen()))
    }
}

struct Signer {
    key: Prepared<raw::Signer>,
    header: Header,
}

impl Sign for Signer {
    #[inline]
    fn sign(&mut self, claims: &Claims) -> Option<String> {
        encode(&self.key, &self.header, claims).ok()
    }
}

/// A key of aws-lc-rs and the algorithm it is for.
struct Prepared<K> {
    algorithm: Algorithm,
    key: K,
}

impl VerificationKey for Prepared<raw::Verifier> {
    fn alg(&self) -> Option<Algorithm> {
        Some(self.algorithm)
    }

    fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), JwtError> {
        let good = self.key.verifies(message, signature);
        good.then_some(()).ok_or(JwtError::InvalidSignature)
    }
}

#[derive(Debug, thiserror::Error)]
#[error("cannot sign")]
struct CannotSign;

impl SigningKey for Prepared<raw::Signer> {
    type Error = CannotSign;

    fn check_alg(&self, algorithm: Algorithm) -> Result<(), JwtEncodingError<CannotSign>> {
        let fits = algorithm == self.algorithm;
        fits.then_some(()).ok_or(JwtEncodingError::WrongAlgorithm)
    }

    fn sign_jwt(
        &self,
        _: Algorithm,
        token: &mut String,
    ) -> Result<(), JwtEncodingError<CannotSign>> {
        let signature = self.key.sign(token.as_bytes(), |signature| {
            // Long enough for all that are compared, and on the stack as in its own back end.
            let mut copy = [0; 64];
            let copied = copy.split_at_mut_checked(signature.len());
            copied.map(|(to, _)| to.copy_from_slice(signature)).map(|()| (copy, signature.len()))
        });
        let Ok(Some((signature, length))) = signature else {
            return Err(CannotSign.into());
        };
        self.append_sig(&signature[..length], token);
        Ok(())
    }

    fn siglen(&self) -> usize {
        if self.algorithm == Algorithm::HS256 { 32 } else { 64 }
    }
}

#[derive(Serialize, Deserialize)]
struct Header {
    alg: Algorithm,
    kid: String,
    typ: String,
}

impl Alg for Header {
    fn alg(&self) -> Algorithm {
        self.alg
    }
}

impl Kid for Header {
    fn kid(&self) -> &str {
        &self.kid
    }
}

impl Typ for Header {
    type Type = str;

    fn typ(&self) -> &str {
        &self.typ
    }
}

impl Iss for Claims {
    fn iss(&self) -> &str {
        &self.iss
    }
}

impl Aud for Claims {
    fn aud(&self) -> impl Iterator<Item = impl AsRef<str>> {
        std::iter::once(&self.aud)
    }
}

impl Exp for Claims {
    fn exp(&self) -> i64 {
        i64::try_from(self.exp).unwrap_or(i64::MAX)
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
