//! Sign JSON Web Tokens, verify them, and take them back.
//!
//! ```text
//! token ─▶ header ─▶ signature ─▶ strict JSON ─▶ policy ─▶ claims ─▶ revocations ─▶ Identity
//!     Malformed  UnknownKey  BadSignature  Malformed  ClaimRefused    Ended{reason}
//!                                                     Expired         Recalled
//! ```
//!
//! [`Verifier::verify`] goes this way up to the claims, for any JWT, and [`Guard::check`] to its end.
//! Claims exist behind a signature and a policy, an identity behind the revocation check, and
//! nothing else makes them. [`jws`] has the first steps by themselves, each a type that only the
//! step before can make.
//!
//! What always holds:
//!
//! 1. keys choose algorithms, tokens never do: a key has one, and there is no `none`;
//! 2. a secret and a public key are different types, and without a key everything is refused;
//! 3. a token has one spelling: strict base64url, no duplicate members, limits before work;
//! 4. nothing here does I/O, reads a clock or keeps global state: time is an argument.
//!
//! # Any JWT, with claims of your own
//!
//! A [`Verifier`] is keys and a [`Policy`], made once and shared by all threads. The claims come as
//! the type you ask for, or as [`Claims`] if you do not know them.
//!
//! ```
//! use std::time::Duration;
//! use jeton::{
//!     Algorithm, KeySet, NewToken, Policy, SecretKey, Signer, SigningKey, Timestamp, Verifier,
//!     VerifyError,
//! };
//!
//! #[derive(Debug, PartialEq, serde::Serialize, serde::Deserialize)]
//! struct Shopper {
//!     sub: String,
//!     cart: Vec<u32>,
//! }
//!
//! let now = Timestamp::from_secs(1_800_000_000); // a program says `SystemTime::now().into()`
//! let key = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
//!
//! let alice = Shopper { sub: "alice".into(), cart: vec![1, 2] };
//! let token = NewToken::from_claims(&alice)?
//!     .issuer("https://shop.example")
//!     .valid_for(now, Duration::from_mins(15));
//! let token = Signer::new(key.clone()).sign_token(&token)?;
//!
//! let policy = Policy::jwt().with_issuer("https://shop.example").with_required("exp");
//! let verifier = Verifier::new(KeySet::new([key.verifying_key()])?, policy);
//! assert_eq!(verifier.verify::<Shopper>(&token, now), Ok(alice));
//!
//! let later = now.after(Duration::from_hours(1));
//! assert_eq!(verifier.verify::<Shopper>(&token, later), Err(VerifyError::Expired));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Tokens of another issuer
//!
//! Fetch its JWK Set as you like; a key that is of no use here is skipped and named.
//!
//! ```
//! use jeton::{Claims, JwkSet, KeySet, Policy, Verifier};
//! # use jeton::{Algorithm, KeyId, PrivateKey, Signer, SigningKey, Timestamp};
//! # let now = Timestamp::from_secs(1_800_000_000);
//! # let key = PrivateKey::generate(Algorithm::Es256)?;
//! # let published = JwkSet::new([(Some(KeyId::new("2027")?), key.public_key())]).to_json();
//! # let key = SigningKey::private(key).with_id(KeyId::new("2027")?);
//! # let claims = serde_json::json!({ "iss": "https://issuer.example", "aud": "our-client" });
//! # let token = Signer::new(key).sign("JWT", &claims)?;
//!
//! let set = JwkSet::from_json(&published)?;
//! for (id, reason) in set.skipped() {
//!     eprintln!("skipped key {id:?}: {reason}");
//! }
//! let policy = Policy::jwt().with_issuer("https://issuer.example").with_audience("our-client");
//! let verifier = Verifier::new(KeySet::try_from(set)?, policy);
//! let claims: Claims = verifier.verify(&token, now)?;
//! assert_eq!(claims.text("aud")?, Some("our-client"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! When [`VerifyError::UnknownKey`] says that the issuer has new keys, fetch them, at most once in a
//! while, and put a new verifier where the old one was; a [`Guard`] takes them by
//! [`set_keys`](Guard::set_keys). Issuers that do not trust each other need a verifier each: ask them
//! in turn, since a token passes at one of them at most.
//!
//! # A secret that is replaced
//!
//! Keys with a `kid` are told apart by it. Where tokens carry none, a rolling set tries the new
//! secret and then the old one, until the last token of the old one has expired:
//!
//! ```
//! use jeton::{Claims, KeySet, Policy, Verifier};
//! # use jeton::{Algorithm, SecretKey, Signer, SigningKey, Timestamp};
//! # let now = Timestamp::from_secs(1_800_000_000);
//! # let new = SigningKey::secret(SecretKey::generate(Algorithm::Hs256)?);
//! # let old = SigningKey::secret(SecretKey::legacy_short(Algorithm::Hs256, b"shhh")?);
//! # let token = Signer::new(old.clone()).sign("JWT", &serde_json::json!({ "sub": "alice" }))?;
//!
//! let keys = KeySet::rolling([new.verifying_key(), old.verifying_key()])?;
//! let verifier = Verifier::new(keys, Policy::jwt());
//! assert!(verifier.verify::<Claims>(&token, now).is_ok()); // signed with the old one
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Access tokens that can be taken back
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
//!     session: Some(session),
//!     version: 0,
//!     scope: None,
//!     auth_time: Some(now),
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
//!
//! # Coming from `jsonwebtoken` or `java-jwt`
//!
//! | there | here |
//! | --- | --- |
//! | `jwt.sign(payload, secret)`, `JWT.create()…sign(algorithm)` | [`Signer::sign`] for a struct or map, [`NewToken`] claim by claim; no claim is added that you did not ask for, `iat` neither |
//! | `expiresIn: "2h"`, `withExpiresAt` | [`NewToken::valid_for`], [`NewToken::expires_at`]; a [`Duration`](std::time::Duration), never a text |
//! | `keyid`, `withKeyId`; `header`, `withHeader` | [`SigningKey::with_id`]; [`NewToken::header_parameter`] |
//! | `algorithm(s)`, `Algorithm.HMAC256(secret)` | the key's: [`SecretKey::new`]`(Algorithm::Hs256, …)`, [`PublicKey::with_algorithm`] |
//! | `jwt.verify(token, key, options)`, `JWT.require(algorithm)…build()` | [`Verifier::verify`] with a [`Policy`]; every call on a policy adds a check |
//! | `issuer`, `subject`, `jwtid`, `nonce`; `withIssuer(a, b)` | [`Policy::with_issuer`], [`with_any_issuer`](Policy::with_any_issuer), [`with_subject`](Policy::with_subject), [`with_token_id`](Policy::with_token_id), [`with_nonce`](Policy::with_nonce) |
//! | `audience`, `withAnyOfAudience`; `withAudience` | [`Policy::with_any_audience`]; [`with_all_audiences`](Policy::with_all_audiences). [`Policy::jwt`] refuses an `aud` that nobody asked about |
//! | `withClaim`, `withNullClaim`, `withClaimPresence`, `withArrayClaim`, a predicate | [`Policy::with_claim`], [`with_null`](Policy::with_null), [`with_present`](Policy::with_present), [`with_claim_containing`](Policy::with_claim_containing), [`with_claim_where`](Policy::with_claim_where) |
//! | `clockTolerance`, `acceptLeeway`, `acceptExpiresAt` | [`Policy::with_leeway`], [`with_expiry_leeway`](Policy::with_expiry_leeway); 30 seconds unless told otherwise, 60 at most |
//! | `maxAge`; `ignoreExpiration` | [`Policy::with_max_age`]; [`Policy::ignore_expiry`] |
//! | a future `iat` (`java-jwt` refuses, `ignoreIssuedAt` turns it off) | [`Policy::refuse_future_issue`] turns it on |
//! | `clockTimestamp`, `build(clock)` | the argument `now` |
//! | `decode`; `complete: true` | [`decode_without_verifying`], which makes no claims; [`jws::Compact`] and [`jws::Verified::header`] |
//! | `Validation` of Rust's `jsonwebtoken`, which asks for `exp` and compares `aud` | [`Policy::jwt`]`().with_required("exp")`, [`Policy::with_audience`] |
//! | a secret callback, `KeyProvider` | [`KeySet`] by `kid`, [`Guard::set_keys`] after a rotation; [`KeySource`] for private keys that live elsewhere |
//! | several secrets (`koa-jwt`) | [`KeySet::rolling`] |
//! | `getClaim("n").asInt()` | the field of a struct; [`Claims::get`], [`text`](Claims::text), [`texts`](Claims::texts), [`timestamp`](Claims::timestamp) |
//! | `isRevoked` | [`RevocationList`], asked by [`Guard::check`] |
//! | `TokenExpiredError`, `IncorrectClaimException`, … | [`VerifyError`], with a [`code`](VerifyError::code) that stays |
//!
//! Deliberately absent: `none`; an algorithm taken from a token; keys and addresses out of a header
//! (`jwk`, `jku`, `x5c`, `x5u`); one type for secrets and public keys; secrets below the length of
//! their hash, but by a [name that says so](SecretKey::legacy_short); encrypted tokens (JWE),
//! compression (`zip`) and payloads that are not encoded (`b64`); regular expressions over claims;
//! durations in words; a default secret; a clock.

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
mod moment;
mod policy;
mod revocation;
mod signer;
mod staleness;
mod timestamp;
mod unverified;
mod verifier;

pub use algorithm::Algorithm;
pub use buffer::Buffer;
pub use claims::{AccessClaims, Claims, NewAccessToken, is_reserved};
pub use error::{Refusal, SignError, VerifyError};
pub use guard::{Guard, Identity, Unconfirmed, Verdict};
pub use id::{SessionId, SubjectKey};
pub use key::{
    JwkSet, KeyError, KeyId, KeySet, KeySource, PrivateKey, PublicKey, SecretKey, SigningKey,
    VerifyingKey, jwk_thumbprint,
};
pub use moment::Moment;
pub use policy::{ACCESS_TOKEN, Policy};
pub use revocation::{
    Bound, Ended, Entry, Fingerprint, Reason, Refused, Revocation, RevocationList, Target,
};
pub use signer::{NewToken, Signer};
pub use staleness::{StalePolicy, Staleness};
pub use timestamp::Timestamp;
pub use unverified::{UnverifiedToken, decode_without_verifying};
pub use verifier::Verifier;
