//! What this node knows of one bucket: the lineage it may use, and how far it has read.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jeton_session::{Place, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

/// The history that a primary carries on: its `master_replid`, which is another after every restart,
/// promotion or resync.
pub(super) type Lineage = Arc<str>;

/// One bucket, as this node sees it.
#[derive(Debug, Default)]
pub(super) struct BucketState {
    /// The lineage that may be read and written; `None` while nobody may.
    open: watch::Sender<Option<Lineage>>,
    known: Mutex<Known>,
    /// Held while the bucket is read anew, so that it is read once.
    pub(super) settling: tokio::sync::Mutex<()>,
}

/// What is known of a bucket.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    /// The lineage that was read.
    pub(super) lineage: Option<Lineage>,
    /// Everything in that lineage up to here is in the log.
    pub(super) read: Place,
    /// The highest place of this bucket that anybody was told of. A primary that knows less has lost
    /// something, and starts above it.
    pub(super) told: Place,
}

impl BucketState {
    pub(super) fn known(&self) -> Known {
        self.lock().clone()
    }

    /// The lineage to use, once there is one.
    pub(super) async fn opened(&self, until: Instant) -> Result<Lineage, StoreError> {
        if let Some(lineage) = self.open.borrow().clone() {
            return Ok(lineage);
        }
        let mut open = self.open.subscribe();
        let opened = timeout_at(until, open.wait_for(Option::is_some)).await;
        let lineage = opened.ok().and_then(Result::ok).and_then(|lineage| lineage.clone());
        lineage.ok_or_else(|| StoreError::new("settling after a failover of Redis"))
    }

    /// Lets everybody in. `false` if they were in already.
    pub(super) fn open(&self, lineage: &Lineage) -> bool {
        self.open.send_if_modified(|open| {
            let is_new = open.as_ref() != Some(lineage);
            *open = Some(Arc::clone(lineage));
            is_new
        })
    }

    /// Whether updates go anywhere.
    pub(super) fn is_open(&self) -> bool {
        self.open.borrow().is_some()
    }

    /// Whether updates go to this lineage.
    pub(super) fn is_open_in(&self, lineage: &Lineage) -> bool {
        self.open.borrow().as_ref() == Some(lineage)
    }

    /// Lets nobody in any more, for the primary has another lineage than this one.
    pub(super) fn close(&self, lineage: &str) {
        self.open.send_if_modified(|open| {
            let is_it = open.as_deref() == Some(lineage);
            if is_it {
                *open = None;
            }
            is_it
        });
    }

    /// The primary has another lineage than the one that was read: nothing of it is known yet.
    pub(super) fn forget(&self) {
        self.open.send_replace(None);
        self.lock().lineage = None;
    }

    /// A lineage was read up to here.
    pub(super) fn settled(&self, lineage: &Lineage, read: Place) {
        let mut known = self.lock();
        known.lineage = Some(Arc::clone(lineage));
        known.read = read;
        known.told = known.told.max(read);
    }

    /// Everything between these places of a lineage is in the log. Counts only where it goes on from
    /// what was read before.
    pub(super) fn advance(&self, lineage: &str, from: Place, to: Place) {
        let mut known = self.lock();
        if known.lineage.as_deref() == Some(lineage) && from <= known.read {
            known.read = known.read.max(to);
        }
        known.told = known.told.max(to);
    }

    /// Somebody was told of this place.
    pub(super) fn told(&self, place: Place) {
        let mut known = self.lock();
        known.told = known.told.max(place);
    }

    fn lock(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
