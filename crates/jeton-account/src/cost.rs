//! What one password hash costs, and between which bounds.
//!
//! The floor is the OWASP and ASVS minimum of 2026 for Argon2id: weaker hashes are not made. The
//! ceiling is what a stored hash may ask of us: whoever can write one row must not be able to make
//! us allocate gigabytes. Costs between the two are the operator's choice.

/// Memory in KiB below which no hash is made.
const FLOOR_MEMORY: u32 = 19_456;

/// Passes over the memory below which no hash is made.
const FLOOR_PASSES: u32 = 2;

/// Memory in KiB above which no stored hash is verified.
pub(crate) const CEILING_MEMORY: u32 = 262_144;

/// Passes over the memory above which no stored hash is verified.
pub(crate) const CEILING_PASSES: u32 = 10;

/// Lanes above which no stored hash is verified.
pub(crate) const CEILING_LANES: u32 = 4;

/// The parameters of new Argon2id hashes: memory and passes, always one lane.
///
/// The default is 19 MiB and 2 passes, about 30 ms of one processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct HashingCost {
    memory: u32,
    passes: u32,
}

impl HashingCost {
    /// `m` KiB of memory, passed over `t` times.
    ///
    /// # Errors
    ///
    /// [`CostError::BelowFloor`] under 19456 KiB or 2 passes, [`CostError::AboveCeiling`] over
    /// 262144 KiB or 10 passes.
    pub const fn new(m: u32, t: u32) -> Result<Self, CostError> {
        if m < FLOOR_MEMORY || t < FLOOR_PASSES {
            return Err(CostError::BelowFloor);
        }
        if m > CEILING_MEMORY || t > CEILING_PASSES {
            return Err(CostError::AboveCeiling);
        }
        Ok(Self { memory: m, passes: t })
    }

    /// Memory of one hash, in KiB.
    #[must_use]
    pub const fn memory(self) -> u32 {
        self.memory
    }

    /// Passes over the memory.
    #[must_use]
    pub const fn passes(self) -> u32 {
        self.passes
    }
}

impl Default for HashingCost {
    fn default() -> Self {
        Self { memory: FLOOR_MEMORY, passes: FLOOR_PASSES }
    }
}

/// Why a [`HashingCost`] was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CostError {
    /// Too cheap to protect a password that is stolen with the file.
    #[error("a password hash needs at least 19456 KiB of memory and 2 passes")]
    BelowFloor,
    /// So expensive that logins would be refused as hostile.
    #[error("a password hash may take at most 262144 KiB of memory and 10 passes")]
    AboveCeiling,
}
