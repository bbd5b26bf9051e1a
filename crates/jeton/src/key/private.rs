//! Private keys: what an issuer signs with.

use std::fmt;

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RSA_PKCS1_SHA256,
    RsaKeyPair,
};
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::key::public::Parts;
use crate::key::{KeyError, PublicKey, pem};

/// A private key, parsed once, with its one algorithm. Never printed.
pub struct PrivateKey {
    pair: Pair,
    public: PublicKey,
}

enum Pair {
    P256(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

impl PrivateKey {
    /// A new key. RSA keys have 3072 bits.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unsupported`] for a symmetric algorithm, [`KeyError::NoRandomness`].
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, PrivateKey};
    ///
    /// let key = PrivateKey::generate(Algorithm::EdDsa)?;
    /// let again = PrivateKey::from_pkcs8_pem(&key.to_pkcs8_pem()?)?;
    /// assert_eq!(again.public_key().to_spki_pem(), key.public_key().to_spki_pem());
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let pair = match algorithm {
            Algorithm::Es256 => {
                EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).map(Pair::P256)
            }
            Algorithm::EdDsa => Ed25519KeyPair::generate().map(Pair::Ed25519),
            Algorithm::Rs256 => RsaKeyPair::generate(KeySize::Rsa3072).map(Pair::Rsa),
            Algorithm::Hs256 => return Err(KeyError::Unsupported),
        };
        Self::from_pair(pair.map_err(|_| KeyError::NoRandomness)?)
    }

    /// Reads `-----BEGIN PRIVATE KEY-----` (PKCS#8, RFC 5958).
    ///
    /// # Errors
    ///
    /// [`KeyError::Pem`] or [`KeyError::Unsupported`].
    pub fn from_pkcs8_pem(text: &str) -> Result<Self, KeyError> {
        let der = pem::decode(text, pem::PRIVATE)?;
        let p256 = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_FIXED_SIGNING, &der);
        p256.map(Pair::P256)
            .or_else(|_| Ed25519KeyPair::from_pkcs8_maybe_unchecked(&der).map(Pair::Ed25519))
            .or_else(|_| RsaKeyPair::from_pkcs8(&der).map(Pair::Rsa))
            .map_err(|_| KeyError::Unsupported)
            .and_then(Self::from_pair)
    }

    /// The key as `-----BEGIN PRIVATE KEY-----`. Wiped when dropped.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unsupported`] where the key cannot be exported.
    pub fn to_pkcs8_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        let document: Pkcs8V1Der<'_> = match &self.pair {
            Pair::P256(pair) => {
                let der = pair.to_pkcs8v1().map_err(|_| KeyError::Unsupported)?;
                return Ok(Zeroizing::new(pem::encode(der.as_ref(), pem::PRIVATE)));
            }
            Pair::Ed25519(pair) => pair.as_der().map_err(|_| KeyError::Unsupported)?,
            Pair::Rsa(pair) => pair.as_der().map_err(|_| KeyError::Unsupported)?,
        };
        Ok(Zeroizing::new(pem::encode(document.as_ref(), pem::PRIVATE)))
    }

    /// The algorithm this key has.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.public.algorithm()
    }

    /// The public half.
    #[must_use]
    pub const fn public_key(&self) -> &PublicKey {
        &self.public
    }

    fn from_pair(pair: Pair) -> Result<Self, KeyError> {
        let parts = match &pair {
            Pair::P256(pair) => Parts::p256(pair.public_key().as_ref()),
            Pair::Ed25519(pair) => Parts::ed25519(pair.public_key().as_ref()),
            Pair::Rsa(pair) => Some(Parts::rsa(pair.public_key())),
        };
        let public = PublicKey::from_parts(parts.ok_or(KeyError::Unsupported)?)?;
        Ok(Self { pair, public })
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        let random = SystemRandom::new();
        match &self.pair {
            Pair::P256(pair) => pair
                .sign(&random, message)
                .map(|signature| signature.as_ref().to_vec())
                .map_err(|_| KeyError::NoRandomness),
            Pair::Ed25519(pair) => Ok(pair.sign(message).as_ref().to_vec()),
            Pair::Rsa(pair) => {
                let mut signature = vec![0; pair.public_modulus_len()];
                pair.sign(&RSA_PKCS1_SHA256, &random, message, &mut signature)
                    .map_err(|_| KeyError::NoRandomness)?;
                Ok(signature)
            }
        }
    }
}

impl fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PrivateKey").field("algorithm", &self.algorithm()).finish_non_exhaustive()
    }
}
