//! Everything of one kind that a list holds, in parts.
//!
//! A part grows, and sheds what has expired, by being replaced: a sixty-fourth at a time. That is how
//! long a writer waits for another at most, and how much memory is held twice.

use std::sync::Arc;

use crate::revocation::table::{Held, Key, Table};

/// How many.
pub(super) const PARTS: usize = 64;

/// See the module.
#[derive(Clone)]
pub(super) struct Parts([Arc<Table>; PARTS]);

impl Parts {
    /// All of them the same empty table, which takes nothing.
    pub(super) fn new(empty: &Arc<Table>) -> Self {
        Self(std::array::from_fn(|_| Arc::clone(empty)))
    }

    /// Which part something belongs to: by bits that no table makes use of.
    #[inline]
    pub(super) const fn index(key: Key) -> usize {
        (key.hash >> 58) as usize
    }

    #[inline]
    pub(super) fn get(&self, key: Key) -> Option<Held> {
        self.0.get(Self::index(key))?.get(key)
    }

    #[inline]
    pub(super) fn touch(&self, key: Key) -> u64 {
        self.0.get(Self::index(key)).map_or(0, |part| part.touch(key))
    }

    #[inline]
    pub(super) fn part(&self, index: usize) -> Option<&Arc<Table>> {
        self.0.get(index)
    }

    pub(super) fn replace(&mut self, index: usize, table: Arc<Table>) {
        if let Some(part) = self.0.get_mut(index) {
            *part = table;
        }
    }

    pub(super) fn for_each(&self, mut visit: impl FnMut(Held)) {
        self.0.iter().for_each(|part| part.for_each(&mut visit));
    }
}
