//! What a hub has done so far, for whoever watches it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// What a [`Publisher`](crate::publish::Publisher) has done, and how it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stats {
    /// The position up to which everything was published.
    pub position: u64,
    /// Entries published, canaries left out.
    pub published: u64,
    /// Streams that are open.
    pub subscribers: u64,
    /// Streams that were begun.
    pub subscribed: u64,
    /// Streams that were closed because they were read too slowly.
    pub slow: u64,
    /// Cursors that were of no use.
    pub resets: u64,
    /// Snapshots handed out.
    pub snapshots: u64,
    /// Snapshots built for them.
    pub built: u64,
    /// Bytes of the last one built.
    pub snapshot_bytes: u64,
    /// How old its knowledge is; `None` before it was complete for the first time.
    pub age: Option<Duration>,
}

/// The counters among them.
#[derive(Debug, Default)]
pub(super) struct Counters {
    pub(super) published: Count,
    pub(super) subscribers: Count,
    pub(super) subscribed: Count,
    pub(super) slow: Count,
    pub(super) resets: Count,
    pub(super) snapshots: Count,
    pub(super) built: Count,
    pub(super) snapshot_bytes: Count,
}

/// A number that is only ever looked at by people.
#[derive(Debug, Default)]
pub(super) struct Count(AtomicU64);

impl Count {
    pub(super) fn add(&self, more: usize) {
        self.0.fetch_add(more.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn subtract_one(&self) {
        self.0.fetch_sub(1, Ordering::Relaxed);
    }

    pub(super) fn set(&self, number: usize) {
        self.0.store(number.try_into().unwrap_or(u64::MAX), Ordering::Relaxed);
    }

    pub(super) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}
