//! Who waits to hear that something has ended.
//!
//! Nobody misses it: who waits says so first and looks then; who adds, adds first and then looks who
//! waits. Between the two acts each has a fence, so one of them sees the other.

use std::collections::{BTreeSet, HashMap};
use std::sync::PoisonError;
use std::task::Waker;

use super::sync::{AtomicUsize, Mutex, MutexGuard, Ordering, fence};

/// See the module.
#[derive(Default)]
pub(super) struct Waiting {
    len: AtomicUsize,
    places: Mutex<Places>,
}

/// Who waits, by the ids of everything whose end would be heard. One of them may stand for a session
/// as well as for a token: then somebody looks in vain.
#[derive(Default)]
struct Places {
    next: u64,
    wakers: HashMap<u64, Waker>,
    by_id: BTreeSet<(u64, u64)>,
}

/// Somebody's place, to give it up by.
#[derive(Clone, Copy, Debug)]
pub(super) struct Ticket(u64);

impl Waiting {
    /// Has somebody woken when something of these ids ends. Look afterwards.
    pub(super) fn enter(&self, ids: impl Iterator<Item = u64>, waker: &Waker) -> Ticket {
        let mut places = self.places();
        let ticket = places.next;
        places.next = ticket.wrapping_add(1);
        places.wakers.insert(ticket, waker.clone());
        places.by_id.extend(ids.map(|id| (id, ticket)));
        self.len.store(places.wakers.len(), Ordering::Relaxed);
        drop(places);
        fence(Ordering::SeqCst);
        Ticket(ticket)
    }

    /// Has another waker woken in this place. Look afterwards.
    pub(super) fn renew(&self, ticket: Ticket, waker: &Waker) {
        if let Some(known) = self.places().wakers.get_mut(&ticket.0) {
            known.clone_from(waker);
        }
    }

    /// Gives a place up.
    pub(super) fn leave(&self, ticket: Ticket, ids: impl Iterator<Item = u64>) {
        let mut places = self.places();
        let waker = places.wakers.remove(&ticket.0);
        for id in ids {
            places.by_id.remove(&(id, ticket.0));
        }
        self.len.store(places.wakers.len(), Ordering::Relaxed);
        drop(places);
        drop(waker); // which may be anybody's code
    }

    /// How many wait, to whom what was added before this call is not yet known.
    pub(super) fn len(&self) -> usize {
        fence(Ordering::SeqCst);
        self.len.load(Ordering::Relaxed)
    }

    /// Wakes who waits for one of these.
    pub(super) fn wake(&self, ids: impl Iterator<Item = u64>) {
        let places = self.places();
        let tickets: BTreeSet<u64> = ids
            .flat_map(|id| places.by_id.range((id, 0)..=(id, u64::MAX)))
            .map(|(_, ticket)| *ticket)
            .collect();
        let wakers = tickets.iter().filter_map(|ticket| places.wakers.get(ticket)).cloned();
        let wakers: Vec<Waker> = wakers.collect();
        drop(places);
        wakers.into_iter().for_each(Waker::wake);
    }

    /// Wakes everybody.
    pub(super) fn wake_all(&self) {
        let wakers: Vec<Waker> = self.places().wakers.values().cloned().collect();
        wakers.into_iter().for_each(Waker::wake);
    }

    fn places(&self) -> MutexGuard<'_, Places> {
        self.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
