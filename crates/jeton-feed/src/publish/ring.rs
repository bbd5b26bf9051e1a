//! What was published last, for those who come back with a cursor.

use std::collections::VecDeque;

use bytes::Bytes;

/// Most entries that are kept.
const ENTRIES: usize = 65_536;

/// Most batches that are kept.
const BATCHES: usize = 16_384;

/// Batches of encoded entries in the order of their positions.
#[derive(Debug)]
pub(super) struct Ring {
    batches: VecDeque<Batch>,
    entries: usize,
    /// Everything after this position is here.
    first: u64,
}

#[derive(Debug)]
struct Batch {
    position: u64,
    count: usize,
    entries: Bytes,
}

impl Ring {
    /// Nothing yet after this position.
    pub(super) const fn starting_at(position: u64) -> Self {
        Self { batches: VecDeque::new(), entries: 0, first: position }
    }

    /// The position up to which everything was published.
    pub(super) fn last(&self) -> u64 {
        self.batches.back().map_or(self.first, |batch| batch.position)
    }

    /// Takes what was published up to a position, and drops what there is no room for.
    pub(super) fn push(&mut self, position: u64, count: usize, entries: Bytes) {
        self.entries += count;
        self.batches.push_back(Batch { position, count, entries });
        while self.entries > ENTRIES || self.batches.len() > BATCHES {
            let Some(oldest) = self.batches.pop_front() else { return };
            self.entries -= oldest.count;
            self.first = oldest.position;
        }
    }

    /// Whether everything after a position is here.
    pub(super) fn reaches(&self, position: u64) -> bool {
        (self.first..=self.last()).contains(&position)
    }

    /// Everything after a position; `None` where that is no longer known, or not yet.
    pub(super) fn after(&self, position: u64) -> Option<Vec<Bytes>> {
        if !self.reaches(position) {
            return None;
        }
        let next = self.batches.partition_point(|batch| batch.position <= position);
        Some(self.batches.range(next..).map(|batch| batch.entries.clone()).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(position: u64) -> Bytes {
        position.to_string().into()
    }

    #[test]
    fn everything_after_a_position_is_there_or_it_says_so() {
        let mut ring = Ring::starting_at(10);
        assert_eq!(ring.after(10), Some(Vec::new()));
        for position in [12, 13, 20] {
            ring.push(position, 1, text(position));
        }

        assert_eq!(ring.after(9), None, "before it began");
        assert_eq!(ring.after(10), Some(vec![text(12), text(13), text(20)]));
        assert_eq!(ring.after(11), Some(vec![text(12), text(13), text(20)]), "inside a batch");
        assert_eq!(ring.after(12), Some(vec![text(13), text(20)]));
        assert_eq!(ring.after(20), Some(Vec::new()));
        assert_eq!(ring.after(21), None, "ahead of it");
    }

    /// INV10
    #[test]
    fn it_stays_within_its_bounds() {
        let mut ring = Ring::starting_at(0);
        for position in 1..=100_u64 {
            ring.push(position * 1_000, 1_000, text(position));
        }

        assert!(ring.entries <= ENTRIES);
        assert_eq!(ring.after(34_000), None);
        assert_eq!(ring.after(35_000).unwrap().len(), 65);

        for position in 0..2 * BATCHES as u64 {
            ring.push(200_000 + position, 1, text(position));
        }
        assert_eq!(ring.batches.len(), BATCHES);

        ring.push(1_000_000, ENTRIES + 1, text(0));
        assert_eq!((ring.entries, ring.after(999_999)), (0, None), "larger than the whole ring");
        assert_eq!(ring.after(1_000_000), Some(Vec::new()));
    }
}
