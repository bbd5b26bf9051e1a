//! How much of anything a token may be made of. Checked before any work is done.

/// Longest token, in bytes, unless a verifier is [told otherwise](Limits).
pub const TOKEN: usize = 8 * 1024;
/// Longest header, in bytes of JSON, unless told otherwise.
pub const HEADER: usize = 1024;
/// Deepest nesting of JSON objects and arrays, unless told otherwise.
pub const JSON_DEPTH: usize = 16;
/// Most members of one JSON object, unless told otherwise.
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

/// The deepest nesting that can be asked for: what reads JSON calls itself for each level.
const DEEPEST: usize = 120;

/// What one verifier reads at most.
///
/// The defaults fit every access token. Raise them where tokens are large by nature, such as those
/// that carry documents or post-quantum signatures with many claims.
///
/// # Examples
///
/// ```
/// use jeton::limits::Limits;
///
/// let limits = Limits::default().with_token(64 * 1024).with_members(500);
/// # let _ = limits;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    pub(crate) token: usize,
    pub(crate) header: usize,
    pub(crate) depth: usize,
    pub(crate) members: usize,
}

impl Limits {
    /// The limits that hold unless told otherwise.
    pub const DEFAULT: Self =
        Self { token: TOKEN, header: HEADER, depth: JSON_DEPTH, members: JSON_MEMBERS };

    /// The longest token, in bytes.
    #[must_use]
    pub const fn with_token(mut self, bytes: usize) -> Self {
        self.token = bytes;
        self
    }

    /// The longest header, in bytes of JSON.
    #[must_use]
    pub const fn with_header(mut self, bytes: usize) -> Self {
        self.header = bytes;
        self
    }

    /// The deepest nesting of objects and arrays, 120 at most.
    #[must_use]
    pub const fn with_depth(mut self, levels: usize) -> Self {
        self.depth = if levels < DEEPEST { levels } else { DEEPEST };
        self
    }

    /// The most members of one object. Telling them apart takes time with the square of their
    /// number, so a thousand are fine and a hundred thousand are not.
    #[must_use]
    pub const fn with_members(mut self, members: usize) -> Self {
        self.members = members;
        self
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self::DEFAULT
    }
}
