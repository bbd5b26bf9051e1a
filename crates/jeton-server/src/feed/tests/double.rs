//! One store and the processes that have it open, each of which reads what others have revoked only
//! when it proves that it has read everything.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jeton::{Revocation, SubjectKey};
use jeton_session::{
    Batch, Cursor, MemoryStore, Page, Place, SessionStore, Step, StoreError, Subject, SubjectPage,
};
use tokio::sync::watch;
use tokio::time::timeout;

const NAME: u64 = 0xf1ee7;

/// The store as one process sees it.
#[derive(Debug, Default)]
pub(super) struct Node {
    shared: Arc<MemoryStore>,
    log: Mutex<Log>,
    length: watch::Sender<usize>,
    fails: AtomicBool,
}

/// What a process has read, in its order.
#[derive(Debug, Default)]
struct Log {
    read: Vec<Read>,
    known: BTreeSet<u64>,
    up_to: u64,
}

#[derive(Debug)]
enum Read {
    Revoked(u64, Revocation),
    Complete(u64),
}

impl Node {
    /// The same store, opened by another process.
    pub(super) fn beside(&self) -> Self {
        Self { shared: Arc::clone(&self.shared), ..Self::default() }
    }

    /// It does not answer any more.
    pub(super) fn fail(&self) {
        self.fails.store(true, Ordering::Relaxed);
    }

    fn works(&self) -> Result<(), StoreError> {
        let fails = self.fails.load(Ordering::Relaxed);
        if fails { Err(StoreError::new("on purpose")) } else { Ok(()) }
    }

    async fn last(&self) -> u64 {
        self.shared.beat().await.unwrap().position()
    }

    /// What was revoked at one place after the other.
    async fn between(&self, after: u64, to: u64) -> Vec<(u64, Revocation)> {
        let mut revoked = Vec::new();
        for place in after..to {
            let batch = self.shared.tail(Cursor::at(place), Duration::ZERO).await.unwrap();
            revoked.push((place + 1, batch.revocations[0].clone()));
        }
        revoked
    }

    fn add(&self, revoked: Vec<(u64, Revocation)>, complete: Option<u64>) -> usize {
        let mut log = self.log.lock().unwrap();
        for (place, revocation) in revoked {
            if log.known.insert(place) {
                log.read.push(Read::Revoked(place, revocation));
            }
        }
        if let Some(place) = complete {
            log.up_to = place;
            log.read.push(Read::Complete(place));
        }
        self.length.send_replace(log.read.len());
        log.read.len()
    }

    fn batch(&self, after: usize) -> Batch {
        let log = self.log.lock().unwrap();
        let mut batch = Batch {
            revocations: Vec::new(),
            cursor: Cursor::at(log.read.len() as u64),
            highest: Place::default(),
            complete: Place::default(),
        };
        for (index, read) in log.read.iter().enumerate() {
            match read {
                Read::Complete(place) => batch.complete = Place::at(*place),
                Read::Revoked(place, revocation) if index >= after => {
                    batch.highest = batch.highest.max(Place::at(*place));
                    batch.revocations.push(revocation.clone());
                }
                Read::Revoked(..) => {}
            }
        }
        batch
    }
}

impl SessionStore for Node {
    async fn update<T, F>(&self, subject: SubjectKey, step: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Subject) -> Step<T> + Send + Sync + 'static,
    {
        self.works()?;
        let before = self.last().await;
        let answer = self.shared.update(subject, step).await?;
        // Its own it knows at once, whatever it has not read before.
        self.add(self.between(before, self.last().await).await, None);
        Ok(answer)
    }

    async fn load(&self, subject: SubjectKey) -> Result<Subject, StoreError> {
        self.works()?;
        self.shared.load(subject).await
    }

    async fn subjects(&self, page: Page) -> Result<SubjectPage, StoreError> {
        self.shared.subjects(page).await
    }

    async fn tail(&self, after: Cursor, patience: Duration) -> Result<Batch, StoreError> {
        let after = usize::try_from(after.position()).unwrap();
        let mut length = self.length.subscribe();
        let _ = timeout(patience, length.wait_for(|length| *length > after)).await;
        Ok(self.batch(after))
    }

    async fn beat(&self) -> Result<Cursor, StoreError> {
        self.works()?;
        let last = self.last().await;
        let up_to = self.log.lock().unwrap().up_to;
        let length = self.add(self.between(up_to, last).await, Some(last));
        Ok(Cursor::at(length as u64))
    }

    fn feed(&self) -> Option<u64> {
        Some(NAME)
    }
}
