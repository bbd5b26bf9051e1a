//! Shared secrets for HMAC.

use std::fmt;

use aws_lc_rs::{hmac, rand};
use zeroize::Zeroizing;

use crate::algorithm::Algorithm;
use crate::key::{KeyError, PublicKey};

/// Bytes of the shortest HS256 secret (RFC 7518 section 3.2), and of a generated one.
const BYTES: usize = 32;

/// A secret that one party signs and verifies with. Wiped when dropped, never printed.
pub struct SecretKey {
    bytes: Zeroizing<Vec<u8>>,
    hmac: hmac::Key,
}

impl SecretKey {
    /// Makes an HS256 key of at least 32 random bytes.
    ///
    /// # Errors
    ///
    /// [`KeyError::SecretTooShort`], or [`KeyError::SecretIsAKey`] for the text or DER of an
    /// asymmetric key or a JWK: whoever verifies with one hands its public half to forgers.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{KeyError, SecretKey};
    ///
    /// assert_eq!(SecretKey::hs256(b"secret").unwrap_err(), KeyError::SecretTooShort);
    /// ```
    pub fn hs256(bytes: &[u8]) -> Result<Self, KeyError> {
        if bytes.len() < BYTES {
            return Err(KeyError::SecretTooShort);
        }
        if is_a_key(bytes) {
            return Err(KeyError::SecretIsAKey);
        }
        let hmac = hmac::Key::new(hmac::HMAC_SHA256, bytes);
        Ok(Self { bytes: Zeroizing::new(bytes.to_vec()), hmac })
    }

    /// A new HS256 key from the system's randomness.
    ///
    /// # Errors
    ///
    /// [`KeyError::NoRandomness`].
    pub fn generate() -> Result<Self, KeyError> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        rand::fill(&mut bytes[..]).map_err(|_| KeyError::NoRandomness)?;
        Self::hs256(&bytes[..])
    }

    /// The algorithm this key has.
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        Algorithm::Hs256
    }

    /// The secret itself, for a keyring that has to write it down.
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Vec<u8> {
        hmac::sign(&self.hmac, message).as_ref().to_vec()
    }

    /// Compares in constant time.
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        hmac::verify(&self.hmac, message, signature).is_ok()
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

/// Whether these bytes are a key of another kind, whatever stands before it.
fn is_a_key(bytes: &[u8]) -> bool {
    let marks: [&[u8]; 8] = [
        b"-----BEGIN",
        b"\"kty\"",
        b"ssh-ed25519 ",
        b"ssh-rsa ",
        b"ecdsa-sha2-",
        // PEM without its first line, as consoles show it: RSA, P-256, Ed25519.
        b"ANBgkqhkiG9w0BAQEFAA",
        b"MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcD",
        b"MCowBQYDK2VwAyEA",
    ];
    marks.iter().any(|mark| bytes.windows(mark.len()).any(|window| window == *mark))
        || PublicKey::from_spki_der(bytes).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{JwkSet, PrivateKey};

    #[test]
    fn a_public_key_is_never_a_secret() {
        let key = PrivateKey::generate(Algorithm::Es256).unwrap();
        let public = key.public_key();
        let pem = public.to_spki_pem();
        let jwks = JwkSet::new([(None, public)]).to_json();

        for prefix in ["", " ", "\n", "\0", "\u{feff}", "#", "//", "\u{200b}"] {
            for text in [&pem, &jwks, "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ4k"] {
                let secret = SecretKey::hs256(format!("{prefix}{text}").as_bytes());
                assert_eq!(secret.unwrap_err(), KeyError::SecretIsAKey, "{prefix:?} {text}");
            }
        }
        let der = SecretKey::hs256(&public.to_spki_der());
        assert_eq!(der.unwrap_err(), KeyError::SecretIsAKey);
    }

    #[test]
    fn a_short_secret_is_refused() {
        for length in [0, 1, 31] {
            let refused = SecretKey::hs256(&vec![7; length]).unwrap_err();
            assert_eq!(refused, KeyError::SecretTooShort, "{length}");
        }
        assert!(SecretKey::hs256(&[7; 32]).is_ok());
    }

    #[test]
    fn a_secret_is_not_printed() {
        let secret = SecretKey::hs256(&[b'x'; 32]).unwrap();
        assert_eq!(format!("{secret:?}"), "SecretKey(..)");
    }
}
