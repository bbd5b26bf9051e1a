//! Everything here that knows jeton.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context as _, Result};
use aws_lc_rs::digest;
use jeton::{
    AccessClaims, Algorithm, Buffer, Guard, KeyId, KeySet, Policy, PrivateKey, PublicKey, Reason, Revocation,
    RevocationList, SecretKey, SessionId, SigningKey, SubjectKey, Target, Timestamp, VerifyingKey,
};

use crate::claims::{AUDIENCE, Claims, ISSUER, KEY_ID, Seen, TYPE};
use crate::contest::{Contest, Contestant, Sign, Verify};
use crate::keys::Keys;
use crate::pool::Entry;

/// Its name in the table.
const NAME: &str = "jeton";

/// Entries of a long revocation list.
const REVOCATIONS: u64 = 1_000_000;

/// `sid` of a subject's session: a session belongs to its subject, so not any text will do.
pub fn session_of(subject: &str, random: &[u8]) -> String {
    let random = random.first_chunk().copied().unwrap_or_default();
    SessionId::new(SubjectKey::of(subject), random).to_string()
}

/// The time. Other libraries read the clock for every token, some 30 ns; jeton is given the time.
#[expect(clippy::disallowed_methods, reason = "this is the caller of the library")]
pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// Takes part in a row of verifiers.
pub fn verifies(keys: &Keys, contest: &mut Contest) -> Result<()> {
    let now = Timestamp::from_secs(now());
    let verifier = jeton::Verifier::new(key_set(keys)?, policy());
    contest.add_verifier(NAME, Verifier(verifier.clone(), now, Buffer::new()))?;
    contest.add_verifier("jeton AccessClaims", AccessVerifier(verifier, now))
}

/// Takes part in a row of signers.
pub fn signs(keys: &Keys, contest: &mut Contest) -> Result<()> {
    contest.add_signer(NAME, keys, Signer(jeton::Signer::new(signing_key(keys)?)))
}

/// A guard that has verified every token before, and what it cannot be faster than: comparing the
/// whole token with a copy, without having to find it. A set that nobody shares is between them.
pub fn hits(keys: &Keys, now: u64, contest: &mut Contest) -> Result<()> {
    let mut copies = vec![String::new(); contest.pool().len()];
    for entry in contest.pool() {
        copies[entry.number].clone_from(&entry.token);
    }
    let known: HashSet<String> = copies.iter().cloned().collect();
    let compare = move |entry: &Entry| copies[entry.number] == entry.token;
    let find = move |entry: &Entry| known.contains(&entry.token);
    contest.add_checked(Contestant::new("raw comparison", compare))?;
    contest.add_checked(Contestant::new("std HashSet", find))?;
    contest.add_verifier("jeton Guard", guard(keys, now, RevocationList::new())?)
}

/// Hits under no revocation, and under a million of them that reach none of the tokens.
pub fn revocations(keys: &Keys, now: u64, contest: &mut Contest) -> Result<()> {
    contest.add_verifier("jeton Guard, none", guard(keys, now, RevocationList::new())?)?;
    contest.add_verifier("jeton Guard, 1,000,000", guard(keys, now, long_list(now))?)
}

/// Borrows the claims from a buffer of its own.
struct Verifier(jeton::Verifier, Timestamp, Buffer);

impl Verify for Verifier {
    #[inline]
    fn verify<R>(&mut self, token: &str, then: impl FnOnce(Seen<'_>) -> R) -> Option<R> {
        self.0.verify_with(token, self.1, &mut self.2).ok().map(then)
    }
}

/// Hands out the claims of an access token, owned.
struct AccessVerifier(jeton::Verifier, Timestamp);

impl Verify for AccessVerifier {
    #[inline]
    fn verify<R>(&mut self, token: &str, then: impl FnOnce(Seen<'_>) -> R) -> Option<R> {
        let claims = self.0.verify_access_token(token, self.1).ok()?;
        seen(&claims).map(then)
    }
}

/// At one moment: what is measured is the guard.
struct Checks(Guard, Timestamp);

impl Verify for Checks {
    #[inline]
    fn verify<R>(&mut self, token: &str, then: impl FnOnce(Seen<'_>) -> R) -> Option<R> {
        let identity = self.0.check(token, self.1).ok()?;
        seen(identity.claims()).map(then)
    }
}

struct Signer(jeton::Signer);

impl Sign for Signer {
    #[inline]
    fn sign(&mut self, claims: &Claims) -> Option<String> {
        self.0.sign(TYPE, claims).ok()
    }
}

#[inline]
fn seen(claims: &AccessClaims) -> Option<Seen<'_>> {
    Some(Seen {
        iss: &claims.issuer,
        sub: &claims.subject,
        aud: claims.audience.first()?,
        client_id: &claims.client_id,
        iat: claims.issued_at.as_secs(),
        exp: claims.expires_at.as_secs(),
        jti: &claims.token_id,
        ver: claims.version,
        scope: claims.scope.as_deref()?,
        tenant: claims.other.get("tenant")?.as_str()?,
    })
}

fn policy() -> Policy {
    Policy::access_token(ISSUER, AUDIENCE)
}

fn guard(keys: &Keys, now: u64, list: RevocationList) -> Result<Checks> {
    let guard = Guard::new(key_set(keys)?, policy(), Arc::new(list));
    Ok(Checks(guard, Timestamp::from_secs(now)))
}

fn key_set(keys: &Keys) -> Result<KeySet> {
    let key = match keys {
        Keys::Hs256(_) => signing_key(keys)?.verifying_key(),
        _ => VerifyingKey::public(PublicKey::from_der(&keys.public_der()?)?)
            .with_id(KeyId::new(KEY_ID)?),
    };
    KeySet::new([key]).context("key set")
}

fn signing_key(keys: &Keys) -> Result<SigningKey> {
    let key = match keys {
        Keys::Hs256(secret) => SigningKey::secret(SecretKey::new(Algorithm::Hs256, secret)?),
        _ => SigningKey::private(PrivateKey::from_pem(&keys.private_pem()?)?),
    };
    Ok(key.with_id(KeyId::new(KEY_ID)?))
}

/// Mostly sessions, as logouts are what fills a list; the ids are nobody's.
fn long_list(now: u64) -> RevocationList {
    let list = RevocationList::new();
    let until = Timestamp::from_secs(now + 7200);
    for number in 0..REVOCATIONS {
        let random = digest::digest(&digest::SHA256, &number.to_le_bytes());
        let bytes = random.as_ref().first_chunk().copied().unwrap_or_default();
        let session = SessionId::from_bytes(bytes);
        let target = match number % 10 {
            0 => Target::Subject(session.subject(), 1),
            1 | 2 => Target::Token(session.to_string(), Reason::Revoked),
            _ => Target::Session(session, Reason::LoggedOut),
        };
        list.add(&Revocation { target, until });
    }
    list
}
