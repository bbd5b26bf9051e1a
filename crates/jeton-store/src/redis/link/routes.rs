//! Which primary has which slot, as far as is known.

use std::collections::HashMap;
use std::sync::Arc;

use crate::redis::link::address::Address;
use crate::redis::link::primary::Primary;

/// The last slot of a Cluster. Where there is none, the one primary has all of them.
pub(crate) const LAST_SLOT: u16 = 16_383;

/// How many servers without slots are remembered.
const MOST_GUESTS: usize = 16;

/// Who has which slots: first, last, address; in the order of slots.
pub(super) type Map = Vec<(u16, u16, Address)>;

/// The same, with the server.
type Range = (u16, u16, Arc<Primary>);

/// A map, with the servers it names.
#[derive(Clone, Debug, Default)]
pub(super) struct Routes {
    /// How many maps there were before.
    pub(super) version: u64,
    ranges: Vec<Range>,
    /// Servers without slots that others have sent us to: they will have some soon.
    guests: Vec<Arc<Primary>>,
}

impl Routes {
    /// The next map. Servers that were in the last one keep their connections.
    pub(super) fn next(&self, map: &Map, mut make: impl FnMut(&Address) -> Arc<Primary>) -> Self {
        let mut known: HashMap<&Address, Arc<Primary>> =
            self.servers().map(|node| (node.address(), Arc::clone(node))).collect();
        let ranges = map
            .iter()
            .map(|(first, last, address)| {
                let node = known.entry(address).or_insert_with(|| make(address));
                (*first, *last, Arc::clone(node))
            })
            .collect();
        Self { version: self.version + 1, ranges, guests: self.guests.clone() }
    }

    /// Whether this is the map they were made of.
    pub(super) fn are(&self, map: &Map) -> bool {
        let same =
            |((first, last, node), (begin, end, address)): (&Range, &(u16, u16, Address))| {
                first == begin && last == end && node.address() == address
            };
        self.ranges.len() == map.len() && self.ranges.iter().zip(map).all(same)
    }

    /// The first slot that nobody has.
    pub(super) fn first_gap(&self) -> Option<u16> {
        let mut next = 0;
        for (first, last, _) in &self.ranges {
            if *first > next {
                return Some(next);
            }
            next = last + 1;
        }
        (next <= LAST_SLOT).then_some(next)
    }

    /// The server at this address, if there was one before.
    pub(super) fn at(&self, address: &Address) -> Option<&Arc<Primary>> {
        self.servers().find(|node| node.address() == address)
    }

    /// Remembers a server that has no slots; the oldest of too many is forgotten.
    pub(super) fn add_guest(&mut self, guest: Arc<Primary>) {
        if self.guests.len() >= MOST_GUESTS {
            self.guests.remove(0);
        }
        self.guests.push(guest);
    }

    fn servers(&self) -> impl Iterator<Item = &Arc<Primary>> {
        self.ranges.iter().map(|(_, _, node)| node).chain(&self.guests)
    }

    /// Who has this slot.
    pub(super) fn of(&self, slot: u16) -> Option<&Arc<Primary>> {
        let behind = self.ranges.partition_point(|(first, ..)| *first <= slot);
        let (_, last, node) = self.ranges.get(behind.checked_sub(1)?)?;
        (slot <= *last).then_some(node)
    }

    /// Every primary once.
    pub(super) fn primaries(&self) -> Vec<Arc<Primary>> {
        let mut primaries: Vec<Arc<Primary>> = Vec::new();
        for (_, _, node) in &self.ranges {
            if !primaries.iter().any(|known| known.address() == node.address()) {
                primaries.push(Arc::clone(node));
            }
        }
        primaries
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::redis::link::dial::Dialer;
    use crate::redis::settings::tests::standalone;

    fn routes(ranges: &[(u16, u16)]) -> (Routes, Map) {
        let dialer = Arc::new(Dialer::to_servers(&standalone("a:1")).unwrap());
        let at = |port| Address { host: "a".to_owned(), port };
        let map: Map = ranges.iter().map(|(first, last)| (*first, *last, at(*last))).collect();
        (Routes::default().next(&map, |address| Primary::new(address, &dialer)), map)
    }

    #[test]
    fn a_slot_belongs_to_whoever_has_its_range() {
        let (routes, _) = routes(&[(0, 99), (200, 299), (300, LAST_SLOT)]);

        let cases = [(0, 99), (99, 99), (200, 299), (299, 299), (300, LAST_SLOT)];
        for (slot, port) in cases {
            assert_eq!(routes.of(slot).map(|node| node.address().port), Some(port), "{slot}");
        }
        assert!(routes.of(100).is_none());
        assert!(routes.of(199).is_none());
    }

    #[test]
    fn slots_that_nobody_has_are_found() {
        let cases = [
            (vec![], Some(0)),
            (vec![(0, 16_383)], None),
            (vec![(0, 5_000), (5_001, 16_383)], None),
            (vec![(0, 5_000), (5_002, 16_383)], Some(5_001)),
            (vec![(0, 5_000)], Some(5_001)),
        ];
        for (ranges, gap) in cases {
            assert_eq!(routes(&ranges).0.first_gap(), gap, "{ranges:?}");
        }
    }

    #[test]
    fn the_same_map_again_is_no_other_one() {
        let (routes, mut map) = routes(&[(0, 99), (100, LAST_SLOT)]);

        assert!(routes.are(&map));
        map[1].2.port += 1;
        assert!(!routes.are(&map));
    }
}
