//! How much of anything a token may be made of. Checked before any work is done.

/// Longest token, in bytes.
pub const TOKEN: usize = 8 * 1024;
/// Longest header, in bytes of JSON.
pub const HEADER: usize = 1024;
/// Deepest nesting of JSON objects and arrays.
pub const JSON_DEPTH: usize = 16;
/// Most members of one JSON object.
pub const JSON_MEMBERS: usize = 64;
/// Longest `kid`, in bytes.
pub const KEY_ID: usize = 128;
/// Most keys in one JWK Set.
pub const KEYS: usize = 64;
/// Most keys that one token may be tried with: those of a rolling set.
pub const ROLLING_KEYS: usize = 8;
/// Longest JWK Set or PEM file, in bytes.
pub const KEY_FILE: usize = 256 * 1024;
/// Longest `sub`, in bytes.
pub const SUBJECT: usize = 256;
/// Widest clock difference a policy may tolerate, in seconds.
pub const LEEWAY: u64 = 60;
