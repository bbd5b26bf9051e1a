//! The raw operation of aws-lc-rs, which every contestant pays for and cannot be faster than.
//!
//! It gets the bytes that are signed and a signature that is decoded already: no base64, no JSON,
//! no claims.

use anyhow::{Result, ensure};
use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair,
    Ed25519KeyPair, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};

use crate::contest::{Contest, Contestant};
use crate::keys::Keys;
use crate::pool::Entry;

/// Its name in the table.
pub const NAME: &str = "raw aws-lc-rs";

/// A key that verifies, prepared.
pub enum Verifier {
    Secret(Box<hmac::Key>),
    Public(ParsedPublicKey),
}

impl Verifier {
    pub fn new(keys: &Keys) -> Result<Self> {
        let key = keys.public_bytes();
        Ok(match keys {
            Keys::Hs256(secret) => {
                Self::Secret(Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret)))
            }
            Keys::Rs256(_) => Self::Public(ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key)?),
            Keys::Es256(_) => Self::Public(ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key)?),
            Keys::EdDsa(_) => Self::Public(ParsedPublicKey::new(&ED25519, key)?),
        })
    }

    #[inline]
    pub fn verifies(&self, message: &[u8], signature: &[u8]) -> bool {
        match self {
            Self::Secret(key) => hmac::verify(key, message, signature).is_ok(),
            Self::Public(key) => key.verify_sig(message, signature).is_ok(),
        }
    }
}

/// A key that signs, prepared.
pub enum Signer {
    Hs256(Box<hmac::Key>),
    Rs256(Box<RsaKeyPair>, SystemRandom),
    Es256(EcdsaKeyPair, SystemRandom),
    EdDsa(Ed25519KeyPair),
}

impl Signer {
    pub fn new(keys: &Keys) -> Result<Self> {
        if let Keys::Hs256(secret) = keys {
            return Ok(Self::Hs256(Box::new(hmac::Key::new(hmac::HMAC_SHA256, secret))));
        }
        let der = keys.private_der()?;
        let random = SystemRandom::new();
        Ok(match keys {
            Keys::Rs256(_) => Self::Rs256(Box::new(RsaKeyPair::from_pkcs8(&der)?), random),
            Keys::Es256(_) => {
                let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der)?;
                Self::Es256(pair, random)
            }
            _ => Self::EdDsa(Ed25519KeyPair::from_pkcs8(&der)?),
        })
    }

    /// Hands the signature to `then`, so that nobody has to copy it.
    #[inline]
    pub fn sign<R>(&self, message: &[u8], then: impl FnOnce(&[u8]) -> R) -> Result<R> {
        Ok(match self {
            Self::Hs256(key) => then(hmac::sign(key, message).as_ref()),
            Self::Rs256(pair, random) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, random, message, &mut signature)?;
                then(&signature)
            }
            Self::Es256(pair, random) => then(pair.sign(random, message)?.as_ref()),
            Self::EdDsa(pair) => then(pair.sign(message).as_ref()),
        })
    }
}

/// Takes part in a row of verifiers.
pub fn verifies(keys: &Keys, contest: &mut Contest) -> Result<()> {
    let verifier = Verifier::new(keys)?;
    let verify = move |entry: &Entry| verifier.verifies(entry.message(), &entry.signature);
    contest.add_checked(Contestant::new(NAME, verify))
}

/// Takes part in a row of signers.
pub fn signs(keys: &Keys, contest: &mut Contest) -> Result<()> {
    let verifier = Verifier::new(keys)?;
    let signer = Signer::new(keys)?;
    for entry in contest.pool() {
        let good = signer
            .sign(entry.message(), |signature| verifier.verifies(entry.message(), signature))?;
        ensure!(good, "{NAME} signed something else");
    }
    let length = |signature: &[u8]| std::hint::black_box(signature).len();
    let sign = move |entry: &Entry| signer.sign(entry.message(), length).is_ok();
    contest.add(Contestant::new(NAME, sign));
    Ok(())
}
