//! A table of 64-bit ids that is read without waiting for anybody.
//!
//! Open addressing, linear probing, atomics. Writers take turns, which is theirs to see to; readers
//! come at any time. What always holds:
//!
//! 1. what is in a slot stays there: its id never changes, its [`Term`] and number only grow;
//! 2. a term is written after the id and the number it belongs to (`Release`) and read before them
//!    (`Acquire`), and a term of zero is an empty slot: so nobody sees an id with the term of another;
//! 3. a third of the slots at least is empty, so every search ends, and soon.
//!
//! Nothing is ever removed: what has expired is left behind when a new table is filled from this one.

use std::num::NonZeroU8;

use super::sync::{AtomicU64, Ordering};

/// Fewest slots of a table that has any.
const FEWEST: usize = 8;

/// Until when something is refused, in seconds, and a tag that says why: one word, never zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Term(u64);

impl Term {
    /// What fits beside a tag: two thousand million years.
    const LAST: u64 = u64::MAX >> 8;

    pub(super) const fn new(until: u64, tag: NonZeroU8) -> Self {
        let until = if until < Self::LAST { until } else { Self::LAST };
        Self(until << 8 | tag.get() as u64)
    }

    pub(super) const fn until(self) -> u64 {
        self.0 >> 8
    }

    pub(super) const fn tag(self) -> u8 {
        self.0.to_le_bytes()[0]
    }

    /// The later end and the greater tag of the two.
    fn merged(self, other: Self) -> Self {
        let tag = self.tag().max(other.tag());
        Self(self.until().max(other.until()) << 8 | u64::from(tag))
    }
}

/// An id, and where to look for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Key {
    pub(super) id: u64,
    pub(super) hash: u64,
}

/// How ids are spread over slots: by two numbers that nobody outside knows, so that nobody can choose
/// ids that crowd together.
#[derive(Clone, Copy)]
pub(super) struct Spread(u64, u64);

impl Spread {
    pub(super) const fn new(first: u64, second: u64) -> Self {
        Self(first, second)
    }

    #[inline]
    pub(super) fn key(self, id: u64) -> Key {
        let product = u128::from(id ^ self.0) * u128::from(self.1 | 1);
        #[expect(clippy::cast_possible_truncation, reason = "both halves are taken")]
        let hash = (product >> 64) as u64 ^ product as u64;
        Key { id, hash }
    }
}

/// What a slot holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Held {
    pub(super) id: u64,
    pub(super) term: Term,
    /// Zero in a table without numbers.
    pub(super) number: u64,
}

/// What became of something that was put into a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Put {
    Added,
    Merged,
    /// It is new and there is no room for it: fill a larger table.
    Full,
}

#[derive(Default)]
struct Slot {
    id: AtomicU64,
    term: AtomicU64,
}

/// Where a search ends.
enum Place<'a> {
    Holds(usize, &'a Slot, Term),
    Free(usize, &'a Slot),
    Nowhere,
}

/// See the module.
pub(super) struct Table {
    slots: Box<[Slot]>,
    /// As many as slots, or none.
    numbers: Box<[AtomicU64]>,
    len: AtomicU64,
    /// Nothing in here ends before.
    earliest: AtomicU64,
}

impl Table {
    /// Room for so many, each with a number or without.
    pub(super) fn with_room(entries: usize, numbered: bool) -> Self {
        let slots = match entries {
            0 => 0,
            _ => (entries.saturating_add(entries / 2 + 1)).next_power_of_two().max(FEWEST),
        };
        let numbers = if numbered { slots } else { 0 };
        Self {
            slots: (0..slots).map(|_| Slot::default()).collect(),
            numbers: (0..numbers).map(|_| AtomicU64::new(0)).collect(),
            len: AtomicU64::new(0),
            earliest: AtomicU64::new(u64::MAX),
        }
    }

    #[expect(clippy::cast_possible_truncation, reason = "no more than there are slots")]
    pub(super) fn len(&self) -> usize {
        self.len.load(Ordering::Relaxed) as usize
    }

    /// Whether so many more would still leave a third of the slots empty.
    pub(super) fn has_room(&self, more: usize) -> bool {
        let needed = self.len().saturating_add(more).saturating_mul(3);
        needed <= self.slots.len().saturating_mul(2)
    }

    #[inline]
    pub(super) fn get(&self, key: Key) -> Option<Held> {
        let Place::Holds(index, _, term) = self.place(key) else {
            return None;
        };
        let number = self.numbers.get(index).map_or(0, |number| number.load(Ordering::Acquire));
        Some(Held { id: key.id, term, number })
    }

    /// Touches the slot where a search begins, so that it is near when the search comes. Of no
    /// meaning otherwise.
    #[inline]
    pub(super) fn touch(&self, key: Key) -> u64 {
        let mask = self.slots.len().wrapping_sub(1);
        #[expect(clippy::cast_possible_truncation, reason = "masked anyway")]
        let slot = self.slots.get(key.hash as usize & mask);
        slot.map_or(0, |slot| slot.term.load(Ordering::Relaxed))
    }

    /// Adds, or merges with what is known: the later end, the greater tag, the greater number.
    ///
    /// Writers take turns.
    pub(super) fn put(&self, key: Key, term: Term, number: u64) -> Put {
        let put = match self.place(key) {
            Place::Holds(index, slot, known) => {
                // The number last: who sees the new number sees the new end as well.
                slot.term.store(known.merged(term).0, Ordering::Release);
                if let Some(known) = self.numbers.get(index) {
                    let greater = known.load(Ordering::Relaxed).max(number);
                    known.store(greater, Ordering::Release);
                }
                Put::Merged
            }
            Place::Free(index, slot) if self.has_room(1) => {
                slot.id.store(key.id, Ordering::Relaxed);
                if let Some(empty) = self.numbers.get(index) {
                    empty.store(number, Ordering::Relaxed);
                }
                slot.term.store(term.0, Ordering::Release);
                self.len.store(self.len.load(Ordering::Relaxed) + 1, Ordering::Relaxed);
                Put::Added
            }
            Place::Free(..) | Place::Nowhere => return Put::Full,
        };
        self.lower_earliest(term.until());
        put
    }

    /// Everything in here; what is put in meanwhile may be missed.
    pub(super) fn for_each(&self, mut visit: impl FnMut(Held)) {
        for (index, slot) in self.slots.iter().enumerate() {
            if slot.term.load(Ordering::Acquire) == 0 {
                continue;
            }
            let number = self.numbers.get(index).map_or(0, |number| number.load(Ordering::Acquire));
            // Once more, after the number: a new number never goes with an end before it.
            let term = Term(slot.term.load(Ordering::Acquire));
            visit(Held { id: slot.id.load(Ordering::Relaxed), term, number });
        }
    }

    /// Takes over what another table holds; with a `now`, what has not ended by then. There must be
    /// room.
    pub(super) fn fill_from(&self, other: &Self, spread: Spread, now: Option<u64>) {
        other.for_each(|held| {
            if now.is_none_or(|now| held.term.until() > now) {
                self.put(spread.key(held.id), held.term, held.number);
            }
        });
    }

    /// How much of it has not ended by `now`; `None` if all of it.
    ///
    /// Writers take turns.
    pub(super) fn living(&self, now: u64) -> Option<usize> {
        if self.earliest.load(Ordering::Relaxed) > now {
            return None;
        }
        let (mut living, mut earliest) = (0, u64::MAX);
        self.for_each(|held| {
            earliest = earliest.min(held.term.until());
            living += usize::from(held.term.until() > now);
        });
        self.earliest.store(earliest, Ordering::Relaxed);
        (living < self.len()).then_some(living)
    }

    fn lower_earliest(&self, until: u64) {
        if until < self.earliest.load(Ordering::Relaxed) {
            self.earliest.store(until, Ordering::Relaxed);
        }
    }

    #[inline]
    fn place(&self, key: Key) -> Place<'_> {
        let mask = self.slots.len().wrapping_sub(1);
        #[expect(clippy::cast_possible_truncation, reason = "masked anyway")]
        let mut index = key.hash as usize & mask;
        for _ in 0..self.slots.len() {
            let Some(slot) = self.slots.get(index) else {
                break;
            };
            match slot.term.load(Ordering::Acquire) {
                0 => return Place::Free(index, slot),
                term if slot.id.load(Ordering::Relaxed) == key.id => {
                    return Place::Holds(index, slot, Term(term));
                }
                _ => index = (index + 1) & mask,
            }
        }
        Place::Nowhere
    }
}
