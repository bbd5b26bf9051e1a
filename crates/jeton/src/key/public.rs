//! Public keys: what resource servers verify with.

use std::fmt;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rsa;
use aws_lc_rs::signature::{ParsedPublicKey, RsaPublicKeyComponents};

use crate::algorithm::Algorithm;
use crate::key::{KeyError, pem, sound};

/// A public key, parsed once, with its one algorithm. Cheap to clone.
#[derive(Clone)]
pub struct PublicKey {
    algorithm: Algorithm,
    parts: Parts,
    parsed: ParsedPublicKey,
}

/// The members of its JWK, as bytes.
#[derive(Clone, PartialEq, Eq)]
pub(crate) enum Parts {
    P256 { x: [u8; 32], y: [u8; 32] },
    Ed25519 { x: [u8; 32] },
    Rsa { n: Vec<u8>, e: Vec<u8> },
}

impl Parts {
    /// From the uncompressed form of a point: `04 || x || y` (SEC 1 section 2.3.3).
    pub(super) fn p256(point: &[u8]) -> Option<Self> {
        match point {
            [4, xy @ ..] if xy.len() == 64 => {
                Some(Self::P256 { x: *xy.first_chunk()?, y: *xy.last_chunk()? })
            }
            _ => None,
        }
    }

    pub(super) fn ed25519(key: &[u8]) -> Option<Self> {
        key.try_into().ok().map(|x| Self::Ed25519 { x })
    }

    pub(super) fn rsa(key: &rsa::PublicKey) -> Self {
        Self::Rsa {
            n: key.modulus().big_endian_without_leading_zero().to_vec(),
            e: key.exponent().big_endian_without_leading_zero().to_vec(),
        }
    }
}

impl PublicKey {
    /// Reads `-----BEGIN PUBLIC KEY-----` (SPKI, RFC 5280 section 4.1).
    ///
    /// # Errors
    ///
    /// [`KeyError::Pem`] or [`KeyError::Unsupported`].
    pub fn from_spki_pem(text: &str) -> Result<Self, KeyError> {
        Self::from_spki_der(&pem::decode(text, pem::PUBLIC)?)
    }

    /// Reads a DER `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    ///
    /// [`KeyError::Unsupported`], also for RSA below 2048 or above 8192 bits, P-256 points that
    /// are not on the curve and Ed25519 points of small order.
    pub fn from_spki_der(der: &[u8]) -> Result<Self, KeyError> {
        [Algorithm::Es256, Algorithm::EdDsa, Algorithm::Rs256]
            .into_iter()
            .find_map(|algorithm| Self::parse(algorithm, der))
            .filter(|key| key.to_spki_der() == der && sound::is_sound(&key.parts))
            .ok_or(KeyError::Unsupported)
    }

    pub(crate) fn from_parts(parts: Parts) -> Result<Self, KeyError> {
        if !sound::is_sound(&parts) {
            return Err(KeyError::Unsupported);
        }
        let (algorithm, parsed) = match &parts {
            Parts::P256 { x, y } => {
                let point = [&[4][..], x, y].concat();
                (Algorithm::Es256, parsed(Algorithm::Es256, &point)?)
            }
            Parts::Ed25519 { x } => (Algorithm::EdDsa, parsed(Algorithm::EdDsa, x)?),
            Parts::Rsa { n, e } => {
                let components = RsaPublicKeyComponents { n, e };
                let der: PublicKeyX509Der<'_> =
                    components.as_der().map_err(|_| KeyError::Unsupported)?;
                (Algorithm::Rs256, parsed(Algorithm::Rs256, der.as_ref())?)
            }
        };
        Ok(Self { algorithm, parts, parsed })
    }

    /// The algorithm this key has.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The key as a DER `SubjectPublicKeyInfo`.
    #[must_use]
    pub fn to_spki_der(&self) -> Vec<u8> {
        self.parsed.as_der().map(|der| der.as_ref().to_vec()).unwrap_or_default()
    }

    /// The key as `-----BEGIN PUBLIC KEY-----`.
    #[must_use]
    pub fn to_spki_pem(&self) -> String {
        pem::encode(&self.to_spki_der(), pem::PUBLIC)
    }

    pub(crate) const fn parts(&self) -> &Parts {
        &self.parts
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        self.parsed.verify_sig(message, signature).is_ok()
    }

    fn parse(algorithm: Algorithm, der: &[u8]) -> Option<Self> {
        let parsed = parsed(algorithm, der).ok()?;
        let spki: PublicKeyX509Der<'_> = parsed.as_der().ok()?;
        let parts = match algorithm {
            Algorithm::Es256 => Parts::p256(spki.as_ref().last_chunk::<65>()?)?,
            Algorithm::EdDsa => Parts::ed25519(spki.as_ref().last_chunk::<32>()?)?,
            Algorithm::Rs256 => Parts::rsa(&rsa::PublicKey::from_der(der).ok()?),
            Algorithm::Hs256 => return None,
        };
        Some(Self { algorithm, parts, parsed })
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PublicKey").field("algorithm", &self.algorithm).finish_non_exhaustive()
    }
}

fn parsed(algorithm: Algorithm, bytes: &[u8]) -> Result<ParsedPublicKey, KeyError> {
    let verification = algorithm.verification().ok_or(KeyError::Unsupported)?;
    ParsedPublicKey::new(verification, bytes).map_err(|_| KeyError::Unsupported)
}
