//! The one thread that writes.

use std::sync::mpsc::SyncSender;
use std::thread::{self, JoinHandle};

use jeton_session::StoreError;
use rusqlite::{Connection, ErrorCode};
use tokio::sync::{mpsc, oneshot, watch};

use crate::sqlite::rows;

/// Updates that may wait for the writer; beyond it, callers wait for a place.
const QUEUE: usize = 4_096;

/// Updates in one commit.
const GROUP: usize = 512;

/// Updates after which the log is worth a checkpoint.
const CHECKPOINT: usize = 1_000;

/// Hands work to the thread, and waits for its last job when dropped.
#[derive(Debug)]
pub(crate) struct Writer {
    jobs: Option<mpsc::Sender<Box<dyn Job>>>,
    state: watch::Receiver<Option<StoreError>>,
    last: watch::Receiver<u64>,
    thread: Option<JoinHandle<()>>,
}

/// Something to do inside a transaction, and someone to tell once it is durable.
trait Job: Send {
    /// Does the work. An error is this job's alone unless it is the disk's.
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()>;
    /// Tells the outcome of the commit.
    fn tell(self: Box<Self>, outcome: Result<(), StoreError>);
}

impl Writer {
    pub(crate) fn start(connection: Connection, bell: SyncSender<()>) -> std::io::Result<Self> {
        let (jobs, queue) = mpsc::channel(QUEUE);
        let (failure, state) = watch::channel(None);
        let (position, last) = watch::channel(rows::last_position(&connection).unwrap_or(0));
        let thread = thread::Builder::new().name("jeton-writer".to_owned()).spawn(move || {
            Thread { connection, queue, failure, position, bell, since_checkpoint: 0 }.work();
        })?;
        Ok(Self { jobs: Some(jobs), state, last, thread: Some(thread) })
    }

    /// Runs work inside the next commit and answers once that is on disk.
    pub(crate) async fn run<T, W>(&self, work: W) -> Result<T, StoreError>
    where
        T: Send + 'static,
        W: Fn(&Connection) -> rusqlite::Result<T> + Send + 'static,
    {
        let (tell, told) = oneshot::channel();
        let job = Box::new(Work { run: work, answer: None, tell });
        let closed = || StoreError::new("the store is closed");
        let jobs = self.jobs.as_ref().ok_or_else(closed)?;
        jobs.send(job).await.map_err(|_| closed())?;
        told.await.map_err(|_| closed())?
    }

    /// The position of the last revocation that is on disk.
    pub(super) fn last_position(&self) -> watch::Receiver<u64> {
        self.last.clone()
    }

    /// Resolves when the disk has failed for good.
    pub(crate) async fn failed(&self) -> StoreError {
        let mut state = self.state.clone();
        let failure = state.wait_for(Option::is_some).await;
        let failure = failure.ok().and_then(|failure| failure.clone());
        failure.unwrap_or_else(|| StoreError::new("the writer has stopped"))
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.jobs = None;
        if let Some(thread) = self.thread.take() {
            // A writer that panicked has told nobody that anything was done.
            let _ = thread.join();
        }
    }
}

struct Work<W, T> {
    run: W,
    answer: Option<Result<T, StoreError>>,
    tell: oneshot::Sender<Result<T, StoreError>>,
}

impl<W, T> Job for Work<W, T>
where
    T: Send,
    W: Fn(&Connection) -> rusqlite::Result<T> + Send,
{
    fn run(&mut self, connection: &Connection) -> rusqlite::Result<()> {
        match (self.run)(connection) {
            Ok(answer) => self.answer = Some(Ok(answer)),
            Err(error) if is_the_disks(&error) => return Err(error),
            Err(error) => self.answer = Some(Err(StoreError::new(error.to_string()))),
        }
        Ok(())
    }

    fn tell(self: Box<Self>, outcome: Result<(), StoreError>) {
        let Self { answer, tell, .. } = *self;
        let unanswered = || Err(StoreError::new("not run"));
        // Whoever asked may have gone; what is done is done.
        let _ = tell.send(outcome.and_then(|()| answer.unwrap_or_else(unanswered)));
    }
}

struct Thread {
    connection: Connection,
    queue: mpsc::Receiver<Box<dyn Job>>,
    failure: watch::Sender<Option<StoreError>>,
    position: watch::Sender<u64>,
    bell: SyncSender<()>,
    since_checkpoint: usize,
}

impl Thread {
    /// Takes whatever waits, commits it, tells everyone; until nobody can ask any more.
    fn work(mut self) {
        let mut group = Vec::with_capacity(GROUP);
        while self.queue.blocking_recv_many(&mut group, GROUP) > 0 {
            let failed = self.failure.borrow().clone();
            let outcome = failed.map_or_else(|| self.commit(&mut group), Err);
            self.since_checkpoint += group.len();
            for job in group.drain(..) {
                job.tell(outcome.clone());
            }
            if self.since_checkpoint >= CHECKPOINT && self.bell.try_send(()).is_ok() {
                self.since_checkpoint = 0;
            }
        }
    }

    fn commit(&mut self, group: &mut [Box<dyn Job>]) -> Result<(), StoreError> {
        match self.transact(group) {
            Ok(position) => {
                self.position
                    .send_if_modified(|last| std::mem::replace(last, position) != position);
                Ok(())
            }
            Err(error) => {
                let cause = StoreError::new(error.to_string());
                let undone = self.connection.is_autocommit()
                    || self.connection.execute_batch("ROLLBACK").is_ok();
                if is_final(&error) || !undone {
                    self.failure.send_replace(Some(cause.clone()));
                }
                Err(cause)
            }
        }
    }

    fn transact(&self, group: &mut [Box<dyn Job>]) -> rusqlite::Result<u64> {
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        for job in group {
            job.run(&self.connection)?;
        }
        let position = rows::last_position(&self.connection)?;
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        Ok(position)
    }
}

/// Whether an error concerns the file and so the whole commit, not the one row that was read.
fn is_the_disks(error: &rusqlite::Error) -> bool {
    matches!(error, rusqlite::Error::SqliteFailure(..))
}

/// Whether nothing may be trusted after this error. A full disk or a lock held too long undoes a
/// commit cleanly; anything else leaves unknown what has reached the disk.
fn is_final(error: &rusqlite::Error) -> bool {
    let code = error.sqlite_error_code();
    !matches!(code, Some(ErrorCode::DiskFull | ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked))
}
