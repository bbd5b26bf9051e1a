//! One update of a subject at a time, within this process.
//!
//! Redis decides between processes by letting the slower one run again. Within a process that would
//! be waste, and the log would get a subject's revocations in any order.

use jeton::SubjectKey;
use jeton_session::StoreError;
use tokio::sync::{Mutex, MutexGuard};
use tokio::time::{Instant, timeout_at};

/// Subjects that share a lock wait for each other needlessly, so there are many more locks than
/// updates on their way.
const LOCKS: usize = 4_096;

/// The locks.
#[derive(Debug)]
pub(super) struct Turns(Vec<Mutex<()>>);

impl Turns {
    pub(super) fn new() -> Self {
        Self(std::iter::repeat_with(Mutex::default).take(LOCKS).collect())
    }

    /// A subject's turn, which ends when the guard is dropped.
    pub(super) async fn take(
        &self,
        subject: SubjectKey,
        until: Instant,
    ) -> Result<MutexGuard<'_, ()>, StoreError> {
        let late = || StoreError::new("other updates of the subject took too long");
        // The first bits choose the bucket; the last are as random.
        let [.., high, low] = *subject.as_bytes();
        let lock = self.0.get(usize::from(u16::from_be_bytes([high, low])) % LOCKS);
        let turn = timeout_at(until, lock.ok_or_else(late)?.lock()).await;
        turn.map_err(|_| late())
    }
}
