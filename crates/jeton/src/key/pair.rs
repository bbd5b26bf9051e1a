//! The key pairs of the cryptographic library, by what they sign with.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    EcdsaKeyPair, Ed25519KeyPair, KeyPair as _, PqdsaKeyPair, RsaEncoding, RsaKeyPair,
};
use zeroize::Zeroizing;

use crate::algorithm::Signing;
use crate::key::container::Container;
use crate::key::{KeyError, Signature};

/// A private key and its public half.
pub(super) enum Pair {
    Rsa(RsaKeyPair, &'static dyn RsaEncoding),
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    MlDsa(PqdsaKeyPair),
}

impl Pair {
    pub(super) fn generate(signing: Signing) -> Result<Self, KeyError> {
        let pair = match signing {
            Signing::Rsa(encoding) => {
                RsaKeyPair::generate(KeySize::Rsa3072).map(|pair| Self::Rsa(pair, encoding))
            }
            Signing::Ecdsa(algorithm) => EcdsaKeyPair::generate(algorithm).map(Self::Ecdsa),
            Signing::Ed25519 => Ed25519KeyPair::generate().map(Self::Ed25519),
            Signing::MlDsa(algorithm) => PqdsaKeyPair::generate(algorithm).map(Self::MlDsa),
        };
        pair.map_err(|_| KeyError::NoRandomness)
    }

    /// Reads DER, if it holds a key that signs like this. Where it holds a public key as well, the
    /// library checks that the two belong together.
    pub(super) fn from_der(signing: Signing, container: Container, der: &[u8]) -> Option<Self> {
        match (signing, container) {
            (Signing::Rsa(encoding), Container::Private) => {
                RsaKeyPair::from_pkcs8(der).map(|pair| Self::Rsa(pair, encoding)).ok()
            }
            (Signing::Rsa(encoding), Container::RsaPrivate) => {
                RsaKeyPair::from_der(der).map(|pair| Self::Rsa(pair, encoding)).ok()
            }
            (Signing::Ecdsa(algorithm), Container::Private) => {
                EcdsaKeyPair::from_pkcs8(algorithm, der).map(Self::Ecdsa).ok()
            }
            (Signing::Ecdsa(algorithm), Container::EcPrivate) => {
                EcdsaKeyPair::from_private_key_der(algorithm, der).map(Self::Ecdsa).ok()
            }
            (Signing::Ed25519, Container::Private) => {
                Ed25519KeyPair::from_pkcs8_maybe_unchecked(der).map(Self::Ed25519).ok()
            }
            (Signing::MlDsa(algorithm), Container::Private) => {
                PqdsaKeyPair::from_pkcs8(algorithm, der).map(Self::MlDsa).ok()
            }
            _ => None,
        }
    }

    /// The same key, signing like this: `None` if keys of this type cannot.
    pub(super) fn signing(self, signing: Signing) -> Option<Self> {
        match (self, signing) {
            (Self::Rsa(pair, _), Signing::Rsa(encoding)) => Some(Self::Rsa(pair, encoding)),
            (Self::Ecdsa(pair), Signing::Ecdsa(same)) if pair.algorithm() == same => {
                Some(Self::Ecdsa(pair))
            }
            (Self::Ed25519(pair), Signing::Ed25519) => Some(Self::Ed25519(pair)),
            (Self::MlDsa(pair), Signing::MlDsa(same)) if pair.algorithm() == same => {
                Some(Self::MlDsa(pair))
            }
            _ => None,
        }
    }

    /// The bare public key, as [`PublicKey::from_bare`](super::PublicKey::from_bare) takes it.
    pub(super) fn public_key(&self) -> &[u8] {
        match self {
            Self::Rsa(pair, _) => pair.public_key().as_ref(),
            Self::Ecdsa(pair) => pair.public_key().as_ref(),
            Self::Ed25519(pair) => pair.public_key().as_ref(),
            Self::MlDsa(pair) => pair.public_key().as_ref(),
        }
    }

    /// PKCS#8, the version that everybody reads.
    pub(super) fn to_der(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        let written = |der: &[u8]| Zeroizing::new(der.to_vec());
        let as_der = |der: Pkcs8V1Der<'_>| written(der.as_ref());
        let der = match self {
            Self::Rsa(pair, _) => pair.as_der().map(as_der),
            Self::Ecdsa(pair) => pair.to_pkcs8v1().map(|der| written(der.as_ref())),
            Self::Ed25519(pair) => pair.as_der().map(as_der),
            Self::MlDsa(pair) => pair.to_pkcs8v1().map(|der| written(der.as_ref())),
        };
        der.map_err(|_| KeyError::NotExportable)
    }

    /// Appends the signature of the message.
    pub(super) fn sign_onto(
        &self,
        message: &[u8],
        signature: &mut Signature,
    ) -> Result<(), KeyError> {
        let random = SystemRandom::new();
        let signed = match self {
            Self::Rsa(pair, encoding) => append(signature, pair.public_modulus_len(), |space| {
                pair.sign(*encoding, &random, message, space)
            }),
            Self::Ecdsa(pair) => {
                pair.sign(&random, message).map(|made| signature.extend_from_slice(made.as_ref()))
            }
            Self::Ed25519(pair) => {
                pair.try_sign(message).map(|made| signature.extend_from_slice(made.as_ref()))
            }
            Self::MlDsa(pair) => append(signature, pair.algorithm().signature_len(), |space| {
                pair.sign(message, space).map(|_| ())
            }),
        };
        signed.map_err(|_| KeyError::Signing)
    }
}

/// Appends so many bytes, and lets them be written in place.
fn append<E>(
    signature: &mut Signature,
    length: usize,
    write: impl FnOnce(&mut [u8]) -> Result<(), E>,
) -> Result<(), E> {
    let start = signature.len();
    signature.resize(start + length, 0);
    write(signature.get_mut(start..).unwrap_or_default())
}
