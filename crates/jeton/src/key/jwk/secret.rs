//! Shared secrets as JWKs.

use zeroize::Zeroizing;

use crate::key::jwk::{self, Jwk, Members, SIGN, VERIFY, member};
use crate::key::{KeyError, SecretKey};

impl SecretKey {
    /// Reads a JWK of `kty` `oct`. Without `alg` it is one for HS256.
    ///
    /// # Errors
    ///
    /// [`KeyError::Jwk`] unless it is a JWK; [`KeyError::SecretIsAKey`] for a JWK of another type;
    /// [`KeyError::NotMeantForThis`] if `use` or `key_ops` allow neither signing nor verifying;
    /// [`KeyError::Algorithm`] if its `alg` is not HMAC; otherwise as [`new`](Self::new).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SecretKey};
    ///
    /// let secret = SecretKey::generate(Algorithm::Hs384)?;
    /// let again = SecretKey::from_jwk(&secret.to_jwk())?;
    /// assert_eq!(again.algorithm(), Algorithm::Hs384);
    /// assert_eq!(again.expose(), secret.expose());
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    pub fn from_jwk(text: &str) -> Result<Self, KeyError> {
        Self::read(&Jwk::parse(text)?, &[SIGN, VERIFY])
    }

    pub(in crate::key) fn read(jwk: &Jwk, operations: &[&str]) -> Result<Self, KeyError> {
        if !jwk.is_symmetric()? {
            return Err(KeyError::SecretIsAKey);
        }
        Self::new(jwk.algorithm_for(operations)?, &jwk.bytes("k")?)
    }

    /// The secret as a JWK with its `alg`. Wiped when dropped.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SecretKey};
    ///
    /// let secret = SecretKey::new(Algorithm::Hs256, &[0; 32])?;
    /// let k = "A".repeat(43);
    /// assert_eq!(*secret.to_jwk(), format!(r#"{{"alg":"HS256","k":"{k}","kty":"oct"}}"#));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn to_jwk(&self) -> Zeroizing<String> {
        let mut members = members(self);
        members.push(("alg", Zeroizing::new(self.algorithm().name().to_owned())));
        jwk::object(members)
    }

    /// The secret's SHA-256 thumbprint, base64url (RFC 7638 section 3.2).
    ///
    /// It is a hash of the secret: harmless for a random one, a way to guess a
    /// [short](Self::legacy_short) one. A random `kid` gives nothing away (section 7).
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, SecretKey, jwk_thumbprint};
    ///
    /// let secret = SecretKey::generate(Algorithm::Hs256)?;
    /// assert_eq!(secret.thumbprint(), jwk_thumbprint(&secret.to_jwk())?);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn thumbprint(&self) -> String {
        jwk::thumbprint(members(self))
    }
}

fn members(key: &SecretKey) -> Members {
    let mut members = jwk::type_members(key.algorithm());
    members.push(member("k", key.expose()));
    members
}
