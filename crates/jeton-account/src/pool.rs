//! How many passwords may be hashed at once.
//!
//! A hash takes megabytes and tens of milliseconds on purpose, so whoever can start one for the
//! price of a request can exhaust the machine. Three bounds stand against that:
//!
//! - *permits*: as many hashes run as there are processors, and as fit the memory budget;
//! - *waiting*: a few more requests may wait for a permit, all others are turned away at once;
//! - *patience*: who has waited that long is turned away too; their client has given up.
//!
//! The permit belongs to the job on its blocking thread, not to the request. A job cannot be
//! stopped once it runs; were its permit released when the client hangs up, connecting and hanging
//! up in a loop would start any number of hashes. The memory belongs to the job in the same way and
//! is handed to the next.

use std::fmt;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use argon2::Block;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use crate::argon::Hasher;
use crate::{AccountError, HashingCost};

/// What logins may take of the machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Processors that may hash at once.
    pub cores: usize,
    /// Memory for all hashes together, in bytes. One hash always fits.
    pub memory: u64,
    /// Requests that may wait for a permit.
    pub waiting: usize,
    /// How long one of them waits.
    pub patience: Duration,
}

impl Limits {
    /// The defaults on a machine with this many processors: 64 MiB, 64 waiting, 1.5 seconds.
    #[must_use]
    pub const fn new(cores: usize) -> Self {
        Self { cores, memory: 64 << 20, waiting: 64, patience: Duration::from_millis(1500) }
    }
}

/// Hashes passwords on blocking threads, within [`Limits`]. Cheap to clone.
#[derive(Clone)]
pub struct HashingPool(Arc<Shared>);

struct Shared {
    cost: HashingCost,
    patience: Duration,
    permits: u32,
    /// One place for each request that runs or waits.
    places: Arc<Semaphore>,
    /// One permit for each hash of today's cost that may run.
    running: Arc<Semaphore>,
    arenas: Mutex<Vec<Vec<Block>>>,
    started: AtomicU64,
    active: AtomicU32,
    peak: AtomicU32,
}

impl HashingPool {
    /// A pool that makes hashes of this cost. Memory is allocated with the first hashes and kept.
    #[must_use]
    pub fn new(cost: HashingCost, limits: Limits) -> Self {
        let permits = permits(limits, cost);
        let places = limits.waiting.saturating_add(permits as usize).min(Semaphore::MAX_PERMITS);
        Self(Arc::new(Shared {
            cost,
            patience: limits.patience,
            permits,
            places: Arc::new(Semaphore::new(places)),
            running: Arc::new(Semaphore::new(permits as usize)),
            arenas: Mutex::default(),
            started: AtomicU64::new(0),
            active: AtomicU32::new(0),
            peak: AtomicU32::new(0),
        }))
    }

    /// The cost of new hashes.
    #[must_use]
    pub fn cost(&self) -> HashingCost {
        self.0.cost
    }

    /// How many jobs may run at once.
    #[must_use]
    pub fn permits(&self) -> u32 {
        self.0.permits
    }

    /// How many hashes were started since the pool exists.
    #[must_use]
    pub fn hashes(&self) -> u64 {
        self.0.started.load(Ordering::Relaxed)
    }

    /// How many jobs are running now.
    #[must_use]
    pub fn running(&self) -> u32 {
        self.0.active.load(Ordering::Relaxed)
    }

    /// The most jobs that ever ran at once.
    #[must_use]
    pub fn peak(&self) -> u32 {
        self.0.peak.load(Ordering::Relaxed)
    }

    /// An idle arena for the owner of this many permits; those of its other permits are freed,
    /// for a hash that takes several permits takes their memory too.
    fn take_arena(&self, permits: usize) -> Vec<Block> {
        let mut arenas = self.0.arenas.lock().unwrap_or_else(PoisonError::into_inner);
        let arena = arenas.pop().unwrap_or_default();
        let others = arenas.len().saturating_sub(permits.saturating_sub(1));
        arenas.truncate(others);
        arena
    }

    /// Takes a place among those who run or wait.
    ///
    /// First of all things: a request that is turned away here has not even touched the store.
    pub(crate) fn turn(&self) -> Result<Turn, AccountError> {
        let place = Arc::clone(&self.0.places).try_acquire_owned();
        let place = place.map_err(|_| AccountError::Busy)?;
        Ok(Turn { pool: self.clone(), place })
    }
}

impl fmt::Debug for HashingPool {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("HashingPool")
            .field("cost", &self.0.cost)
            .field("permits", &self.0.permits)
            .field("running", &self.running())
            .finish_non_exhaustive()
    }
}

/// A place in the pool, good for one job.
pub(crate) struct Turn {
    pool: HashingPool,
    place: OwnedSemaphorePermit,
}

impl Turn {
    /// Waits for a permit and runs `work` on a blocking thread, to its end even if nobody waits.
    ///
    /// `memory`, in KiB, is the most it will use; above today's cost it takes several permits.
    pub(crate) async fn run<T: Send + 'static>(
        self,
        memory: u32,
        work: impl FnOnce(&mut Hasher<'_>) -> Result<T, AccountError> + Send + 'static,
    ) -> Result<T, AccountError> {
        let Self { pool, place } = self;
        let shares = memory.div_ceil(pool.0.cost.memory()).clamp(1, pool.0.permits);
        let permit = Arc::clone(&pool.0.running).acquire_many_owned(shares);
        let permit = timeout(pool.0.patience, permit)
            .await
            .map_err(|_| AccountError::Busy)?
            .map_err(AccountError::unavailable)?;
        spawn_blocking(move || work(&mut Slot::new(pool, permit, place).hasher()))
            .await
            .map_err(|_| AccountError::unavailable("a hashing job was aborted"))?
    }
}

/// What a running job owns: its place, its permit and its memory. All are given back on drop, the
/// permit last.
struct Slot {
    pool: HashingPool,
    arena: Vec<Block>,
    _permit: OwnedSemaphorePermit,
    _place: OwnedSemaphorePermit,
}

impl Slot {
    fn new(pool: HashingPool, permit: OwnedSemaphorePermit, place: OwnedSemaphorePermit) -> Self {
        let active = pool.0.active.fetch_add(1, Ordering::Relaxed) + 1;
        pool.0.peak.fetch_max(active, Ordering::Relaxed);
        let arena = pool.take_arena(permit.num_permits());
        Self { pool, arena, _permit: permit, _place: place }
    }

    fn hasher(&mut self) -> Hasher<'_> {
        Hasher { arena: &mut self.arena, cost: self.pool.0.cost, started: &self.pool.0.started }
    }
}

impl Drop for Slot {
    fn drop(&mut self) {
        let arena = std::mem::take(&mut self.arena);
        // One that grew for an unusually dear hash is over the budget: back to the system.
        if arena.len() <= self.pool.0.cost.memory() as usize {
            self.pool.0.arenas.lock().unwrap_or_else(PoisonError::into_inner).push(arena);
        }
        self.pool.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

/// As many hashes as there are processors and as fit the memory, and always one.
fn permits(limits: Limits, cost: HashingCost) -> u32 {
    let fitting = limits.memory / (u64::from(cost.memory()) << 10);
    let cores = u64::try_from(limits.cores).unwrap_or(u64::MAX);
    u32::try_from(cores.min(fitting)).unwrap_or(u32::MAX).max(1)
}

#[cfg(test)]
mod tests {
    use super::{HashingCost, Limits, permits};

    #[test]
    fn permits_are_bounded_by_processors_and_by_memory() {
        const MIB: u64 = 1 << 20;
        let cases = [
            ("two processors, memory for three", 2, 64 * MIB, 19_456, 2),
            ("many processors, memory for three", 64, 64 * MIB, 19_456, 3),
            ("exactly the memory of two", 8, 38 * MIB, 19_456, 2),
            ("a byte less than that", 8, 38 * MIB - 1, 19_456, 1),
            ("memory for none", 8, MIB, 19_456, 1),
            ("no processor", 0, 64 * MIB, 19_456, 1),
            ("a dear hash", 8, 512 * MIB, 262_144, 2),
        ];
        for (name, cores, memory, cost, expected) in cases {
            let limits = Limits { memory, ..Limits::new(cores) };

            let permits = permits(limits, HashingCost::new(cost, 2).unwrap());

            assert_eq!(permits, expected, "{name}");
        }
    }
}
