//! Fresh keys for one algorithm, in every form that a contestant asks for.

use anyhow::{Context as _, Result};
use aws_lc_rs::encoding::{AsDer, Pkcs8V1Der, PublicKeyX509Der};
use aws_lc_rs::rand;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, RsaKeyPair,
};
use pem_rfc7468::LineEnding;

/// The algorithms that are compared (RFC 7518 section 3.1, RFC 8037).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Hs256,
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    /// Its name in a header.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Hs256 => "HS256",
            Self::Rs256 => "RS256",
            Self::Es256 => "ES256",
            Self::EdDsa => "EdDSA",
        }
    }
}

/// A secret, or both halves of a key.
pub enum Keys {
    Hs256([u8; 32]),
    Rs256(Box<RsaKeyPair>),
    Es256(EcdsaKeyPair),
    EdDsa(Ed25519KeyPair),
}

impl Keys {
    pub fn generate(algorithm: Algorithm) -> Result<Self> {
        Ok(match algorithm {
            Algorithm::Hs256 => {
                let mut secret = [0; 32];
                rand::fill(&mut secret)?;
                Self::Hs256(secret)
            }
            Algorithm::Rs256 => Self::Rs256(Box::new(RsaKeyPair::generate(KeySize::Rsa2048)?)),
            Algorithm::Es256 => {
                Self::Es256(EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING)?)
            }
            Algorithm::EdDsa => Self::EdDsa(Ed25519KeyPair::generate()?),
        })
    }

    pub const fn algorithm(&self) -> Algorithm {
        match self {
            Self::Hs256(_) => Algorithm::Hs256,
            Self::Rs256(_) => Algorithm::Rs256,
            Self::Es256(_) => Algorithm::Es256,
            Self::EdDsa(_) => Algorithm::EdDsa,
        }
    }

    /// The private key as DER PKCS #8.
    pub fn private_der(&self) -> Result<Vec<u8>> {
        Ok(match self {
            Self::Hs256(_) => anyhow::bail!("a secret has no private half"),
            Self::Rs256(pair) => AsDer::<Pkcs8V1Der<'_>>::as_der(&**pair)?.as_ref().to_vec(),
            Self::Es256(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
            Self::EdDsa(pair) => pair.to_pkcs8v1()?.as_ref().to_vec(),
        })
    }

    /// The private key as PEM PKCS #8.
    pub fn private_pem(&self) -> Result<String> {
        pem_rfc7468::encode_string("PRIVATE KEY", LineEnding::LF, &self.private_der()?)
            .map_err(anyhow::Error::msg)
            .context("PEM")
    }

    /// The public key as the algorithm writes it: PKCS #1, an uncompressed point, 32 bytes.
    pub fn public_bytes(&self) -> &[u8] {
        match self {
            Self::Hs256(_) => &[],
            Self::Rs256(pair) => pair.public_key().as_ref(),
            Self::Es256(pair) => pair.public_key().as_ref(),
            Self::EdDsa(pair) => pair.public_key().as_ref(),
        }
    }

    /// The public key as a DER `SubjectPublicKeyInfo`.
    pub fn public_der(&self) -> Result<Vec<u8>> {
        let der: PublicKeyX509Der<'_> = match self {
            Self::Hs256(_) => anyhow::bail!("a secret has no public half"),
            Self::Rs256(pair) => pair.public_key().as_der()?,
            Self::Es256(pair) => pair.public_key().as_der()?,
            Self::EdDsa(pair) => pair.public_key().as_der()?,
        };
        Ok(der.as_ref().to_vec())
    }
}
