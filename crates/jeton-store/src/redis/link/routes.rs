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

/// A map, with the servers it names.
#[derive(Clone, Debug, Default)]
pub(super) struct Routes {
    /// How many maps there were before.
    pub(super) version: u64,
    ranges: Vec<(u16, u16, Arc<Primary>)>,
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
