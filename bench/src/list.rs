//! The revocation list with a million entries, in this process.

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jeton::{
    AccessClaims, Algorithm, Entry, Fingerprint, Guard, KeySet, NewAccessToken, Policy, PrivateKey,
    Reason, Refused, RevocationList, SessionId, Signer, SigningKey, SubjectKey, Timestamp,
};

use crate::memory;
use crate::rounds::{ROUNDS, median};

const MILLION: usize = 1_000_000;

/// Tokens in use at a time.
const TOKENS: usize = 1024;

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

const RETENTION: u64 = 690;

pub fn run() -> anyhow::Result<()> {
    println!("the revocation list, medians of {ROUNDS} rounds");
    let entries = entries();
    let empty = Arc::new(RevocationList::new());
    let full = Arc::new(RevocationList::new());
    let before = memory::resident()?;
    full.merge(&entries);
    let bytes = (memory::resident()? - before) as f64 / MILLION as f64;
    let tokens = Tokens::new()?;

    println!("bytes an entry                            {bytes:>10.1}");
    let checks = [("empty", &empty), ("of a million", &full)];
    for (name, list) in checks {
        let guard = tokens.guard(list)?;
        let verified = tokens.claims(&guard)?;
        nanos(&format!("guard, {TOKENS} remembered tokens, {name}"), || {
            for token in &tokens.tokens {
                let _ = black_box(guard.check(token, NOW));
            }
        });
        nanos(&format!("guard, one remembered token, {name}"), || {
            for _ in 0..TOKENS {
                let _ = black_box(guard.check(&tokens.tokens[0], NOW));
            }
        });
        nanos(&format!("list alone with its hashes, {name}"), || {
            for claims in &verified {
                let _ = black_box(list.check(claims));
            }
        });
    }

    millis("merge of a million", RevocationList::new, |list| {
        list.merge(&entries);
        list
    });
    millis("apply of a million, one by one", RevocationList::new, |list| {
        entries.iter().for_each(|entry| list.apply(entry));
        list
    });
    millis("merge of a million known already", || (), |()| full.merge(&entries));
    millis("export of a million: entries()", || (), |()| full.entries());
    millis(
        "export of a million: for_each_entry()",
        || Vec::with_capacity(32 << 20),
        |mut bytes| {
            full.for_each_entry(|entry| {
                if let Refused::Session(id, reason) = entry.refused {
                    bytes.extend_from_slice(&id.as_u64().to_be_bytes());
                    bytes.extend_from_slice(&entry.until.as_secs().to_be_bytes());
                    bytes.push(reason as u8);
                }
            });
            bytes
        },
    );
    let filled = || {
        let list = RevocationList::new();
        list.merge(&entries);
        list
    };
    millis("sweep of a million, a second's worth expired", filled, |list| {
        list.sweep(NOW);
        list
    });
    millis("sweep of a million, half expired", filled, |list| {
        list.sweep(NOW.after(Duration::from_secs(RETENTION / 2)));
        list
    });
    millis("sweep of a million, nothing expired", || (), |()| full.sweep(Timestamp::default()));
    Ok(())
}

/// Sessions that ended evenly over the last retention, as random as fingerprints are.
fn entries() -> Vec<Entry> {
    let entry = |n: usize| {
        let id = Fingerprint::of_token(&n.to_string());
        let until = NOW.after(Duration::from_secs(n as u64 % RETENTION));
        Entry { refused: Refused::Session(id, Reason::LoggedOut), until }
    };
    (0..MILLION).map(entry).collect()
}

struct Tokens {
    key: SigningKey,
    tokens: Vec<String>,
}

impl Tokens {
    fn new() -> anyhow::Result<Self> {
        let key = SigningKey::private(PrivateKey::generate(Algorithm::Es256)?);
        let signer = Signer::new(key.clone());
        let sign = |n: usize| {
            let subject = format!("subject {n}");
            signer.access_token(&NewAccessToken {
                issuer: "https://login.example",
                subject: &subject,
                audience: "https://api.example",
                client_id: "web",
                issued_at: NOW,
                expires_at: NOW.after(Duration::from_mins(10)),
                token_id: &format!("token {n}"),
                session: Some(SessionId::new(SubjectKey::of(&subject), (n as u64).to_be_bytes())),
                version: 0,
                scope: None,
                auth_time: Some(NOW),
                amr: &[],
                other: &serde_json::Map::new(),
            })
        };
        let tokens = (0..TOKENS).map(sign).collect::<Result<_, _>>()?;
        Ok(Self { key, tokens })
    }

    fn guard(&self, list: &Arc<RevocationList>) -> anyhow::Result<Guard> {
        let keys = KeySet::new([self.key.verifying_key()])?;
        let policy = Policy::access_token("https://login.example", "https://api.example");
        Ok(Guard::new(keys, policy, Arc::clone(list)))
    }

    fn claims(&self, guard: &Guard) -> anyhow::Result<Vec<AccessClaims>> {
        let claims = |token: &String| Ok(guard.check(token, NOW)?.claims().clone());
        self.tokens.iter().map(claims).collect::<Result<_, jeton::Refusal>>().context("refused")
    }
}

/// Prints how long one of [`TOKENS`] turns takes.
fn nanos(what: &str, mut turns: impl FnMut()) {
    turns();
    let figures = (0..ROUNDS).map(|_| {
        let repeat = 64;
        let started = Instant::now();
        (0..repeat).for_each(|_| turns());
        started.elapsed().as_secs_f64() * 1e9 / (repeat * TOKENS) as f64
    });
    println!("{what:<50}{:>8.1} ns", median(figures.collect()));
}

/// Prints how long a piece of work takes, without what it starts from and what it leaves.
fn millis<A, B>(what: &str, start: impl Fn() -> A, work: impl Fn(A) -> B) {
    let figures = (0..ROUNDS).map(|_| {
        let from = start();
        let started = Instant::now();
        let left = black_box(work(from));
        let figure = started.elapsed().as_secs_f64() * 1e3;
        drop(left);
        figure
    });
    println!("{what:<50}{:>8.1} ms", median(figures.collect()));
}
