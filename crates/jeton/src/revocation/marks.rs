//! What a check looks for, hashed once.

use std::hash::{Hash, Hasher};

use crate::id::SubjectKey;

/// What the entries that could refuse a token would look like, worked out once for each token.
#[derive(Clone, Copy)]
pub(crate) struct Marks {
    pub(super) subject: SubjectMark,
    pub(super) session: Option<u64>,
    pub(super) token: u64,
}

/// A subject, with its fingerprint.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct SubjectMark {
    pub(super) fingerprint: u64,
    pub(super) key: SubjectKey,
}

impl Hash for SubjectMark {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.fingerprint);
    }
}

/// Hands on what has been hashed already.
#[derive(Default)]
pub(super) struct Hashed(u64);

impl Hasher for Hashed {
    fn finish(&self) -> u64 {
        self.0
    }

    fn write_u64(&mut self, fingerprint: u64) {
        self.0 = fingerprint;
    }

    fn write(&mut self, bytes: &[u8]) {
        // Only fingerprints come here; any other hash would do, and be slow.
        self.0 = bytes.iter().fold(self.0, |hash, byte| hash.rotate_left(8) ^ u64::from(*byte));
    }
}
