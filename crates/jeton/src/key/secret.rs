//! Shared secrets for HMAC.

use std::fmt;

use aws_lc_rs::rand;
use zeroize::Zeroizing;

use crate::algorithm::{Algorithm, Mac};
use crate::key::hmac::Prepared;
use crate::key::{KeyError, Signature, disguise};

/// A secret that one party signs and verifies with. Wiped when dropped, never printed.
///
/// # Examples
///
/// ```
/// use jeton::{Algorithm, KeyError, PrivateKey, SecretKey};
///
/// let public_pem = PrivateKey::generate(Algorithm::Es256)?.public_key().to_pem();
/// let refused = SecretKey::new(Algorithm::Hs256, public_pem.as_bytes());
/// assert_eq!(refused.unwrap_err(), KeyError::SecretIsAKey);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SecretKey {
    algorithm: Algorithm,
    bytes: Zeroizing<Vec<u8>>,
    prepared: Box<dyn Prepared>,
}

impl SecretKey {
    /// Takes a secret as long as its hash at least: 32, 48 or 64 random bytes for HS256, HS384 or
    /// HS512 (RFC 7518 section 3.2).
    ///
    /// # Errors
    ///
    /// [`KeyError::SecretTooShort`] for fewer bytes; [`KeyError::Algorithm`] unless it is
    /// symmetric; [`KeyError::SecretIsAKey`] for the PEM, DER, base64, JWK or SSH text of a key of
    /// another kind: whoever verifies with a public key's text hands the secret to every forger.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeyError, SecretKey};
    ///
    /// let refused = SecretKey::new(Algorithm::Hs256, b"secret");
    /// assert_eq!(refused.unwrap_err(), KeyError::SecretTooShort);
    /// ```
    pub fn new(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let mac = algorithm.mac().ok_or(KeyError::Algorithm)?;
        if bytes.len() < mac.shortest {
            return Err(KeyError::SecretTooShort);
        }
        Self::load(algorithm, mac, bytes)
    }

    /// Takes a secret that [`new`](Self::new) finds too short, of one byte or more.
    ///
    /// Only for tokens of a system that has such a secret and cannot change it today. **Whoever
    /// sees one token can try secrets against it as fast as their machines hash**, and then sign
    /// whatever they like; a word, a name or a password is found within minutes. RFC 7518 section
    /// 3.2 forbids it. [Roll](crate::KeySet::rolling) such secrets over to generated ones.
    ///
    /// # Errors
    ///
    /// [`KeyError::SecretTooShort`] if there is nothing; otherwise as [`new`](Self::new).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeyError, SecretKey};
    ///
    /// assert!(SecretKey::legacy_short(Algorithm::Hs256, b"shhh").is_ok());
    /// let refused = SecretKey::legacy_short(Algorithm::Hs256, b"");
    /// assert_eq!(refused.unwrap_err(), KeyError::SecretTooShort);
    /// ```
    pub fn legacy_short(algorithm: Algorithm, bytes: &[u8]) -> Result<Self, KeyError> {
        let mac = algorithm.mac().ok_or(KeyError::Algorithm)?;
        if bytes.is_empty() {
            return Err(KeyError::SecretTooShort);
        }
        Self::load(algorithm, mac, bytes)
    }

    fn load(algorithm: Algorithm, mac: Mac, bytes: &[u8]) -> Result<Self, KeyError> {
        if disguise::is_a_key(bytes) {
            return Err(KeyError::SecretIsAKey);
        }
        let prepared = (mac.prepare)(bytes).ok_or(KeyError::Unsupported)?;
        Ok(Self { algorithm, bytes: Zeroizing::new(bytes.to_vec()), prepared })
    }

    /// A new secret from the system's randomness, as long as its hash.
    ///
    /// # Errors
    ///
    /// [`KeyError::Algorithm`] unless it is symmetric; [`KeyError::NoRandomness`] if the system has
    /// none.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SecretKey};
    ///
    /// let secret = SecretKey::generate(Algorithm::Hs512)?;
    /// assert_eq!(secret.expose().len(), 64);
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn generate(algorithm: Algorithm) -> Result<Self, KeyError> {
        let mac = algorithm.mac().ok_or(KeyError::Algorithm)?;
        let mut bytes = Zeroizing::new(vec![0; mac.shortest]);
        rand::fill(&mut bytes).map_err(|_| KeyError::NoRandomness)?;
        Self::new(algorithm, &bytes)
    }

    /// The same secret for another algorithm.
    ///
    /// # Errors
    ///
    /// [`KeyError::Algorithm`] unless it is symmetric; [`KeyError::SecretTooShort`] if the secret
    /// is long enough for its own algorithm and too short for that one.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, KeyError, SecretKey};
    ///
    /// let secret = SecretKey::generate(Algorithm::Hs256)?; // 32 bytes
    /// let refused = secret.with_algorithm(Algorithm::Hs512);
    /// assert_eq!(refused.unwrap_err(), KeyError::SecretTooShort);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_algorithm(self, algorithm: Algorithm) -> Result<Self, KeyError> {
        let own = self.algorithm.mac().ok_or(KeyError::Algorithm)?;
        if self.bytes.len() < own.shortest {
            Self::legacy_short(algorithm, &self.bytes)
        } else {
            Self::new(algorithm, &self.bytes)
        }
    }

    /// The algorithm this key has.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SecretKey};
    ///
    /// assert_eq!(SecretKey::generate(Algorithm::Hs384)?.algorithm(), Algorithm::Hs384);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The secret itself, for a keyring that has to write it down.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SecretKey};
    ///
    /// let secret = SecretKey::generate(Algorithm::Hs256)?;
    /// assert!(SecretKey::new(Algorithm::Hs256, secret.expose()).is_ok());
    /// assert_eq!(format!("{secret:?}"), "SecretKey(..)");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn expose(&self) -> &[u8] {
        &self.bytes
    }

    pub(crate) fn sign_onto(&self, message: &[u8], tag: &mut Signature) {
        self.prepared.sign_onto(message, tag);
    }

    /// Compares in constant time.
    pub(crate) fn verify(&self, message: &[u8], tag: &[u8]) -> bool {
        self.prepared.verify(message, tag)
    }
}

impl fmt::Debug for SecretKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SecretKey(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_not_printed() {
        let secret = SecretKey::new(Algorithm::Hs256, &[b'x'; 32]).unwrap();
        assert_eq!(format!("{secret:?}"), "SecretKey(..)");
    }
}
