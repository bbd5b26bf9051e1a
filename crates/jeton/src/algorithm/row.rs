//! What tells one algorithm from another.

use aws_lc_rs::signature::{
    ED25519, EcdsaSigningAlgorithm, PqdsaSigningAlgorithm, RsaEncoding, VerificationAlgorithm,
};

use crate::key::Prepare;

/// One row of the table.
#[derive(Clone, Copy)]
pub(super) struct Row {
    /// `alg` of header parameters and JWKs.
    pub(super) name: &'static str,
    pub(super) key_type: KeyType,
    pub(super) scheme: Scheme,
}

/// A kind of key. Where several algorithms take keys of one type, the first in
/// [`Algorithm::ALL`](super::Algorithm::ALL) is what a key has that does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct KeyType {
    /// `kty` of its JWK.
    pub(crate) kty: &'static str,
    /// The member that tells keys of one `kty` apart, if one does, and what it says.
    pub(crate) variant: Option<(&'static str, &'static str)>,
}

#[derive(Clone, Copy)]
pub(super) enum Scheme {
    Mac(Mac),
    Signature(&'static dyn VerificationAlgorithm, Signing),
}

/// How a shared secret signs and verifies.
#[derive(Clone, Copy)]
pub(crate) struct Mac {
    /// Bytes of the shortest secret (RFC 7518 section 3.2), and of a generated one.
    pub(crate) shortest: usize,
    pub(crate) prepare: Prepare,
}

/// How a private key signs.
#[derive(Clone, Copy)]
pub(crate) enum Signing {
    Rsa(&'static dyn RsaEncoding),
    Ecdsa(&'static EcdsaSigningAlgorithm),
    Ed25519,
    MlDsa(&'static PqdsaSigningAlgorithm),
}

impl Row {
    pub(super) const fn hmac(name: &'static str, shortest: usize, prepare: Prepare) -> Self {
        let key_type = KeyType { kty: "oct", variant: None };
        Self { name, key_type, scheme: Scheme::Mac(Mac { shortest, prepare }) }
    }

    pub(super) const fn rsa(
        name: &'static str,
        verification: &'static dyn VerificationAlgorithm,
        signing: &'static dyn RsaEncoding,
    ) -> Self {
        let key_type = KeyType { kty: "RSA", variant: None };
        Self { name, key_type, scheme: Scheme::Signature(verification, Signing::Rsa(signing)) }
    }

    pub(super) const fn ecdsa(
        name: &'static str,
        curve: &'static str,
        verification: &'static dyn VerificationAlgorithm,
        signing: &'static EcdsaSigningAlgorithm,
    ) -> Self {
        let key_type = KeyType { kty: "EC", variant: Some(("crv", curve)) };
        Self { name, key_type, scheme: Scheme::Signature(verification, Signing::Ecdsa(signing)) }
    }

    pub(super) const fn ed25519(name: &'static str) -> Self {
        let key_type = KeyType { kty: "OKP", variant: Some(("crv", "Ed25519")) };
        Self { name, key_type, scheme: Scheme::Signature(&ED25519, Signing::Ed25519) }
    }

    pub(super) const fn ml_dsa(
        name: &'static str,
        verification: &'static dyn VerificationAlgorithm,
        signing: &'static PqdsaSigningAlgorithm,
    ) -> Self {
        let key_type = KeyType { kty: "AKP", variant: Some(("alg", name)) };
        Self { name, key_type, scheme: Scheme::Signature(verification, Signing::MlDsa(signing)) }
    }
}
