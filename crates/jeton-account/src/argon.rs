//! Argon2id: a stored hash, and the arithmetic that makes and verifies one.
//!
//! Hashes are PHC strings, `$argon2id$v=19$m=19456,t=2,p=1$salt$output`. A stored one is read as
//! if an enemy had written it: other algorithms, other versions, further parameters and costs over
//! the ceiling are refused before a byte is allocated.

use std::sync::atomic::{AtomicU64, Ordering};

use argon2::password_hash::phc::{Output, ParamsString, Salt};
use argon2::{ARGON2ID_IDENT, Algorithm, Argon2, Block, Params, PasswordHash, Version};

use crate::cost::{CEILING_LANES, CEILING_MEMORY, CEILING_PASSES};
use crate::random;
use crate::{AccountError, HashingCost, Password, Random};

const SALT_BYTES: usize = 16;
const OUTPUT_BYTES: usize = 32;

/// Fewer bytes of output than this can be found by trying.
const MIN_OUTPUT_BYTES: usize = 16;

/// A hash out of the store, whose parameters are within bounds.
#[derive(Clone)]
pub(crate) struct StoredHash {
    params: Params,
    salt: Salt,
    output: Output,
}

impl StoredHash {
    /// Reads a PHC string, refusing whatever we would not have written in any version.
    pub(crate) fn parse(phc: &str) -> Result<Self, AccountError> {
        let hash = PasswordHash::new(phc).map_err(|_| refused("is not a PHC string"))?;
        if hash.algorithm != ARGON2ID_IDENT || hash.version != Some(Version::V0x13.into()) {
            return Err(refused("is not Argon2id version 19"));
        }
        let (Some(salt), Some(output)) = (hash.salt, hash.hash) else {
            return Err(refused("has no salt or no output"));
        };
        if output.len() < MIN_OUTPUT_BYTES {
            return Err(refused("has too short an output"));
        }
        let params = read_params(&hash.params, output.len())?;
        Ok(Self { params, salt, output })
    }

    /// The memory that verifying takes, in KiB.
    pub(crate) const fn memory(&self) -> u32 {
        self.params.m_cost()
    }

    /// Whether a hash made today would look different.
    pub(crate) fn is_outdated(&self, cost: HashingCost) -> bool {
        let today = (cost.memory(), cost.passes(), 1);
        (self.params.m_cost(), self.params.t_cost(), self.params.p_cost()) != today
            || self.salt.len() != SALT_BYTES
            || self.output.len() != OUTPUT_BYTES
    }
}

/// A PHC string that no password matches, to spend on unknown names what known ones cost.
pub(crate) fn decoy(cost: HashingCost, random: Random) -> Result<String, AccountError> {
    let output = Output::new(&random::bytes::<OUTPUT_BYTES>(random)?).map_err(failed)?;
    phc_string(&current_params(cost)?, fresh_salt(random)?, output)
}

/// Where hashes are computed: one thread's memory, used again for the next.
pub(crate) struct Hasher<'slot> {
    pub(crate) arena: &'slot mut Vec<Block>,
    pub(crate) cost: HashingCost,
    pub(crate) started: &'slot AtomicU64,
}

impl Hasher<'_> {
    /// Whether `password` is the one that was hashed; the outputs are compared in constant time.
    ///
    /// A mismatch takes at least as long as with today's cost, so that the time of a refusal does
    /// not tell an old account from an unknown one.
    pub(crate) fn verify(
        &mut self,
        stored: &StoredHash,
        password: &Password,
    ) -> Result<bool, AccountError> {
        let output = self.run(&stored.params, password, &stored.salt)?;
        let matches = output == stored.output;
        if !matches && let Some(rest) = remainder(&stored.params, self.cost) {
            let argon = argon2id(rest);
            let arena = self.arena_of(argon.params())?;
            argon.fill_memory(password.expose().as_bytes(), &stored.salt, arena).map_err(failed)?;
        }
        Ok(matches)
    }

    /// Hashes a new password with today's cost and a fresh salt, to a PHC string.
    pub(crate) fn hash(
        &mut self,
        password: &Password,
        random: Random,
    ) -> Result<String, AccountError> {
        let params = current_params(self.cost)?;
        let salt = fresh_salt(random)?;
        let output = self.run(&params, password, &salt)?;
        phc_string(&params, salt, output)
    }

    fn run(
        &mut self,
        params: &Params,
        password: &Password,
        salt: &Salt,
    ) -> Result<Output, AccountError> {
        self.started.fetch_add(1, Ordering::Relaxed);
        let length = params.output_len().unwrap_or(OUTPUT_BYTES);
        let arena = self.arena_of(params)?;
        let mut output = [0; Output::MAX_LENGTH];
        let output = output.get_mut(..length).ok_or_else(|| refused("has too long an output"))?;
        argon2id(params.clone())
            .hash_password_into_with_memory(password.expose().as_bytes(), salt, output, arena)
            .map_err(failed)?;
        Output::new(output).map_err(failed)
    }

    /// Memory for these parameters. What an earlier hash left there is overwritten, never read.
    fn arena_of(&mut self, params: &Params) -> Result<&mut [Block], AccountError> {
        let blocks = params.block_count();
        if self.arena.len() < blocks {
            // Given back first: two arenas at once are over the budget.
            *self.arena = Vec::new();
            self.arena.try_reserve_exact(blocks).map_err(failed)?;
            self.arena.resize(blocks, Block::new());
        }
        Ok(self.arena)
    }
}

fn read_params(stored: &ParamsString, output_bytes: usize) -> Result<Params, AccountError> {
    let cost = |name: &str| stored.get_decimal(name);
    let (Some(m), Some(t), Some(p)) = (cost("m"), cost("t"), cost("p")) else {
        return Err(refused("lacks a parameter"));
    };
    if stored.iter().count() != 3 {
        return Err(refused("has unknown parameters"));
    }
    if m > CEILING_MEMORY || t > CEILING_PASSES || p > CEILING_LANES {
        return Err(refused("asks for more than the ceiling"));
    }
    Params::new(m, t, p, Some(output_bytes)).map_err(failed)
}

/// What a hash cheaper than today's leaves undone, as a hash of its own.
fn remainder(stored: &Params, cost: HashingCost) -> Option<Params> {
    let done = u64::from(stored.m_cost()) * u64::from(stored.t_cost());
    let today = u64::from(cost.memory()) * u64::from(cost.passes());
    let missing = today.saturating_sub(done);
    let passes = missing.div_ceil(u64::from(cost.memory()));
    let memory = missing.checked_div(passes)?;
    let (memory, passes) = (u32::try_from(memory).ok()?, u32::try_from(passes).ok()?);
    Params::new(memory, passes, 1, None).ok()
}

fn phc_string(params: &Params, salt: Salt, output: Output) -> Result<String, AccountError> {
    let hash = PasswordHash {
        algorithm: ARGON2ID_IDENT,
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(params).map_err(failed)?,
        salt: Some(salt),
        hash: Some(output),
    };
    Ok(hash.to_string())
}

fn current_params(cost: HashingCost) -> Result<Params, AccountError> {
    Params::new(cost.memory(), cost.passes(), 1, Some(OUTPUT_BYTES)).map_err(failed)
}

fn fresh_salt(random: Random) -> Result<Salt, AccountError> {
    Salt::new(&random::bytes::<SALT_BYTES>(random)?).map_err(failed)
}

fn argon2id(params: Params) -> Argon2<'static> {
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

fn refused(why: &'static str) -> AccountError {
    AccountError::unavailable(format_args!("a stored hash {why}"))
}

fn failed(error: impl std::fmt::Display) -> AccountError {
    AccountError::unavailable(format_args!("hashing failed: {error}"))
}

#[cfg(test)]
mod tests {
    use super::{HashingCost, Params, remainder};

    #[test]
    fn a_cheaper_hash_is_padded_to_the_cost_of_today() {
        let cost = HashingCost::new(19_456, 3).unwrap();
        let cases = [
            ("as today", 19_456, 3, None),
            ("dearer", 65_536, 3, None),
            ("one pass less", 19_456, 2, Some((19_456, 1))),
            ("a third of the memory", 6_486, 3, Some((19_455, 2))),
            ("next to nothing", 8, 1, Some((19_453, 3))),
            ("so close that it cannot be made up", 19_455, 3, None),
        ];
        for (name, memory, passes, expected) in cases {
            let stored = Params::new(memory, passes, 1, None).unwrap();

            let rest = remainder(&stored, cost).map(|rest| (rest.m_cost(), rest.t_cost()));

            assert_eq!(rest, expected, "{name}");
        }
    }
}
