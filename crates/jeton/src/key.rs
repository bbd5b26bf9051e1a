//! Keys: each has one algorithm, and secrets are another type than public keys.
//!
//! A [`SecretKey`] both signs and verifies. A [`PrivateKey`] signs, its [`PublicKey`] verifies.
//! No function turns one kind into the other, so a public key can never end up as an HMAC secret,
//! and private material is neither printed by `Debug` nor part of a JWK Set.

mod id;
mod jwk;
mod pem;
mod private;
mod public;
mod secret;
mod set;
mod sound;

pub use id::KeyId;
pub use jwk::JwkSet;
pub use private::PrivateKey;
pub use public::PublicKey;
pub use secret::SecretKey;
pub use set::{KeySet, SigningKey, VerifyingKey};

/// Why a key was not taken.
///
/// The operator's fault, never a token's: keys are loaded at start.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyError {
    /// A secret shorter than its hash (RFC 7518 section 3.2).
    #[error("an HS256 secret needs at least 32 bytes")]
    SecretTooShort,
    /// A secret that is really a key of another kind: PEM, DER, JWK or SSH.
    #[error("this is a key file, not a secret: it must not be used for HMAC")]
    SecretIsAKey,
    /// Not PEM, not the PEM block asked for, or over [`limits::KEY_FILE`](crate::limits::KEY_FILE).
    #[error("not a PEM block of the wanted type")]
    Pem,
    /// The key itself is damaged, too small, or of a type that no algorithm here uses.
    #[error("not a usable RSA (2048 bits and more), P-256 or Ed25519 key")]
    Unsupported,
    /// Not a JWK or JWK Set, or a member is absent or damaged.
    #[error("not a well-formed JWK or JWK Set")]
    Jwk,
    /// A JWK Set that holds private or symmetric material.
    #[error("the JWK Set holds private or secret members; publish public keys only")]
    JwkIsPrivate,
    /// Empty, longer than [`limits::KEY_ID`](crate::limits::KEY_ID), or with control characters.
    #[error("not a usable key id")]
    KeyId,
    /// Two keys of one algorithm share a `kid`, or one of them has none; or the set is too large.
    #[error("two keys of the set cannot be told apart by `kid`, or the set is too large")]
    Ambiguous,
    /// The system's source of randomness failed.
    #[error("no randomness to generate a key from")]
    NoRandomness,
}
