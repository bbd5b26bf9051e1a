//! How a subscriber is doing.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

/// How a subscriber is doing. For a page, a metric, an alarm.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each shown by itself")]
#[non_exhaustive]
pub struct Status {
    /// How old the list may be at worst; `None` if it was never complete.
    pub staleness: Option<Duration>,
    /// Whether that is within the bound.
    pub fresh: bool,
    /// Entries of the list.
    pub entries: usize,
    /// Entries that it could not take as they were, for it is full. More than 0 is an emergency.
    pub coarsened: u64,
    /// Since the cursor moved or was confirmed; `None` before that.
    pub cursor_age: Option<Duration>,
    /// How long the last canary was under way.
    pub delay: Option<Duration>,
    /// Whether there is a connection on which a heartbeat has arrived, or a poll was answered.
    pub connected: bool,
    /// Whether it polls, since something on the way holds events back.
    pub polling: bool,
    /// How often it had to connect again.
    pub reconnects: u64,
    /// How often it was told that its cursor is of no use.
    pub resets: u64,
    /// Whether the feed tells of something that this version does not know. Then the list is never
    /// fresh again; a newer version is needed.
    pub outdated: bool,
}

/// What the tasks note down for it.
#[derive(Debug, Default)]
pub(super) struct Notes(Mutex<Noted>);

#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Noted {
    pub(super) confirmed_at: Option<Instant>,
    pub(super) delay: Option<Duration>,
    pub(super) connected: bool,
    pub(super) polling: bool,
    pub(super) reconnects: u64,
    pub(super) resets: u64,
    pub(super) outdated: bool,
}

impl Notes {
    pub(super) fn read(&self) -> Noted {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self, note: impl FnOnce(&mut Noted)) {
        note(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner));
    }
}
