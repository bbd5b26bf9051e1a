//! The rows of the table: which contestants, in which order; the first is what the others are
//! compared with.

use anyhow::{Result, ensure};

use crate::contest::Contest;
use crate::keys::{Algorithm, Keys};
use crate::{jeton, jsonwebtoken, jwt_simple, oxitoken, raw};

/// One comparison.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    pub name: &'static str,
    /// What one operation is.
    pub about: &'static str,
    work: Work,
    algorithm: Algorithm,
}

#[derive(Clone, Copy, Debug)]
enum Work {
    Verify,
    Sign,
    Hit,
    Revocations,
}

const VERIFY: &str = "signature, typ, iss, aud, exp; 11 typed claims";
const SIGN: &str = "11 typed claims to a token";

const ROWS: [Row; 9] = [
    Row::new("verify-hs256", VERIFY, Work::Verify, Algorithm::Hs256),
    Row::new("verify-rs256", VERIFY, Work::Verify, Algorithm::Rs256),
    Row::new("verify-es256", VERIFY, Work::Verify, Algorithm::Es256),
    Row::new("verify-eddsa", VERIFY, Work::Verify, Algorithm::EdDsa),
    Row::new("sign-hs256", SIGN, Work::Sign, Algorithm::Hs256),
    Row::new("sign-es256", SIGN, Work::Sign, Algorithm::Es256),
    Row::new("sign-eddsa", SIGN, Work::Sign, Algorithm::EdDsa),
    Row::new(
        "cache-hit",
        "a token verified before: exp and revocations",
        Work::Hit,
        Algorithm::Es256,
    ),
    Row::new(
        "revocations",
        "cache-hit under a long revocation list",
        Work::Revocations,
        Algorithm::Es256,
    ),
];

impl Row {
    const fn new(
        name: &'static str,
        about: &'static str,
        work: Work,
        algorithm: Algorithm,
    ) -> Self {
        Self { name, about, work, algorithm }
    }

    /// Makes keys and tokens, and checks every contestant.
    pub fn prepare(&self) -> Result<Contest> {
        let keys = Keys::generate(self.algorithm)?;
        let now = jeton::now();
        let mut contest = Contest::new(&keys, now)?;
        match self.work {
            Work::Verify => {
                raw::verifies(&keys, &mut contest)?;
                jeton::verifies(&keys, &mut contest)?;
                oxitoken::verifies(&keys, &mut contest)?;
                jsonwebtoken::verifies(&keys, &mut contest)?;
                jwt_simple::verifies(&keys, &mut contest)?;
            }
            Work::Sign => {
                raw::signs(&keys, &mut contest)?;
                jeton::signs(&keys, &mut contest)?;
                oxitoken::signs(&keys, &mut contest)?;
                jsonwebtoken::signs(&keys, &mut contest)?;
                jwt_simple::signs(&keys, &mut contest)?;
            }
            Work::Hit => jeton::hits(&keys, now, &mut contest)?,
            Work::Revocations => jeton::revocations(&keys, now, &mut contest)?,
        }
        Ok(contest)
    }
}

/// The rows whose names contain any of these, or all where there are none.
pub fn matching(wanted: &[String]) -> Result<Vec<Row>> {
    let is_wanted =
        |row: &Row| wanted.is_empty() || wanted.iter().any(|part| row.name.contains(part));
    let rows: Vec<_> = ROWS.into_iter().filter(is_wanted).collect();
    let names = ROWS.map(|row| row.name).join(", ");
    ensure!(!rows.is_empty(), "no such row; there are {names}");
    Ok(rows)
}
