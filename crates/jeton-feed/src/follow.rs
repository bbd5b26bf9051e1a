//! What a verifier makes of a feed: `docs/feed.md` as rules, without I/O and without a clock.
//!
//! A [`Follower`] is told when a request was sent, what came, and when it arrived. It fills its
//! list, and says what to do next. Whatever comes, late, twice, in another order, cut or not at
//! all, these hold:
//!
//! 1. the list is called complete as of a moment only if it holds everything revoked before it;
//! 2. that moment never moves back, and is never later than the arrival of what proved it;
//! 3. what was merged stays, whether or not the rest of its event was of any use.

mod connection;
mod read;
mod step;
mod tap;

use std::sync::Arc;
use std::time::{Duration, Instant};

use jeton::{Entry, RevocationList};

use self::connection::Connection;
use self::read::{Read, read};
pub use self::step::{NotUnderstood, Step, Taken, Then};
pub use self::tap::{Brought, Tap};
use crate::wire::{Complete, FeedCursor, Heartbeat, Keys, Polled, Revocations};
use crate::wire::{Snapshot, WireEntry};

/// Keeps one list by one feed. Pure: fed with what arrived and when, it does no I/O.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use std::time::{Duration, Instant};
/// use jeton::RevocationList;
/// use jeton_feed::follow::{Follower, Then};
///
/// let list = Arc::new(RevocationList::following());
/// let mut follower = Follower::new(Arc::clone(&list));
/// let sent = Instant::now();
///
/// let snapshot = r#"{"cursor":"9f3c51aa02d7e6b4.7","retention":690,"t":100,"age_ms":0,
///     "now":1795284925,"jwks":{"keys":[]},"e":[["s","0f0f0f0f0f0f0f0f",1795285615,"kicked"]]}"#;
/// follower.snapshot(snapshot.as_bytes())?;
/// assert_eq!((list.len(), list.staleness(sent)), (1, None)); // a snapshot alone is never fresh
///
/// follower.connected(sent);
/// let heartbeat = r#"{"n":1,"cursor":"9f3c51aa02d7e6b4.7","t":150,"age_ms":40,"now":1795284925}"#;
/// let step = follower.event("hb", heartbeat, sent + Duration::from_millis(3));
/// assert_eq!(step.then, Then::GoOn);
/// assert_eq!(list.staleness(sent), Some(Duration::from_millis(40)));
/// # Ok::<(), jeton_feed::follow::NotUnderstood>(())
/// ```
#[derive(Debug)]
pub struct Follower {
    list: Arc<RevocationList>,
    cursor: Option<FeedCursor>,
    connection: Option<Connection>,
    /// The last answer to a poll, by its `t`, and when it was asked for first.
    polled: Option<(u64, Instant)>,
    outdated: bool,
    tap: Option<Tap>,
}

impl Follower {
    /// A follower that fills this list, which should be a
    /// [following](RevocationList::following) one.
    #[must_use]
    pub fn new(list: Arc<RevocationList>) -> Self {
        Self { list, cursor: None, connection: None, polled: None, outdated: false, tap: None }
    }

    /// The same follower, which tells of everything it brings to its list: after it is there, and
    /// before the list is called complete.
    #[must_use]
    pub fn with_tap(self, tap: Tap) -> Self {
        Self { tap: Some(tap), ..self }
    }

    /// Where to connect; `None` before the first snapshot and after a reset.
    #[must_use]
    pub const fn cursor(&self) -> Option<FeedCursor> {
        self.cursor
    }

    /// Whether the feed has told of something that this version does not know. Then the list is
    /// [distrusted](RevocationList::distrust), until a newer version takes over.
    #[must_use]
    pub const fn outdated(&self) -> bool {
        self.outdated
    }

    /// Takes a snapshot in JSON: merges it, and goes on from its cursor.
    ///
    /// A snapshot may be one that was made for somebody else a moment ago, so it proves nothing
    /// about how old the list is. That is for heartbeats.
    ///
    /// # Errors
    ///
    /// [`NotUnderstood`]
    pub fn snapshot(&mut self, json: &[u8]) -> Result<Taken, NotUnderstood> {
        let read: Read<Snapshot> = read(json);
        self.note(read.outdated);
        self.merge(&read.salvaged);
        let snapshot = read.whole.ok_or(NotUnderstood)?;
        Ok(self.take_snapshot(snapshot))
    }

    /// Takes a snapshot that was read already.
    pub fn take_snapshot(&mut self, snapshot: Snapshot) -> Taken {
        let retention = Duration::from_secs(snapshot.retention);
        self.list.set_retention(retention);
        self.merge(&snapshot.e);
        self.tell(Brought::Snapshot);
        self.cursor = Some(snapshot.cursor);
        self.connection = None;
        Taken { keys: snapshot.jwks, retention, now: snapshot.complete.now }
    }

    /// A new connection, asked for at this moment with the cursor one has.
    ///
    /// The moment has to be one before the first byte of the request left: everything that follows
    /// is measured from it.
    pub fn connected(&mut self, requested_at: Instant) {
        self.connection = Some(Connection::new(requested_at));
    }

    /// Takes an event of the connection.
    pub fn event(&mut self, name: &str, data: &str, arrived_at: Instant) -> Step {
        let step = match name {
            "keys" => read(data.as_bytes()).whole.map(|keys| self.keys(keys)),
            "rev" => self
                .salvage(read(data.as_bytes()))
                .map(|revocations| self.revocations(revocations, arrived_at)),
            "hb" => read(data.as_bytes()).whole.map(|beat| self.heartbeat(beat, arrived_at)),
            "reset" => Some(self.reset()),
            _ => None,
        };
        step.unwrap_or_else(|| self.lost())
    }

    /// Takes the answer to a poll that was asked for, with the cursor one has, at this moment.
    pub fn polled(&mut self, json: &[u8], requested_at: Instant) -> Step {
        self.connection = None;
        let Some(polled): Option<Polled> = self.salvage(read(json)) else {
            return Step::only(Then::Reconnect);
        };
        self.bring(&polled.e);
        if polled.reset {
            return self.reset();
        }
        if self.cursor != Some(polled.after) {
            return Step::only(Then::Reconnect);
        }
        self.cursor = Some(polled.cursor);
        let Complete { t, age_ms, now } = polled.complete;
        // The same answer again is one that something on the way has kept: no younger than before.
        let known = self.polled.filter(|(known, _)| *known == t).map(|(_, asked_at)| asked_at);
        let now = known.is_none().then_some(now);
        let requested_at = known.unwrap_or(requested_at);
        self.polled = Some((t, requested_at));
        self.complete_as_of(connection::before(requested_at, age_ms));
        let canary = latest_canary(&polled.e);
        let delay = canary.map(|issued| Duration::from_millis(t.saturating_sub(issued)));
        self.measured(delay);
        Step { then: Then::GoOn, keys: Some(polled.jwks), now, delay }
    }

    fn keys(&mut self, keys: Keys) -> Step {
        if !self.is_next(keys.n) {
            return self.lost();
        }
        Step { keys: Some(keys.jwks), ..Step::only(Then::GoOn) }
    }

    fn revocations(&mut self, revocations: Revocations, arrived_at: Instant) -> Step {
        let Revocations { n, after, cursor, e } = revocations;
        self.bring(&e);
        if !self.is_next(n) || self.cursor != Some(after) {
            return self.lost();
        }
        self.cursor = Some(cursor);
        let issued = latest_canary(&e);
        let connection = self.connection.as_ref();
        let delay = connection.zip(issued).and_then(|(c, t)| c.canary(t, arrived_at));
        self.measured(delay);
        Step { delay, ..Step::only(Then::GoOn) }
    }

    fn heartbeat(&mut self, heartbeat: Heartbeat, arrived_at: Instant) -> Step {
        let Heartbeat { n, cursor, complete } = heartbeat;
        if !self.is_next(n) || self.cursor != Some(cursor) {
            return self.lost();
        }
        let connection = self.connection.as_mut();
        let moment = connection.and_then(|c| c.heartbeat(complete, arrived_at));
        self.complete_as_of(moment);
        Step { now: Some(complete.now), ..Step::only(Then::GoOn) }
    }

    /// Whether an event is the next one of a connection on which nothing was lost.
    fn is_next(&mut self, n: u64) -> bool {
        self.connection.as_mut().is_some_and(|connection| connection.is_next(n))
    }

    /// What comes now on this connection is merged, and believed in nothing else.
    fn lost(&mut self) -> Step {
        self.connection = None;
        Step::only(if self.cursor.is_some() { Then::Reconnect } else { Then::FetchSnapshot })
    }

    fn reset(&mut self) -> Step {
        self.connection = None;
        self.cursor = None;
        Step::only(Then::FetchSnapshot)
    }

    /// Brings the entries of what cannot be read whole.
    fn salvage<T>(&mut self, read: Read<T>) -> Option<T> {
        self.note(read.outdated);
        self.bring(&read.salvaged);
        read.whole
    }

    /// Where an entry is not known, the list cannot hold what the feed tells.
    fn note(&mut self, is_outdated: bool) {
        if is_outdated {
            self.outdated = true;
            self.list.distrust();
        }
    }

    fn bring(&self, entries: &[WireEntry]) {
        if !entries.is_empty() {
            self.merge(entries);
            self.tell(Brought::Revocations(entries));
        }
    }

    fn measured(&self, delay: Option<Duration>) {
        if let Some(delay) = delay {
            self.tell(Brought::Measured(delay));
        }
    }

    fn tell(&self, brought: Brought<'_>) {
        if let Some(tap) = &self.tap {
            tap.tell(brought);
        }
    }

    fn merge(&self, entries: &[WireEntry]) {
        let refused = entries.iter().filter_map(|entry| match entry {
            WireEntry::Refused(entry) => Some(entry.clone()),
            WireEntry::Canary { .. } => None,
        });
        let refused: Vec<Entry> = refused.collect();
        if !refused.is_empty() {
            self.list.merge(&refused);
        }
    }

    fn complete_as_of(&self, moment: Option<Instant>) {
        if let Some(moment) = moment {
            self.list.complete_as_of(moment);
            self.tell(Brought::Fresh);
        }
    }
}

/// When the youngest canary among these was issued, on the server's clock.
fn latest_canary(entries: &[WireEntry]) -> Option<u64> {
    let issued = entries.iter().filter_map(|entry| match entry {
        WireEntry::Canary { t, .. } => Some(*t),
        WireEntry::Refused(_) => None,
    });
    issued.max()
}
