//! What was published last, for those who come back with a cursor.
//!
//! A cursor names a place up to which its holder has everything. Where several processes publish one
//! feed, they read the same revocations in different orders, so a place that was passed by others
//! may still be told here: batches are kept in the order in which they came, each with the highest of
//! its places, and whoever comes back gets every batch that reaches beyond its cursor. That may be
//! more than it lacks, and never less.

use std::collections::VecDeque;

use bytes::Bytes;

/// Most entries that are kept.
const ENTRIES: usize = 65_536;

/// Most batches that are kept.
const BATCHES: usize = 16_384;

/// Batches of encoded entries in the order in which they were published.
#[derive(Debug)]
pub(super) struct Ring {
    batches: VecDeque<Batch>,
    entries: usize,
    /// Everything after this place that was published is here.
    first: u64,
    told: Told,
    /// How many batches there ever were.
    pushed: u64,
}

/// How far everything was published.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Told {
    /// Everything up to this place.
    pub(super) complete: u64,
    /// Up to this one there was something, which may be further, or not as far.
    pub(super) highest: u64,
}

#[derive(Debug)]
struct Batch {
    highest: u64,
    /// The highest place of this batch and all before it: so this never falls, and one can search by it.
    reach: u64,
    count: usize,
    entries: Bytes,
}

impl Ring {
    /// Nothing yet after this place.
    pub(super) const fn starting_at(first: u64) -> Self {
        let told = Told { complete: first, highest: first };
        Self { batches: VecDeque::new(), entries: 0, first, told, pushed: 0 }
    }

    pub(super) const fn told(&self) -> Told {
        self.told
    }

    /// How many batches there ever were: two answers to the same question in between are the same.
    pub(super) const fn pushed(&self) -> u64 {
        self.pushed
    }

    /// Takes a batch, and drops what there is no room for.
    pub(super) fn push(&mut self, highest: u64, count: usize, entries: Bytes) {
        let reach = self.told.highest.max(highest);
        self.told.highest = reach;
        self.pushed = self.pushed.wrapping_add(1);
        self.entries += count;
        self.batches.push_back(Batch { highest, reach, count, entries });
        while self.entries > ENTRIES || self.batches.len() > BATCHES {
            let Some(oldest) = self.batches.pop_front() else { return };
            self.entries -= oldest.count;
            self.first = self.first.max(oldest.reach);
        }
    }

    /// From now on everything up to this place was published.
    pub(super) fn complete(&mut self, place: u64) {
        self.told.complete = self.told.complete.max(place);
    }

    /// Whether everything that the holder of a cursor may lack is here.
    ///
    /// One that is ahead was given by a process that is ahead: what it has is more than can be told
    /// here yet, so it goes back to where this one is. Where more was dropped than is complete, no
    /// cursor is of use until it is.
    pub(super) fn reaches(&self, place: u64) -> bool {
        self.first <= self.start(place)
    }

    /// Everything that the holder of a cursor may lack; `None` where that is no longer known.
    pub(super) fn after(&self, place: u64) -> Option<Vec<Bytes>> {
        if !self.reaches(place) {
            return None;
        }
        let place = self.start(place);
        let next = self.batches.partition_point(|batch| batch.reach <= place);
        let later = self.batches.range(next..).filter(|batch| batch.highest > place);
        Some(later.map(|batch| batch.entries.clone()).collect())
    }

    /// Where the holder of a cursor goes on.
    fn start(&self, place: u64) -> u64 {
        place.min(self.told.complete)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(place: u64) -> Bytes {
        place.to_string().into()
    }

    fn push(ring: &mut Ring, highest: u64) {
        ring.push(highest, 1, text(highest));
    }

    #[test]
    fn everything_after_a_place_is_there_or_it_says_so() {
        let mut ring = Ring::starting_at(10);
        assert_eq!(ring.after(10), Some(Vec::new()));
        for place in [12, 13, 20] {
            push(&mut ring, place);
            ring.complete(place);
        }

        assert_eq!(ring.after(9), None, "before it began");
        assert_eq!(ring.after(10), Some(vec![text(12), text(13), text(20)]));
        assert_eq!(ring.after(11), Some(vec![text(12), text(13), text(20)]), "inside a batch");
        assert_eq!(ring.after(12), Some(vec![text(13), text(20)]));
        assert_eq!(ring.after(20), Some(Vec::new()));
    }

    #[test]
    fn whatever_reaches_beyond_a_place_is_there_in_whichever_order_it_came() {
        let mut ring = Ring::starting_at(0);
        for place in [30, 12, 25, 11, 40, 26] {
            push(&mut ring, place);
        }
        ring.complete(20);

        assert_eq!(ring.told(), Told { complete: 20, highest: 40 });
        let of = |places: &[u64]| Some(places.iter().copied().map(text).collect::<Vec<_>>());
        assert_eq!(ring.after(0), of(&[30, 12, 25, 11, 40, 26]));
        assert_eq!(ring.after(11), of(&[30, 12, 25, 40, 26]));
        assert_eq!(ring.after(20), of(&[30, 25, 40, 26]));
        assert_eq!(ring.after(1_000), ring.after(20), "of somebody who was further than we are");
        ring.complete(26);
        assert_eq!(ring.after(1_000), of(&[30, 40]));
        ring.complete(5);
        assert_eq!(ring.told().complete, 26, "it never goes back");
    }

    #[test]
    fn what_was_dropped_is_missing_to_whoever_it_reaches_beyond() {
        let mut ring = Ring::starting_at(0);
        push(&mut ring, 50);
        push(&mut ring, 10);
        for place in 51..50 + BATCHES as u64 {
            push(&mut ring, place);
        }
        ring.complete(45);
        assert_eq!(ring.first, 50);
        assert_eq!(ring.after(45), None, "the one at 50 is gone");
        assert_eq!(ring.after(60), None, "and it would go back to where that is missing");

        ring.complete(51);

        assert_eq!(ring.after(49), None);
        assert_eq!(ring.after(50).map(|missed| missed.len()), Some(BATCHES - 1));
    }

    /// INV10
    #[test]
    fn it_stays_within_its_bounds() {
        let mut ring = Ring::starting_at(0);
        let publish = |ring: &mut Ring, place, count| {
            ring.push(place, count, text(place));
            ring.complete(place);
        };
        for place in 1..=100_u64 {
            publish(&mut ring, place * 1_000, 1_000);
        }

        assert!(ring.entries <= ENTRIES);
        assert_eq!(ring.after(34_000), None);
        assert_eq!(ring.after(35_000).unwrap().len(), 65);

        for place in 0..2 * BATCHES as u64 {
            publish(&mut ring, 200_000 + place, 1);
        }
        assert_eq!(ring.batches.len(), BATCHES);

        publish(&mut ring, 1_000_000, ENTRIES + 1);
        assert_eq!((ring.entries, ring.after(999_999)), (0, None), "larger than the whole ring");
        assert_eq!(ring.after(1_000_000), Some(Vec::new()));
    }
}
