//! The scripts that run inside Redis. They know no rules: they compare, put and count, and each is
//! one atomic step in one bucket.

use redis::Script;

/// Every script, hashed once.
pub(super) struct Scripts {
    /// Puts a record and its revocations, if the record is still the one that was read.
    pub(super) update: Script,
    /// A heartbeat in one bucket.
    pub(super) beat: Script,
    /// A record, from a primary that still takes writes.
    pub(super) load: Script,
    /// A page of a stream.
    pub(super) range: Script,
    /// Lets a bucket open that has lost too much.
    pub(super) accept: Script,
    /// Takes members without a record out of an index.
    pub(super) sweep: Script,
}

impl Scripts {
    pub(super) fn new() -> Self {
        Self {
            update: Script::new(include_str!("scripts/update.lua")),
            beat: Script::new(include_str!("scripts/beat.lua")),
            load: Script::new(include_str!("scripts/load.lua")),
            range: Script::new(include_str!("scripts/range.lua")),
            accept: Script::new(include_str!("scripts/accept.lua")),
            sweep: Script::new(include_str!("scripts/sweep.lua")),
        }
    }
}
