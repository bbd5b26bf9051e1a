//! What a follower answers.

use std::time::Duration;

use jeton::Timestamp;
use serde_json::Value;

/// What to do after something has arrived.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Then {
    /// Read on, or poll again.
    GoOn,
    /// Something was lost, or not understood: close, and connect again with the cursor one has.
    Reconnect,
    /// The cursor is of no use: fetch the snapshot, and connect with its cursor.
    FetchSnapshot,
}

/// What an arrival has brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What to do.
    pub then: Then,
    /// Keys to verify tokens with, as a JWK Set, if they came along.
    pub keys: Option<Value>,
    /// The server's time of day, if what told it proved the list to be complete as of some moment.
    pub now: Option<Timestamp>,
    /// How long a canary was under way.
    pub delay: Option<Duration>,
}

impl Step {
    pub(super) const fn only(then: Then) -> Self {
        Self { then, keys: None, now: None, delay: None }
    }
}

/// What a snapshot has brought beside entries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Taken {
    /// Keys to verify tokens with, as a JWK Set.
    pub keys: Value,
    /// R: how long a revocation is remembered.
    pub retention: Duration,
    /// The server's time of day.
    pub now: Timestamp,
}

/// What arrived is not what `docs/feed.md` says. Entries that could be read were merged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not understood")]
pub struct NotUnderstood;
