//! The tokens that were verified before.

use std::sync::Arc;

use arc_swap::{ArcSwapOption, Guard as Loaded};

use crate::claims::AccessClaims;
use crate::revocation::Marks;

/// The longest token that is remembered, in bytes: with the number of them it bounds the memory.
const LONGEST: usize = 2 * 1024;

/// The most tokens that are remembered.
const MOST: usize = 1 << 20;

/// Each token has so many places where it can be, side by side in one line of the processor's cache.
const WAYS: usize = 8;

/// A token that was verified, and what it says.
pub(super) struct Known {
    token: Box<str>,
    pub(super) claims: Arc<AccessClaims>,
    pub(super) marks: Marks,
}

impl Known {
    pub(super) fn new(token: &str, claims: AccessClaims, marks: Marks) -> Self {
        Self { token: token.into(), claims: Arc::new(claims), marks }
    }
}

/// A table of fixed size in which nobody waits for anybody.
///
/// The place of a token follows from a few letters of its signature, which are as good as random and
/// which nobody can choose: only verified tokens get in here. What counts is the whole token, and
/// that is compared. When all of its places are taken, a new token takes the place of any.
pub(super) struct Cache {
    places: Box<[[ArcSwapOption<Known>; WAYS]]>,
}

impl Cache {
    /// Room for about this many tokens, a million at most.
    pub(super) fn new(tokens: usize) -> Self {
        let rows = tokens.min(MOST).div_ceil(WAYS).next_power_of_two();
        Self { places: (0..rows).map(|_| Default::default()).collect() }
    }

    #[inline]
    pub(super) fn get(&self, token: &str) -> Option<Loaded<Option<Arc<Known>>>> {
        let is_it = |known: &Loaded<Option<Arc<Known>>>| {
            known.as_ref().is_some_and(|known| *known.token == *token)
        };
        self.row(spread(token))?.iter().map(ArcSwapOption::load).find(is_it)
    }

    /// Remembers a token, unless it is too long to be worth it.
    pub(super) fn insert(&self, known: Arc<Known>) {
        let spread = spread(&known.token);
        let Some(row) = self.row(spread).filter(|_| known.token.len() <= LONGEST) else {
            return;
        };
        let free = row.iter().find(|place| place.load().is_none());
        let any = || row.get(spread as usize / self.places.len() % WAYS);
        if let Some(place) = free.or_else(any) {
            place.store(Some(known));
        }
    }

    #[inline]
    fn row(&self, spread: u32) -> Option<&[ArcSwapOption<Known>; WAYS]> {
        self.places.get(spread as usize & (self.places.len() - 1))
    }
}

/// A number that follows from the last letters of a token.
#[inline]
fn spread(token: &str) -> u32 {
    const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
    let letters = token.as_bytes().last_chunk().map_or(0, |letters| u64::from_le_bytes(*letters));
    (letters.wrapping_mul(GOLDEN) >> 32) as u32
}
