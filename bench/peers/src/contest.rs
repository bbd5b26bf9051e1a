//! Who takes part in a row, and the checks before anybody is timed.

use std::hint::black_box;

use anyhow::{Context as _, Result, ensure};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;

use crate::claims::{Claims, Seen};
use crate::keys::Keys;
use crate::pool::{self, Entry};
use crate::raw;

/// A library that verifies.
pub trait Verify: 'static {
    /// Hands what the token says to `then`, if the token is good. The time is asked as it has to be
    /// for every token.
    fn verify<R>(&mut self, token: &str, then: impl FnOnce(Seen<'_>) -> R) -> Option<R>;
}

/// A library that signs.
pub trait Sign: 'static {
    /// The token with these claims.
    fn sign(&mut self, claims: &Claims) -> Option<String>;
}

/// Does an operation for each of these tokens, up to the first that is refused.
type Run = dyn FnMut(&[Entry]) -> bool;

/// One side of a row.
pub struct Contestant {
    pub name: &'static str,
    run: Box<Run>,
}

impl Contestant {
    /// The operation says whether it accepted the token. It is compiled into the loop around it, so
    /// that only whole batches are called through a pointer.
    pub fn new(name: &'static str, mut operation: impl FnMut(&Entry) -> bool + 'static) -> Self {
        let run = move |batch: &[Entry]| batch.iter().all(|entry| operation(black_box(entry)));
        Self { name, run: Box::new(run) }
    }

    /// Whether it accepted all of the tokens.
    pub fn run(&mut self, batch: &[Entry]) -> bool {
        (self.run)(batch)
    }
}

/// The contestants of a row, the one they are compared with first, and their tokens.
pub struct Contest {
    pool: Vec<Entry>,
    contestants: Vec<Contestant>,
}

impl Contest {
    pub fn new(keys: &Keys, now: u64) -> Result<Self> {
        Ok(Self { pool: pool::fill(keys, now)?, contestants: Vec::new() })
    }

    /// The tokens, in the order in which they are used.
    #[must_use]
    pub fn pool(&self) -> &[Entry] {
        &self.pool
    }

    /// The pool, and everybody.
    pub fn parts(&mut self) -> (&[Entry], &mut [Contestant]) {
        (&self.pool, &mut self.contestants)
    }

    /// Adds somebody whose answers were checked.
    pub fn add(&mut self, contestant: Contestant) {
        self.contestants.push(contestant);
    }

    /// Adds somebody who accepts every token and refuses every flipped one.
    pub fn add_checked(&mut self, mut contestant: Contestant) -> Result<()> {
        let name = contestant.name;
        ensure!(contestant.run(&self.pool), "{name} refuses a good token");
        for flipped in self.pool.iter().flat_map(Entry::flipped) {
            ensure!(!contestant.run(&[flipped]), "{name} accepts a flipped bit");
        }
        self.add(contestant);
        Ok(())
    }

    /// Adds a library that verifies, if it reads every claim right.
    pub fn add_verifier(&mut self, name: &'static str, mut verifier: impl Verify) -> Result<()> {
        for Entry { token, claims, .. } in &self.pool {
            let right = verifier.verify(token, |seen| seen == claims.seen());
            ensure!(right == Some(true), "{name} reads {right:?} in {claims:?}");
        }
        let verify = move |entry: &Entry| {
            verifier.verify(&entry.token, |seen| _ = black_box(seen)).is_some()
        };
        self.add_checked(Contestant::new(name, verify))
    }

    /// Adds a library that signs, if its tokens are good and say what they should.
    pub fn add_signer(
        &mut self,
        name: &'static str,
        keys: &Keys,
        mut signer: impl Sign,
    ) -> Result<()> {
        let verifier = raw::Verifier::new(keys)?;
        for Entry { claims, .. } in &self.pool {
            let token = signer.sign(claims).with_context(|| format!("{name} does not sign"))?;
            check_signed(&token, claims, keys, &verifier).context(name)?;
        }
        let sign = move |entry: &Entry| black_box(signer.sign(&entry.claims)).is_some();
        self.add(Contestant::new(name, sign));
        Ok(())
    }
}

fn check_signed(token: &str, claims: &Claims, keys: &Keys, verifier: &raw::Verifier) -> Result<()> {
    let (message, signature) = token.rsplit_once('.').context("no signature")?;
    let (header, payload) = message.split_once('.').context("no payload")?;
    let signature = URL_SAFE_NO_PAD.decode(signature)?;
    ensure!(verifier.verifies(message.as_bytes(), &signature), "wrong signature");
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header)?)?;
    let expected: Value = serde_json::from_str(&pool::header_json(keys))?;
    ensure!(header == expected, "header {header}, not {expected}");
    let payload: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload)?)?;
    let expected = serde_json::to_value(claims)?;
    ensure!(payload == expected, "claims {payload}, not {expected}");
    Ok(())
}
