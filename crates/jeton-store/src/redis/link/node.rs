//! One server, and at most one connection to it.
//!
//! Connections are made by a task of their own, one at a time, so that callers who give up do not
//! take the attempt with them. A connection on which one command got no answer in time is given to
//! nobody any more: those who wait on it may still be answered, then it is closed.

use std::fmt;
use std::hash::{BuildHasher as _, RandomState};
use std::sync::Arc;
use std::time::Duration;

use redis::{Cmd, RedisResult, Value};
use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use crate::redis::link::address::Address;
use crate::redis::link::dial::{Dialer, Live};
use crate::redis::link::failure::{DialError, Failure};

/// How long to wait after the first attempt that failed; twice that after the second, and so on.
const FIRST_PAUSE: Duration = Duration::from_millis(20);

/// The longest pause: a server that is back is found within this time.
const LONGEST_PAUSE: Duration = Duration::from_millis(500);

/// A server.
pub(super) struct Node {
    pub(super) address: Address,
    dialer: Arc<Dialer>,
    state: watch::Sender<State>,
}

#[derive(Clone)]
enum State {
    /// Nobody has asked yet.
    New,
    /// A task connects; so many attempts have failed since the last connection.
    Dialing(u32),
    Up(Live),
    /// The last of so many attempts has failed; the next may begin then.
    Down(u32, Instant, DialError),
}

impl Node {
    pub(super) fn new(address: Address, dialer: Arc<Dialer>) -> Arc<Self> {
        Arc::new(Self { address, dialer, state: watch::Sender::new(State::New) })
    }

    /// Sends a command and waits for the answer until then.
    pub(super) async fn ask(
        self: &Arc<Self>,
        command: &Cmd,
        until: Instant,
    ) -> Result<Value, Failure> {
        let live = self.live(until).await.map_err(Failure::Unconnected)?;
        self.answer(&live, live.ask(command), until).await
    }

    /// Waits until then for an answer on a connection of this server.
    pub(super) async fn answer<T>(
        &self,
        live: &Live,
        answer: impl Future<Output = RedisResult<T>>,
        until: Instant,
    ) -> Result<T, Failure> {
        let Ok(answer) = timeout_at(until, answer).await else {
            self.give_up(live);
            return Err(Failure::Unknown("did not answer in time".to_owned()));
        };
        answer.map_err(|error| {
            let failure = Failure::of(&error);
            if failure.ends_connection() {
                self.give_up(live);
            }
            failure
        })
    }

    /// The connection, made if there is none.
    pub(super) async fn live(self: &Arc<Self>, until: Instant) -> Result<Live, DialError> {
        let mut state = self.state.subscribe();
        loop {
            match &*state.borrow_and_update() {
                State::Up(live) if live.is_open() => return Ok(live.clone()),
                State::Down(_, next, cause) if Instant::now() < *next => return Err(cause.clone()),
                _ => {}
            }
            self.dial();
            let Ok(Ok(())) = timeout_at(until, state.changed()).await else {
                return Err(DialError::Silent);
            };
        }
    }

    /// A connection for one caller alone.
    pub(super) async fn own(&self, until: Instant) -> Result<Live, DialError> {
        timeout_at(until, self.dialer.dial(&self.address)).await.unwrap_or(Err(DialError::Silent))
    }

    /// Begins to connect, unless somebody does or has.
    fn dial(self: &Arc<Self>) {
        let begin = |state: &mut State| {
            let failed = match state {
                State::Dialing(_) => return false,
                State::Up(live) if live.is_open() => return false,
                State::Down(_, next, _) if Instant::now() < *next => return false,
                State::Down(failed, ..) => *failed,
                State::New | State::Up(_) => 0,
            };
            *state = State::Dialing(failed);
            true
        };
        if self.state.send_if_modified(begin) {
            let node = Arc::clone(self);
            tokio::spawn(async move {
                let outcome = node.dialer.dial(&node.address).await;
                node.state.send_modify(|state| state.settle(outcome));
            });
        }
    }

    /// Nobody gets this connection any more.
    fn give_up(&self, live: &Live) {
        self.state.send_if_modified(|state| {
            let is_current = matches!(state, State::Up(current) if current.is(live));
            if is_current {
                *state = State::New;
            }
            is_current
        });
    }
}

impl State {
    fn settle(&mut self, outcome: Result<Live, DialError>) {
        let failed = if let Self::Dialing(failed) = self { *failed } else { 0 };
        *self = match outcome {
            Ok(live) => Self::Up(live),
            Err(cause) => Self::Down(failed + 1, Instant::now() + pause(failed), cause),
        };
    }
}

impl fmt::Debug for Node {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Node").field("address", &self.address).finish_non_exhaustive()
    }
}

/// How long to wait after this many attempts before: between half of it and all of it, so that a
/// fleet does not come back in one moment.
pub(super) fn pause(failed: u32) -> Duration {
    let longest = FIRST_PAUSE.saturating_mul(1 << failed.min(10)).min(LONGEST_PAUSE);
    // Which of the times it is does not matter to anybody; that they differ does.
    let random = RandomState::new().hash_one(failed) % 512;
    longest.mul_f64(0.5 + f64::from(u32::try_from(random).unwrap_or(0)) / 1_024.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_the_longest() {
        for (failed, longest) in [(0, 20), (1, 40), (4, 320), (5, 500), (u32::MAX, 500)] {
            let pause = pause(failed);

            let longest = Duration::from_millis(longest);
            assert!(pause >= longest / 2 && pause <= longest, "{failed}: {pause:?}");
        }
    }
}
