//! What this node knows of one bucket: how it stands there, and how far it has read.

use std::sync::{Mutex, MutexGuard, PoisonError};

use jeton_session::{Place, StoreError};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::redis::lineage::{Attempt, Heard, Known, Lineage, Order, Standing, Told};

/// One bucket, as this node sees it.
#[derive(Debug)]
pub(super) struct BucketState {
    inner: Mutex<Inner>,
    /// The lineage that may be read and written; `None` while nobody may.
    open: watch::Sender<Option<Lineage>>,
    /// Rung after every heartbeat, for whoever settles.
    heard: watch::Sender<()>,
}

#[derive(Debug)]
struct Inner {
    standing: Standing,
    /// The lineage that was read, and up to where everything in it is in the log.
    read: Option<(Lineage, Place)>,
}

impl BucketState {
    /// At the start, with what was known when this node ran last.
    pub(super) fn new(known: Option<Known>) -> Self {
        let inner = Inner { standing: Standing::new(known), read: None };
        Self {
            inner: Mutex::new(inner),
            open: watch::Sender::default(),
            heard: watch::Sender::default(),
        }
    }

    /// The lineage to use, once there is one.
    pub(super) async fn opened(&self, until: Instant) -> Result<Lineage, StoreError> {
        if let Some(lineage) = self.open.borrow().clone() {
            return Ok(lineage);
        }
        let mut open = self.open.subscribe();
        let opened = timeout_at(until, open.wait_for(Option::is_some)).await;
        let lineage = opened.ok().and_then(Result::ok).and_then(|lineage| lineage.clone());
        lineage.ok_or_else(|| self.why_closed())
    }

    /// The lineage that it is in, open or not.
    pub(super) fn lineage(&self) -> Option<Lineage> {
        self.lock().standing.lineage().cloned()
    }

    /// Whether updates go anywhere.
    pub(super) fn is_open(&self) -> bool {
        self.open.borrow().is_some()
    }

    /// What to say to whoever finds it closed.
    pub(super) fn why_closed(&self) -> StoreError {
        StoreError::new(if self.is_rolled_back() {
            "Redis has older data than this node has seen, and what was revoked in between may be \
             forgotten: restore the right data, or run `jeton store accept`"
        } else {
            "settling after a failover of Redis"
        })
    }

    /// What the next heartbeat tells.
    pub(super) fn tell(&self) -> Told {
        self.lock().standing.tell()
    }

    /// Takes in what a heartbeat has answered that told this.
    pub(super) fn hear(&self, told: &Told, heard: &Heard, memory: u64) -> Order {
        let order = self.change(|inner| inner.standing.hear(told, heard, memory));
        self.heard.send_replace(());
        order
    }

    /// The primary has another lineage than this one, or settling in it has failed.
    pub(super) fn leave(&self, lineage: &Lineage) {
        self.change(|inner| inner.standing.leave(lineage));
        self.heard.send_replace(());
    }

    /// An attempt has read the stream up to here.
    pub(super) fn begin(&self, attempt: &Attempt, read: Place) {
        let mut inner = self.lock();
        if inner.standing.may_restore(attempt).is_some() {
            inner.standing.raise(read);
            inner.read = Some((attempt.lineage.clone(), read));
        }
    }

    /// Waits until an attempt may bring back what is lost. `false` if it is of no use any more.
    pub(super) async fn all_here(&self, attempt: &Attempt) -> bool {
        let mut heard = self.heard.subscribe();
        loop {
            match self.lock().standing.may_restore(attempt) {
                None => return false,
                Some(true) => return true,
                Some(false) => {}
            }
            if heard.changed().await.is_err() {
                return false;
            }
        }
    }

    /// An attempt is done. Answers whether that still matters.
    pub(super) fn settled(&self, attempt: &Attempt) -> bool {
        self.lock().standing.settled(attempt)
    }

    /// Puts what this lineage has taken where a later comparison finds it. `false` if the lineage has
    /// passed: nobody may be told that it was done.
    pub(super) fn enter(&self, lineage: &Lineage, place: Place, put: impl FnOnce()) -> bool {
        let mut inner = self.lock();
        let counts = inner.standing.acknowledges(lineage);
        if counts {
            inner.standing.raise(place);
            put();
        }
        counts
    }

    /// Up to where everything in this lineage is in the log.
    pub(super) fn read_in(&self, lineage: &Lineage) -> Option<Place> {
        let inner = self.lock();
        inner.read.as_ref().filter(|(of, _)| of == lineage).map(|(_, place)| *place)
    }

    /// Where to wait for more of what a primary of this name has; `None` while that is not read.
    pub(super) fn read_of(&self, primary: &str) -> Option<Place> {
        let inner = self.lock();
        let of = inner.read.as_ref().filter(|(lineage, _)| lineage.primary() == primary);
        of.map(|(_, place)| *place)
    }

    /// Everything between these places is in the log, as a primary of this name has it. Counts only
    /// where it goes on from what was read before.
    pub(super) fn advance(&self, primary: &str, from: Place, to: Place) {
        let mut inner = self.lock();
        inner.standing.raise(to);
        if let Some((lineage, read)) = &mut inner.read
            && lineage.primary() == primary
            && from <= *read
        {
            *read = to.max(*read);
        }
    }

    /// Everything up to the last entry that a heartbeat told of was read. Answers whether that is all
    /// there was by then.
    pub(super) fn prove(&self, told: &Told, heard: &Heard) -> bool {
        self.lock().standing.prove(told, heard)
    }

    /// Up to where this node knows the bucket.
    pub(super) fn known(&self) -> Option<Known> {
        self.lock().standing.known().cloned()
    }

    /// Whether only an operator can help.
    pub(super) fn is_rolled_back(&self) -> bool {
        self.lock().standing.is_rolled_back()
    }

    fn change<T>(&self, change: impl FnOnce(&mut Inner) -> T) -> T {
        let mut inner = self.lock();
        let answer = change(&mut inner);
        let open = inner.standing.open().cloned();
        // Before anybody else can change it again.
        self.open.send_if_modified(|known| {
            let is_news = *known != open;
            *known = open;
            is_news
        });
        answer
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
