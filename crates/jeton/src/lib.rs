//! Sign JSON Web Tokens, verify them, and take them back.
//!
//! ```text
//! token ─parse▶ jws::Compact ─verify▶ jws::Verified ─accept▶ AccessClaims ─check▶ Identity
//!        Malformed           BadSignature            ClaimRefused          Ended{reason}
//!                            UnknownKey              Expired               Recalled
//! ```
//!
//! Each arrow is one function, and each type can only be made by the arrow before it: claims exist
//! behind a signature, an identity behind the revocation check. [`Guard::check`] is all of them.
//!
//! What always holds:
//!
//! 1. keys choose algorithms, tokens never do: a key has one, and there is no `none`;
//! 2. a secret and a public key are different types, and without a key everything is refused;
//! 3. a token has one spelling: strict base64url, no duplicate members, limits before work;
//! 4. nothing here does I/O, reads a clock or keeps global state: time is an argument.
//!
//! # Examples
//!
//! An issuer signs, a resource server checks, and a logout takes the token back:
//!
//! ```
//! use std::sync::Arc;
//! use jeton::{
//!     Algorithm, Guard, KeySet, NewAccessToken, Policy, PrivateKey, Reason, Revocation,
//!     RevocationList, SessionId, Signer, SigningKey, SubjectKey, Target, Timestamp,
//! };
//!
//! let now = Timestamp::from_secs(1_800_000_000);
//! let key = SigningKey::private(PrivateKey::generate(Algorithm::Es256)?);
//! let session = SessionId::new(SubjectKey::of("alice"), [7; 8]);
//! let token = Signer::new(key.clone()).access_token(&NewAccessToken {
//!     issuer: "https://login.example",
//!     subject: "alice",
//!     audience: "https://api.example",
//!     client_id: "web",
//!     issued_at: now,
//!     expires_at: Timestamp::from_secs(1_800_000_600),
//!     token_id: "a-random-id",
//!     session,
//!     version: 0,
//!     scope: None,
//!     auth_time: now,
//!     amr: &[],
//!     other: &serde_json::Map::new(),
//! })?;
//!
//! let guard = Guard::new(
//!     KeySet::new([key.verifying_key()])?,
//!     Policy::access_token("https://login.example", "https://api.example"),
//!     Arc::new(RevocationList::new()),
//! );
//! assert_eq!(guard.check(&token, now)?.subject(), "alice");
//!
//! guard.revocations().add(&Revocation {
//!     target: Target::Session(session, Reason::LoggedOut),
//!     until: Timestamp::from_secs(1_800_000_690),
//! });
//! assert_eq!(guard.check(&token, now).unwrap_err().code(), "logged_out");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod algorithm;
pub mod base64url;
mod buffer;
mod claims;
mod error;
mod guard;
mod id;
mod json;
pub mod jws;
mod key;
pub mod limits;
mod policy;
mod revocation;
mod signer;
mod timestamp;
mod unverified;
mod verifier;

pub use algorithm::Algorithm;
pub use buffer::Buffer;
pub use claims::{AccessClaims, Claims, NewAccessToken, is_reserved};
pub use error::{Refusal, VerifyError};
pub use guard::{Guard, Identity};
pub use id::{SessionId, SubjectKey};
pub use key::{
    JwkSet, KeyError, KeyId, KeySet, KeySource, PrivateKey, PublicKey, SecretKey, SigningKey,
    VerifyingKey, jwk_thumbprint,
};
pub use policy::{ACCESS_TOKEN, Policy};
pub use revocation::{Reason, Revocation, RevocationList, Target};
pub use signer::{NewToken, SignError, Signer};
pub use timestamp::Timestamp;
pub use unverified::{UnverifiedToken, decode_without_verifying};
pub use verifier::Verifier;
