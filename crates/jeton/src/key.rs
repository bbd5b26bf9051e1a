//! Keys: each has one algorithm, and secrets are another type than public keys.
//!
//! A [`SecretKey`] both signs and verifies. A [`PrivateKey`] signs, its [`PublicKey`] verifies.
//! No function turns one kind into the other, so a public key can never end up as an HMAC secret,
//! and private material is never printed by `Debug`, never part of a JWK Set, and wiped when
//! dropped.
//!
//! Keys are read once, strictly, from the form they say they are in: a key that is damaged, too
//! weak, under a password, or whose two halves do not belong together is an error at start, never
//! a token that nobody accepts. One that is read all the same and refuses everything is an Ed25519
//! public key of 32 bytes that are no point.

mod container;
mod der;
mod disguise;
mod hmac;
mod id;
mod jwk;
mod pair;
mod private;
mod public;
mod secret;
mod set;
mod signing;
mod sound;
mod verifying;

pub(crate) use hmac::{Prepare, prepare};
use smallvec::SmallVec;

pub use id::KeyId;
pub use jwk::{JwkSet, jwk_thumbprint};
pub use private::PrivateKey;
pub use public::PublicKey;
pub use secret::SecretKey;
pub use set::KeySet;
pub use signing::{KeySource, SigningKey};
pub use verifying::VerifyingKey;

/// Why a key was not taken, or did not do what it was asked for.
///
/// The operator's fault, never a token's: keys are loaded at start.
///
/// # Examples
///
/// ```
/// use jeton::{KeyError, PrivateKey};
///
/// let public = PrivateKey::from_jwk(r#"{"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7T"}"#);
/// assert_eq!(public.unwrap_err(), KeyError::IsPublic);
/// assert_eq!(PrivateKey::from_pem("-----BEGIN").unwrap_err(), KeyError::Pem);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A secret shorter than its hash (RFC 7518 section 3.2), or an empty one.
    #[error("a secret for HS256, HS384 or HS512 needs at least 32, 48 or 64 bytes")]
    SecretTooShort,
    /// A secret that is really a key of another kind: PEM, DER, base64 of DER, JWK or SSH.
    #[error("this is a key of another kind, not a secret: it must not be used for HMAC")]
    SecretIsAKey,
    /// Not PEM, more than one block of it, not a block of a key, or over [`limits::KEY_FILE`](crate::limits::KEY_FILE).
    #[error("not one PEM block of a key")]
    Pem,
    /// A private key under a password.
    #[error("the private key is encrypted: decrypt it first, for example with `openssl pkey`")]
    Encrypted,
    /// A certificate where a key was asked for.
    #[error("a certificate, not a key: take its key out with `openssl x509 -pubkey -noout`")]
    Certificate,
    /// The key itself is damaged, too weak, in a form that is not read, of a type that no
    /// algorithm here uses, or its public half belongs to another key.
    #[error("not a usable RSA (2048 to 8192 bits), EC, Ed25519 or ML-DSA key")]
    Unsupported,
    /// The public members of a private JWK belong to another key.
    #[error("the public members of the JWK do not belong to its private ones")]
    Mismatch,
    /// Not a JWK or JWK Set, or a member is absent or damaged.
    #[error("not a well-formed JWK or JWK Set")]
    Jwk,
    /// A public key or a JWK Set was asked for, and this holds private or symmetric material.
    #[error("this holds a private or secret key where public ones are wanted")]
    IsPrivate,
    /// A private key was asked for, and this one is public.
    #[error("this is a public key, which cannot sign")]
    IsPublic,
    /// `use` or `key_ops` of a JWK are for something else.
    #[error("the JWK's `use` or `key_ops` does not allow this")]
    NotMeantForThis,
    /// An algorithm, by argument or by the `alg` of a JWK, that keys of this type do not have.
    #[error("a key of this type cannot have this algorithm")]
    Algorithm,
    /// Empty, longer than [`limits::KEY_ID`](crate::limits::KEY_ID), or with control characters.
    #[error("not a usable key id")]
    KeyId,
    /// Two keys of one algorithm share a `kid`, or one of them has none.
    #[error("two keys of the set cannot be told apart by `kid`")]
    Ambiguous,
    /// More than [`limits::KEYS`](crate::limits::KEYS) in a set, or than
    /// [`limits::ROLLING_KEYS`](crate::limits::ROLLING_KEYS) in a rolling one.
    #[error("too many keys in one set")]
    TooManyKeys,
    /// A private key that cannot be written down, such as one of ML-DSA without its seed.
    #[error("the private key cannot be exported")]
    NotExportable,
    /// Nothing was signed, or what a [`KeySource`] signed does not verify with its public key.
    #[error("the key did not sign, or not so that its public key verifies it")]
    Signing,
    /// A [`KeySource`] could not be asked: an outage, and no fault of the key.
    #[error("the key is elsewhere and did not answer")]
    Unavailable,
    /// The system's source of randomness failed.
    #[error("no randomness to generate a key from")]
    NoRandomness,
}

/// A signature, or the tag of an HMAC. Short ones lie on the stack; to move much more than that
/// around would cost as much as the memory for the long ones.
pub(crate) type Signature = SmallVec<[u8; 64]>;
