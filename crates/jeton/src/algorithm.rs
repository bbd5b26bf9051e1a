//! The algorithms there are, one row each. Keys choose among them; tokens never do.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, VerificationAlgorithm,
};

/// A signature algorithm (RFC 7518 section 3.1, RFC 8037 section 3.1).
///
/// There is no `none`, and no way to ask a token for its choice: a key has one algorithm, and a
/// token whose `alg` says otherwise is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Algorithm {
    /// HMAC with SHA-256. For one party that both signs and verifies.
    Hs256,
    /// ECDSA on P-256 with SHA-256. The default: every ecosystem verifies it.
    Es256,
    /// Ed25519. Its fully specified name `Ed25519` (RFC 9864) is accepted as well.
    EdDsa,
    /// RSASSA-PKCS1-v1_5 with SHA-256, keys of 2048 bits and more.
    Rs256,
}

/// What tells one algorithm from another.
struct Row {
    /// `alg` as we write it, and other names we accept.
    name: &'static str,
    alias: Option<&'static str>,
    /// `kty` and `crv` of its JWK.
    key_type: KeyType,
    /// How signatures are verified, unless by a shared secret.
    verification: Option<&'static dyn VerificationAlgorithm>,
}

/// A kind of key: `kty`, with its curve where there is a choice.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum KeyType {
    Oct,
    P256,
    Ed25519,
    Rsa,
}

impl Algorithm {
    /// Every algorithm there is.
    pub const ALL: [Self; 4] = [Self::Hs256, Self::Es256, Self::EdDsa, Self::Rs256];

    /// The table: one row an algorithm. How keys of its type are made and read is in `key`.
    const fn row(self) -> Row {
        match self {
            Self::Hs256 => {
                Row { name: "HS256", alias: None, key_type: KeyType::Oct, verification: None }
            }
            Self::Es256 => Row {
                name: "ES256",
                alias: None,
                key_type: KeyType::P256,
                verification: Some(&ECDSA_P256_SHA256_FIXED),
            },
            Self::EdDsa => Row {
                name: "EdDSA",
                alias: Some("Ed25519"),
                key_type: KeyType::Ed25519,
                verification: Some(&ED25519),
            },
            Self::Rs256 => Row {
                name: "RS256",
                alias: None,
                key_type: KeyType::Rsa,
                verification: Some(&RSA_PKCS1_2048_8192_SHA256),
            },
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
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.row().name == name || a.row().alias == Some(name))
    }

    /// Whether signing and verifying take one shared secret.
    #[must_use]
    pub fn is_symmetric(self) -> bool {
        self.key_type() == KeyType::Oct
    }

    /// The algorithm that keys of this type have, where their JWK does not say.
    pub(crate) fn of_key_type(key_type: KeyType) -> Option<Self> {
        Self::ALL.into_iter().find(|a| a.key_type() == key_type)
    }

    pub(crate) const fn key_type(self) -> KeyType {
        self.row().key_type
    }

    pub(crate) fn verification(self) -> Option<&'static dyn VerificationAlgorithm> {
        self.row().verification
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_exact() {
        for name in ["none", "None", "NONE", "", "hs256", "ES256 ", "ES-256", "HS512", "Ed448"] {
            assert_eq!(Algorithm::from_name(name), None, "{name:?}");
        }
    }

    #[test]
    fn every_algorithm_has_its_row() {
        for algorithm in Algorithm::ALL {
            assert_eq!(Algorithm::from_name(algorithm.name()), Some(algorithm));
            assert_eq!(algorithm.verification().is_none(), algorithm.is_symmetric());
        }
    }
}
