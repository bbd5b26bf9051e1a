//! What all connections share: one state under one lock, and how it is said.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use jeton::{RevocationList, Timestamp};
use serde::Serialize;
use serde_json::{Value, json};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, broadcast, watch};
use tokio::time::Instant;

use crate::publish::clock::FeedClock;
use crate::publish::frame::{self, Frame, counted};
use crate::publish::publisher::{Origin, Reset};
use crate::publish::ring::{Ring, Told};
use crate::publish::snapshots::NoSnapshot;
use crate::publish::stats::Counters;
use crate::wire::{Complete, FeedCursor};

/// Events that a reader may be behind before it is closed.
const PATIENCE: usize = 1_024;

/// Kilobytes of what readers have missed, in memory at a time. Each may have missed something else,
/// and read it slowly.
const MISSED: usize = 64 * 1024;

/// What is shorter does not count: there is one for a connection.
const SHORT: usize = 16 * 1024;

#[derive(Debug)]
pub(super) struct Hub {
    pub(super) feed: u64,
    pub(super) retention: Duration,
    pub(super) clock: FeedClock,
    pub(super) list: Arc<RevocationList>,
    pub(super) counters: Arc<Counters>,
    room: Arc<Semaphore>,
    state: Mutex<State>,
}

#[derive(Debug)]
pub(super) struct State {
    pub(super) ring: Ring,
    /// Everything revoked before this was published.
    pub(super) as_of: Option<Instant>,
    pub(super) jwks: Value,
    /// The last catch-up: those who were cut off together come back together.
    caught_up: Option<(CaughtUp, Frame)>,
    /// `None` once the feed is closed.
    pub(super) live: Option<Live>,
}

#[derive(Debug)]
pub(super) struct Live {
    pub(super) events: broadcast::Sender<Frame>,
    pub(super) told: watch::Sender<Told>,
}

/// From where to where, and how many batches there were by then: beyond a place that is complete,
/// some may be added while it stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct CaughtUp {
    after: u64,
    to: u64,
    pushed: u64,
}

/// How far a hub is, and how good that is.
pub(super) struct Place {
    pub(super) cursor: FeedCursor,
    pub(super) as_of: Option<Instant>,
    pub(super) jwks: Value,
}

impl Hub {
    pub(super) fn new(
        origin: Origin,
        list: Arc<RevocationList>,
        wall: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let Origin { feed, position, retention } = origin;
        let ring = Ring::starting_at(position);
        let live = Live {
            events: broadcast::Sender::new(PATIENCE),
            told: watch::Sender::new(ring.told()),
        };
        let state = State {
            ring,
            as_of: None,
            jwks: json!({ "keys": [] }),
            caught_up: None,
            live: Some(live),
        };
        Self {
            feed,
            retention,
            clock: FeedClock::new(wall),
            list,
            counters: Arc::default(),
            room: Arc::new(Semaphore::new(MISSED)),
            state: Mutex::new(state),
        }
    }

    pub(super) fn place(&self) -> Place {
        let state = self.state();
        let cursor = self.cursor(state.ring.told().complete);
        Place { cursor, as_of: state.as_of, jwks: state.jwks.clone() }
    }

    pub(super) const fn cursor(&self, position: u64) -> FeedCursor {
        FeedCursor { feed: self.feed, position }
    }

    pub(super) fn knows(&self, cursor: FeedCursor) -> bool {
        cursor.feed == self.feed && self.state().ring.reaches(cursor.position)
    }

    fn said(&self, state: &State) -> Option<Complete> {
        self.clock.complete(Instant::now(), state.as_of?)
    }

    pub(super) fn heartbeat(&self, state: &State) -> Result<Option<Frame>, serde_json::Error> {
        #[derive(Serialize)]
        struct Heartbeat {
            cursor: FeedCursor,
            #[serde(flatten)]
            complete: Complete,
        }

        let cursor = self.cursor(state.ring.told().complete);
        let said = self.said(state);
        said.map(|complete| Frame::new("hb", &Heartbeat { cursor, complete })).transpose()
    }

    /// Everything after a cursor, in one event, which leads to where we are: on or back. `None` where
    /// that is nothing. Where there is no room for more of those, the snapshot serves as well, and all
    /// have the same.
    pub(super) fn missed(
        &self,
        state: &mut State,
        after: FeedCursor,
    ) -> Result<Option<Frame>, Reset> {
        let missed = state.ring.after(after.position).filter(|_| after.feed == self.feed);
        let (missed, to) = (missed.ok_or(Reset)?, state.ring.told().complete);
        if missed.is_empty() && to == after.position {
            return Ok(None);
        }
        let way = CaughtUp { after: after.position, to, pushed: state.ring.pushed() };
        if let Some((_, frame)) = state.caught_up.as_ref().filter(|known| known.0 == way) {
            return Ok(Some(frame.clone()));
        }
        let room = self.room_for(&missed)?;
        let frame = Frame::rev(after, self.cursor(to), &missed).counting(room);
        state.caught_up = Some((way, frame.clone()));
        Ok(Some(frame))
    }

    pub(super) fn polled(&self, cursor: Option<FeedCursor>) -> Result<Bytes, NoSnapshot> {
        #[derive(Serialize)]
        struct Rest<'a> {
            #[serde(flatten)]
            complete: Complete,
            jwks: &'a Value,
            reset: bool,
        }

        let state = self.state();
        let complete = self.said(&state).ok_or(NoSnapshot::NotYet)?;
        let last = self.cursor(state.ring.told().complete);
        let known = cursor.filter(|cursor| cursor.feed == self.feed);
        let missed = known.and_then(|cursor| state.ring.after(cursor.position));
        let missed = missed.and_then(|missed| Some((self.room_for(&missed).ok()?, missed)));
        if missed.is_none() {
            self.counters.resets.add(1);
        }
        let rest = Rest { complete, jwks: &state.jwks, reset: missed.is_none() };
        let rest = serde_json::to_vec(&rest);
        drop(state);
        let mut rest = rest.map_err(|error| NoSnapshot::Unbuilt(error.to_string()))?;
        if let Some(brace) = rest.first_mut() {
            *brace = b',';
        }
        let after = cursor.unwrap_or(last);
        let mut json = format!(r#"{{"after":"{after}","cursor":"{last}","e":["#).into_bytes();
        let (room, missed) = missed.unwrap_or_default();
        frame::join(&mut json, &missed);
        json.push(b']');
        json.extend_from_slice(&rest);
        Ok(counted(json.into(), room))
    }

    /// Room for these lists at once; `None` if they need none.
    fn room_for(&self, lists: &[Bytes]) -> Result<Option<OwnedSemaphorePermit>, Reset> {
        let length: usize = lists.iter().map(Bytes::len).sum();
        if length < SHORT {
            return Ok(None);
        }
        let kilobytes = u32::try_from(length.div_ceil(1024)).map_err(|_| Reset)?;
        let room = Arc::clone(&self.room).try_acquire_many_owned(kilobytes);
        room.map(Some).map_err(|_| Reset)
    }

    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

pub(super) fn keys(jwks: &Value) -> Result<Frame, serde_json::Error> {
    #[derive(Serialize)]
    struct Keys<'a> {
        jwks: &'a Value,
    }

    Frame::new("keys", &Keys { jwks })
}
