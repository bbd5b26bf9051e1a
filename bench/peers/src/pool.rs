//! The tokens that every contestant of a row gets.

use anyhow::Result;
use aws_lc_rs::digest;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::claims::{AUDIENCE, Claims, ISSUER, KEY_ID, TYPE};
use crate::jeton::session_of;
use crate::keys::Keys;
use crate::raw;

/// Tokens in use at a time.
pub const TOKENS: usize = 1024;

/// Odd, so that walking in steps of it meets every token, and large, so that the memory of the next
/// one is not guessed.
const STEP: usize = 389;

/// The longest life that jeton accepts, so that no run outlives its tokens.
const LIFE: u64 = 3600;

/// One token, and what is true of it.
pub struct Entry {
    pub number: usize,
    pub token: String,
    pub signature: Vec<u8>,
    pub claims: Claims,
    /// Where the second dot stands.
    dot: usize,
}

impl Entry {
    fn new(number: usize, claims: Claims, signer: &raw::Signer, header: &str) -> Result<Self> {
        let payload = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims)?);
        let message = format!("{header}.{payload}");
        let signature = signer.sign(message.as_bytes(), <[u8]>::to_vec)?;
        let token = format!("{message}.{}", URL_SAFE_NO_PAD.encode(&signature));
        Ok(Self { number, token, signature, claims, dot: message.len() })
    }

    /// What is signed: the header, a dot, the payload (RFC 7515 section 5.1).
    pub fn message(&self) -> &[u8] {
        &self.token.as_bytes()[..self.dot]
    }

    /// The same token with another bit in its signature, and with another letter in its payload.
    pub fn flipped(&self) -> [Self; 2] {
        let mut signature = self.signature.clone();
        signature[0] ^= 1;
        let message = &self.token[..self.dot];
        let spoiled = format!("{message}.{}", URL_SAFE_NO_PAD.encode(&signature));
        let mut payload = self.token.clone().into_bytes();
        let letter = &mut payload[self.dot - 20];
        *letter = if *letter == b'A' { b'B' } else { b'A' };
        let payload = String::from_utf8(payload).unwrap_or_default();
        [self.with(spoiled, signature), self.with(payload, self.signature.clone())]
    }

    fn with(&self, token: String, signature: Vec<u8>) -> Self {
        Self { number: self.number, token, signature, claims: self.claims.clone(), dot: self.dot }
    }
}

/// The header of every token under these keys.
pub fn header_json(keys: &Keys) -> String {
    format!(r#"{{"alg":"{}","kid":"{KEY_ID}","typ":"{TYPE}"}}"#, keys.algorithm().name())
}

/// Signs the tokens, in the order in which they are used.
pub fn fill(keys: &Keys, now: u64) -> Result<Vec<Entry>> {
    let signer = raw::Signer::new(keys)?;
    let header = URL_SAFE_NO_PAD.encode(header_json(keys));
    let entries = (0..TOKENS).map(|n| Entry::new(n, claims(n, now), &signer, &header));
    let mut entries: Vec<_> = entries.collect::<Result<_>>()?;
    // Not the order in which they lie in memory.
    entries.sort_by_key(|entry| entry.number * STEP % TOKENS);
    Ok(entries)
}

/// Different in every token: subject, session, time, id, version.
fn claims(number: usize, now: u64) -> Claims {
    let sub = format!("user-{:07}", number * 8191);
    let id = digest::digest(&digest::SHA256, &number.to_le_bytes());
    let (token_id, rest) = id.as_ref().split_at(16);
    let issued_at = now - number as u64 % 60;
    Claims {
        iss: ISSUER.into(),
        aud: AUDIENCE.into(),
        client_id: "web".into(),
        iat: issued_at,
        exp: issued_at + LIFE,
        jti: URL_SAFE_NO_PAD.encode(token_id),
        sid: session_of(&sub, rest),
        ver: number as u64 % 10,
        scope: "read write".into(),
        tenant: "acme-eu".into(),
        sub,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Algorithm;

    #[test]
    fn tokens_are_as_long_as_the_documents_say() {
        let keys = Keys::generate(Algorithm::Hs256).unwrap();

        let pool = fill(&keys, 1_800_000_000).unwrap();

        assert!(pool.iter().all(|entry| entry.token.len() == 447), "{}", pool[0].token.len());
    }

    #[test]
    fn every_token_is_there_once() {
        let keys = Keys::generate(Algorithm::EdDsa).unwrap();

        let mut numbers: Vec<_> =
            fill(&keys, 1_800_000_000).unwrap().iter().map(|entry| entry.number).collect();
        numbers.sort_unstable();

        assert!(numbers.into_iter().eq(0..TOKENS));
    }
}
