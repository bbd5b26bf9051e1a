//! The secret of a client: 256 random bits, shown once.

use std::fmt;

use aws_lc_rs::{constant_time, digest};
use jeton::base64url;
use zeroize::Zeroizing;

/// What every secret begins with, for those who scan for leaked ones.
const PREFIX: &str = "jcs_";

/// What a hash begins with.
const ALGORITHM: &str = "sha256:";

/// A secret of a client. `Debug` does not show it.
pub struct ClientSecret(Zeroizing<String>);

/// The hash of a secret; written `sha256:` and 64 hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct SecretHash([u8; 32]);

impl ClientSecret {
    /// The secret of these random bytes.
    #[must_use]
    pub fn from_bytes(bytes: [u8; 32]) -> Self {
        Self(Zeroizing::new(format!("{PREFIX}{}", base64url::encode(&bytes))))
    }

    /// The secret itself, to be shown once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What is kept of it.
    #[must_use]
    pub fn hash(&self) -> SecretHash {
        SecretHash::digest(&self.0)
    }
}

impl fmt::Debug for ClientSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ClientSecret(..)")
    }
}

impl SecretHash {
    /// The hash of no secret.
    pub const NONE: Self = Self([0; 32]);

    /// The hash of this text, if it has the form of a secret; what has not, is none.
    #[must_use]
    pub fn of(secret: &str) -> Option<Self> {
        let random = secret.strip_prefix(PREFIX)?;
        let random = Zeroizing::new(base64url::decode(random)?);
        if random.len() != 32 {
            return None;
        }
        Some(Self::digest(secret))
    }

    /// Reads what [`Display`](fmt::Display) wrote.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix(ALGORITHM)?.as_bytes();
        let mut hash = [0; 32];
        if digits.len() != 2 * hash.len() {
            return None;
        }
        for (byte, pair) in hash.iter_mut().zip(digits.chunks_exact(2)) {
            for &digit in pair {
                *byte = *byte << 4 | hexadecimal(digit)?;
            }
        }
        Some(Self(hash))
    }

    /// Whether both are the same, in a time that does not depend on where they differ.
    #[must_use]
    pub fn matches(&self, other: &Self) -> bool {
        constant_time::verify_slices_are_equal(&self.0, &other.0).is_ok()
    }

    fn digest(secret: &str) -> Self {
        let digest = digest::digest(&digest::SHA256, secret.as_bytes());
        Self(digest.as_ref().try_into().unwrap_or_default())
    }
}

impl fmt::Display for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(ALGORITHM)?;
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for SecretHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

fn hexadecimal(digit: u8) -> Option<u8> {
    char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_that_of_the_text_as_sha256sum_says_it() {
        let secret = ClientSecret::from_bytes([0; 32]);

        assert_eq!(secret.expose(), format!("jcs_{}", "A".repeat(43)));
        // printf jcs_AAA… | sha256sum
        let hash = "sha256:c101780838aa761f4f0745155d4e641c8a19ea66aeed4564b4d29b57db4bb462";
        assert_eq!(secret.hash().to_string(), hash);
        assert_eq!(SecretHash::parse(hash), Some(secret.hash()));
        assert_eq!(SecretHash::of(secret.expose()), Some(secret.hash()));
        assert_eq!(format!("{secret:?}"), "ClientSecret(..)");
    }

    #[test]
    fn what_is_not_of_the_form_is_none() {
        let secrets = ["", "jcs_", "hunter2", &"A".repeat(43), &format!("jcs_{}B", "A".repeat(42))];
        for secret in secrets {
            assert_eq!(SecretHash::of(secret), None, "{secret}");
        }
        let digits = "0".repeat(64);
        for hash in ["sha256:", &digits, &format!("sha256:{digits}0"), &format!("sha256:-{digits}")]
        {
            assert_eq!(SecretHash::parse(hash), None, "{hash}");
        }
        assert_eq!(SecretHash::parse(&format!("sha256:{}g", "0".repeat(63))), None);
    }
}
