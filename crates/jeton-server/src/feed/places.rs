//! Who reads the feed, and how many that may be.
//!
//! Two things always hold: there are never more than so many, and the last quarter of the places is
//! for clients that hold less than a quarter of them. So a client whose verifiers have run wild keeps
//! nobody else's out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Places for those who read a feed. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Places {
    most: usize,
    taken: Arc<Mutex<Taken>>,
}

#[derive(Debug, Default)]
struct Taken {
    all: usize,
    by: HashMap<String, usize>,
}

/// One of them, for as long as it is held.
#[derive(Debug)]
pub struct Place {
    client_id: String,
    taken: Arc<Mutex<Taken>>,
}

impl Places {
    /// So many places.
    #[must_use]
    pub fn new(most: usize) -> Self {
        Self { most, taken: Arc::default() }
    }

    /// A place for a client; `None` if there is none left for it.
    #[must_use]
    pub fn take(&self, client_id: &str) -> Option<Place> {
        let mut taken = lock(&self.taken);
        let held = taken.by.get(client_id).copied().unwrap_or_default();
        if !has_room(self.most, taken.all, held) {
            return None;
        }
        taken.all += 1;
        taken.by.insert(client_id.to_owned(), held + 1);
        drop(taken);
        Some(Place { client_id: client_id.to_owned(), taken: Arc::clone(&self.taken) })
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut taken = lock(&self.taken);
        taken.all = taken.all.saturating_sub(1);
        if let Some(held) = taken.by.get_mut(&self.client_id) {
            *held = held.saturating_sub(1);
            if *held == 0 {
                taken.by.remove(&self.client_id);
            }
        }
    }
}

/// Whether somebody who holds so many may have one more, where so many are taken.
pub(super) const fn has_room(most: usize, taken: usize, held: usize) -> bool {
    let quarter = most / 4;
    taken < most && (taken < most - quarter || held < quarter)
}

fn lock(taken: &Mutex<Taken>) -> MutexGuard<'_, Taken> {
    taken.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// INV10: whoever asks, and however often.
    #[test]
    fn one_client_leaves_room_for_others_and_all_together_take_no_more_than_there_are() {
        let cases = [
            // places, what one client gets, what a second gets then, and a third
            (100, 75, 25, 0),
            (2, 2, 0, 0),
            (4, 3, 1, 0),
            (7, 6, 1, 0),
            (1, 1, 0, 0),
        ];
        for (most, first, second, third) in cases {
            let places = Places::new(most);
            let all =
                |client: &str| -> Vec<_> { std::iter::from_fn(|| places.take(client)).collect() };

            let held = ["a", "b", "c"].map(all);

            assert_eq!(held.each_ref().map(Vec::len), [first, second, third], "of {most}");
        }
    }

    #[test]
    fn a_place_that_is_given_back_is_there_for_the_next() {
        let places = Places::new(3);
        let mut held: Vec<_> = ["a", "a", "b"].map(|client| places.take(client).unwrap()).into();
        assert!(places.take("a").is_none());

        drop(held.remove(0));
        held.push(places.take("c").unwrap());
        assert!(places.take("c").is_none());
        held.clear();

        assert!(lock(&places.taken).by.is_empty() && lock(&places.taken).all == 0);
    }
}
