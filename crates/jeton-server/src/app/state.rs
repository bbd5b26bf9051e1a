//! How the service is doing.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use jeton_store::RedisStore;

use crate::app::App;
use crate::http::code;
use crate::metrics::Node;

/// The parts of the store, all of which are open if all is well.
pub(crate) const BUCKETS: u64 = 64;

impl App {
    /// From now on it says that it is not ready.
    pub(crate) fn begin_to_stop(&self) {
        self.parts.stopping.store(true, Ordering::Relaxed);
    }

    /// Whether it was told to stop.
    pub(crate) fn is_stopping(&self) -> bool {
        self.parts.stopping.load(Ordering::Relaxed)
    }

    /// Whether everything that was revoked is known here. A service alone has read it once; a node of
    /// a fleet has proven it within the bound of its staleness.
    pub(crate) fn is_up_to_date(&self) -> bool {
        if self.sessions().store().redis().is_none() {
            return self.feed().publisher().is_ready();
        }
        let bound = Duration::from_secs(self.settings().fleet.max_staleness);
        self.feed().publisher().stats().age.is_some_and(|age| age <= bound)
    }

    /// Why the store of a fleet takes no updates everywhere, as a code, if it does not.
    pub(crate) fn store_trouble(&self) -> Option<&'static str> {
        let store = self.sessions().store().redis()?;
        if store.is_rolled_back() {
            Some(code::STORE_ROLLED_BACK)
        } else {
            (store.stats().open_buckets < BUCKETS).then_some(code::STORE_SETTLING)
        }
    }

    /// Counts a refresh that moved a session forward to what the store had lost.
    pub(crate) fn count_repair(&self) {
        self.parts.repaired.fetch_add(1, Ordering::Relaxed);
    }

    /// What there is to count of it.
    pub(crate) fn node(&self) -> Node {
        Node {
            repaired: self.parts.repaired.load(Ordering::Relaxed),
            staleness: self.guard().revocations().staleness(Instant::now()),
            keyring: self.keyring_revision(),
            redis: self.sessions().store().redis().map(RedisStore::stats),
        }
    }
}
