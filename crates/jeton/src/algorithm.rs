//! The algorithms there are, one row each. Keys choose among them; tokens never do.

mod row;

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ECDSA_P256K1_SHA256_FIXED,
    ECDSA_P256K1_SHA256_FIXED_SIGNING, ECDSA_P384_SHA384_FIXED, ECDSA_P384_SHA384_FIXED_SIGNING,
    ECDSA_P521_SHA512_FIXED, ECDSA_P521_SHA512_FIXED_SIGNING, ML_DSA_44, ML_DSA_44_SIGNING,
    ML_DSA_65, ML_DSA_65_SIGNING, ML_DSA_87, ML_DSA_87_SIGNING, RSA_PKCS1_2048_8192_SHA256,
    RSA_PKCS1_2048_8192_SHA384, RSA_PKCS1_2048_8192_SHA512, RSA_PKCS1_SHA256, RSA_PKCS1_SHA384,
    RSA_PKCS1_SHA512, RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    RSA_PSS_SHA256, RSA_PSS_SHA384, RSA_PSS_SHA512, VerificationAlgorithm,
};
use sha2::{Sha256, Sha384, Sha512};

use row::{KeyType, Row, Scheme};

pub(crate) use row::{Mac, Signing};

use crate::key::prepare;

/// A signature algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1, RFC 8812 section 3.2,
/// RFC 9864, and ML-DSA of FIPS 204).
///
/// There is no `none`, and no way to ask a token for its choice: a key has one algorithm, and a
/// token whose `alg` says otherwise is refused.
///
/// # Examples
///
/// ```
/// use jeton::{Algorithm, KeyError, PrivateKey};
///
/// assert_eq!(PrivateKey::generate(Algorithm::Es256)?.algorithm(), Algorithm::Es256);
/// assert_eq!(PrivateKey::generate(Algorithm::Hs256).unwrap_err(), KeyError::Algorithm);
/// # Ok::<(), KeyError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256. For one party that both signs and verifies.
    Hs256,
    /// HMAC with SHA-384.
    Hs384,
    /// HMAC with SHA-512.
    Hs512,
    /// RSASSA-PKCS1-v1_5 with SHA-256, keys of 2048 to 8192 bits. What an RSA key has by default.
    Rs256,
    /// RSASSA-PKCS1-v1_5 with SHA-384.
    Rs384,
    /// RSASSA-PKCS1-v1_5 with SHA-512.
    Rs512,
    /// RSASSA-PSS with SHA-256 and a salt as long as the hash, keys of 2048 to 8192 bits.
    Ps256,
    /// RSASSA-PSS with SHA-384.
    Ps384,
    /// RSASSA-PSS with SHA-512.
    Ps512,
    /// ECDSA on P-256 with SHA-256. The default: every ecosystem verifies it.
    Es256,
    /// ECDSA on P-384 with SHA-384.
    Es384,
    /// ECDSA on P-521 with SHA-512.
    Es512,
    /// ECDSA on secp256k1 with SHA-256.
    Es256k,
    /// Ed25519 under its older name, which says nothing of the curve.
    EdDsa,
    /// Ed25519 under its fully specified name (RFC 9864). The same as [`EdDsa`](Self::EdDsa) but
    /// for what its tokens say.
    Ed25519,
    /// ML-DSA-44: small among the signatures that outlast quantum computers, at 2,420 bytes.
    MlDsa44,
    /// ML-DSA-65.
    MlDsa65,
    /// ML-DSA-87.
    MlDsa87,
}

impl Algorithm {
    /// Every algorithm there is.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::Algorithm;
    ///
    /// let names = Algorithm::ALL.map(Algorithm::name);
    /// assert!(names.contains(&"ES256") && !names.contains(&"none"));
    /// ```
    pub const ALL: [Self; 18] = [
        Self::Hs256,
        Self::Hs384,
        Self::Hs512,
        Self::Rs256,
        Self::Rs384,
        Self::Rs512,
        Self::Ps256,
        Self::Ps384,
        Self::Ps512,
        Self::Es256,
        Self::Es384,
        Self::Es512,
        Self::Es256k,
        Self::EdDsa,
        Self::Ed25519,
        Self::MlDsa44,
        Self::MlDsa65,
        Self::MlDsa87,
    ];

    /// The table: one row an algorithm, and nothing about one of them anywhere else.
    const fn row(self) -> Row {
        match self {
            Self::Hs256 => Row::hmac("HS256", 32, prepare::<Sha256>),
            Self::Hs384 => Row::hmac("HS384", 48, prepare::<Sha384>),
            Self::Hs512 => Row::hmac("HS512", 64, prepare::<Sha512>),
            Self::Rs256 => Row::rsa("RS256", &RSA_PKCS1_2048_8192_SHA256, &RSA_PKCS1_SHA256),
            Self::Rs384 => Row::rsa("RS384", &RSA_PKCS1_2048_8192_SHA384, &RSA_PKCS1_SHA384),
            Self::Rs512 => Row::rsa("RS512", &RSA_PKCS1_2048_8192_SHA512, &RSA_PKCS1_SHA512),
            Self::Ps256 => Row::rsa("PS256", &RSA_PSS_2048_8192_SHA256, &RSA_PSS_SHA256),
            Self::Ps384 => Row::rsa("PS384", &RSA_PSS_2048_8192_SHA384, &RSA_PSS_SHA384),
            Self::Ps512 => Row::rsa("PS512", &RSA_PSS_2048_8192_SHA512, &RSA_PSS_SHA512),
            Self::Es256 => Row::ecdsa(
                "ES256",
                "P-256",
                &ECDSA_P256_SHA256_FIXED,
                &ECDSA_P256_SHA256_FIXED_SIGNING,
            ),
            Self::Es384 => Row::ecdsa(
                "ES384",
                "P-384",
                &ECDSA_P384_SHA384_FIXED,
                &ECDSA_P384_SHA384_FIXED_SIGNING,
            ),
            Self::Es512 => Row::ecdsa(
                "ES512",
                "P-521",
                &ECDSA_P521_SHA512_FIXED,
                &ECDSA_P521_SHA512_FIXED_SIGNING,
            ),
            Self::Es256k => Row::ecdsa(
                "ES256K",
                "secp256k1",
                &ECDSA_P256K1_SHA256_FIXED,
                &ECDSA_P256K1_SHA256_FIXED_SIGNING,
            ),
            Self::EdDsa => Row::ed25519("EdDSA"),
            Self::Ed25519 => Row::ed25519("Ed25519"),
            Self::MlDsa44 => Row::ml_dsa("ML-DSA-44", &ML_DSA_44, &ML_DSA_44_SIGNING),
            Self::MlDsa65 => Row::ml_dsa("ML-DSA-65", &ML_DSA_65, &ML_DSA_65_SIGNING),
            Self::MlDsa87 => Row::ml_dsa("ML-DSA-87", &ML_DSA_87, &ML_DSA_87_SIGNING),
        }
    }

    /// `alg` as header parameters and JWKs spell it.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(jeton::Algorithm::EdDsa.name(), "EdDSA");
    /// ```
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// The algorithm of this exact name.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::Algorithm;
    ///
    /// assert_eq!(Algorithm::from_name("ES256"), Some(Algorithm::Es256));
    /// assert_eq!(Algorithm::from_name("none"), None);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// Whether signing and verifying take one shared secret.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::Algorithm;
    ///
    /// assert!(Algorithm::Hs256.is_symmetric());
    /// assert!(!Algorithm::Es256.is_symmetric());
    /// ```
    #[must_use]
    pub const fn is_symmetric(self) -> bool {
        matches!(self.row().scheme, Scheme::Mac(_))
    }

    /// Whether a key of one of the two verifies what a key of the other signs: equal, or the two
    /// names of Ed25519 (RFC 9864 section 2.2).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::Algorithm;
    ///
    /// assert!(Algorithm::EdDsa.is_same_as(Algorithm::Ed25519));
    /// assert!(!Algorithm::Rs256.is_same_as(Algorithm::Ps256));
    /// ```
    #[must_use]
    pub fn is_same_as(self, other: Self) -> bool {
        let is_ed25519 = |algorithm: Self| matches!(algorithm.signing(), Some(Signing::Ed25519));
        self == other || is_ed25519(self) && is_ed25519(other)
    }

    /// The algorithm that keys of such a type have, where nothing says which.
    pub(crate) fn of_key_type(is_such: impl Fn(KeyType) -> bool) -> Option<Self> {
        Self::ALL.into_iter().find(|algorithm| is_such(algorithm.key_type()))
    }

    /// One algorithm for each type of private and public keys: to find out what a key is.
    pub(crate) fn one_of_each_key_type() -> impl Iterator<Item = Self> {
        let default = |key_type| Self::of_key_type(|other| other == key_type);
        let is_default = move |own: &Self| default(own.key_type()) == Some(*own);
        Self::ALL.into_iter().filter(|a| !a.is_symmetric()).filter(is_default)
    }

    pub(crate) const fn key_type(self) -> KeyType {
        self.row().key_type
    }

    pub(crate) const fn mac(self) -> Option<Mac> {
        match self.row().scheme {
            Scheme::Mac(mac) => Some(mac),
            Scheme::Signature(..) => None,
        }
    }

    pub(crate) const fn signing(self) -> Option<Signing> {
        match self.row().scheme {
            Scheme::Mac(_) => None,
            Scheme::Signature(_, signing) => Some(signing),
        }
    }

    pub(crate) const fn verification(self) -> Option<&'static dyn VerificationAlgorithm> {
        match self.row().scheme {
            Scheme::Mac(_) => None,
            Scheme::Signature(verification, _) => Some(verification),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        for name in ["none", "None", "NONE", "", "hs256", "ES256 ", "ES-256", "ES256k", "Ed448"] {
            assert_eq!(Algorithm::from_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn every_algorithm_has_its_row() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(algorithm));
            assert_eq!(algorithm.mac().is_some(), algorithm.is_symmetric());
        }
    }

    #[test]
    fn a_key_that_does_not_say_has_the_first_algorithm_of_its_type() {
        let defaults: Vec<_> = Algorithm::one_of_each_key_type().map(Algorithm::name).collect();

        let expected = [
            "RS256",
            "ES256",
            "ES384",
            "ES512",
            "ES256K",
            "EdDSA",
            "ML-DSA-44",
            "ML-DSA-65",
            "ML-DSA-87",
        ];
        assert_eq!(defaults, expected);
    }

    #[test]
    fn only_ed25519_has_two_names() {
        for one in Algorithm::ALL {
            for other in Algorithm::ALL {
                let both = [one, other].map(|a| ["EdDSA", "Ed25519"].contains(&a.name()));
                assert_eq!(one.is_same_as(other), one == other || both == [true, true]);
            }
        }
    }
}
