//! Who may settle the changes of an account: one node of a fleet at a time.
//!
//! A transaction locks the rows of the changes, the sessions end, the rows are deleted, and the
//! transaction commits. A node that is killed in between loses its connection, PostgreSQL rolls back,
//! and the changes are pending for the next. No session is opened with the new password while they
//! are, so the next may end sessions again.
//!
//! What must not happen is that a node which has lost the claim goes on: the next settles, somebody
//! logs in with the new password, and the first ends that session too. So the work is polled only
//! while the claim holds for certain: the connection is there, and less than [`VALID`] has passed
//! since before the rows were locked, by a clock that goes on while the process stands still.
//! PostgreSQL lets go of a transaction by itself only after [`IDLE`], which is far longer. What was
//! sent to the store of sessions before that moment may still arrive after it, but changes nothing
//! that was written since: stores compare what they change with what was read.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::Arc;
use std::task::Poll;
use std::time::Duration;

use tokio::sync::Semaphore;
use tokio::time::{Instant, interval, timeout_at};

use crate::postgres::connections::{Connections, IDLE};
use crate::postgres::rows;
use crate::{AccountError, Change};

/// How long sessions may take to end.
const VALID: Duration = Duration::from_secs(10);

const _: () = assert!(VALID.as_secs() * 2 < IDLE.as_secs(), "PostgreSQL lets go last");

/// How soon it is noticed that the connection is gone while the work itself waits.
const LOOK: Duration = Duration::from_millis(50);

/// Claims of one process at a time: each holds a connection, and there must be some for logins.
pub(super) const CLAIMS: usize = 2;

/// See [`AccountStore::settle`](crate::AccountStore::settle).
pub(super) async fn settle<T, End, Ended>(
    connections: &Connections,
    claims: &Arc<Semaphore>,
    account: &str,
    end: End,
) -> Result<Option<T>, AccountError>
where
    End: FnOnce(Vec<Change>) -> Ended + Send,
    Ended: Future<Output = Result<T, AccountError>> + Send,
{
    let until = connections.deadline();
    let _place = timeout_at(until, claims.acquire())
        .await
        .map_err(|_| AccountError::unavailable("other password changes are being settled"))?;
    let held_until = Instant::now() + VALID;
    let lease = connections.get_until(until).await?;
    lease.command("BEGIN", until).await?;
    let claimed = lease.ask(rows::CLAIM, &vec![Box::new(account.to_owned())], until).await?;
    let changes: Vec<Change> = claimed.iter().map(rows::change).collect::<Result<_, _>>()?;
    let mut outcome = None;
    if !changes.is_empty() {
        let settled = rows::settled(&changes)?;
        let client = lease.client()?;
        let is_held = || !client.is_closed() && Instant::now() < held_until;
        outcome = Some(while_held(is_held, end(changes)).await?);
        lease.ask(rows::SETTLE, &settled, connections.deadline()).await?;
    }
    lease.command("COMMIT", connections.deadline()).await?;
    lease.give_back();
    Ok(outcome)
}

/// Polls the work as long as the claim holds, and never after.
async fn while_held<T>(
    is_held: impl Fn() -> bool,
    work: impl Future<Output = Result<T, AccountError>>,
) -> Result<T, AccountError> {
    let mut looks = interval(LOOK);
    let mut work = pin!(work);
    poll_fn(|context| {
        while looks.poll_tick(context).is_ready() {}
        if is_held() {
            return work.as_mut().poll(context);
        }
        let lost = "the claim on a password change was lost; it is settled by the next who tries";
        Poll::Ready(Err(AccountError::unavailable(lost)))
    })
    .await
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;
    use std::future::pending;

    use tokio::task::yield_now;
    use tokio::time::sleep;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn work_ends_as_it_would_while_the_claim_holds() {
        let work = async {
            sleep(Duration::from_secs(9)).await;
            Ok(7)
        };

        assert_eq!(while_held(|| true, work).await, Ok(7));
    }

    #[tokio::test(start_paused = true)]
    async fn work_that_waits_for_ever_is_dropped_when_its_time_is_over() {
        let start = Instant::now();
        let is_held = || Instant::now() < start + VALID;

        let lost = while_held(is_held, pending::<Result<(), _>>()).await;

        assert!(matches!(lost, Err(AccountError::Unavailable(_))), "{lost:?}");
        assert!(start.elapsed() < VALID + 2 * LOOK, "{:?}", start.elapsed());
    }

    /// R15: a process that stood still finds its work ready and its claim lost: no step more.
    #[tokio::test(start_paused = true)]
    async fn no_step_is_done_after_the_claim_was_lost() {
        let (held, steps) = (Cell::new(true), Cell::new(0));
        let work = async {
            loop {
                steps.set(steps.get() + 1);
                held.set(steps.get() < 3);
                yield_now().await;
            }
        };

        let lost: Result<(), _> = while_held(|| held.get(), work).await;

        assert!(matches!(lost, Err(AccountError::Unavailable(_))), "{lost:?}");
        assert_eq!(steps.get(), 3);
    }
}
