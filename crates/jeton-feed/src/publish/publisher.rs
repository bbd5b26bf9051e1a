//! What a service holds of its feed.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use jeton::{RevocationList, Timestamp};
use serde_json::Value;
use tokio::sync::watch;
use tokio::time::{Instant, timeout};

use crate::publish::frame::{self, Frame};
use crate::publish::hub::{Hub, keys};
use crate::publish::ring::Told;
use crate::publish::snapshots::{Form, NoSnapshot, Snapshots};
use crate::publish::stats::Stats;
use crate::publish::subscription::{Subscription, closed};
use crate::wire::{FeedCursor, WireEntry};

/// How long a poll may wait.
const LONGEST_POLL: Duration = Duration::from_secs(25);

/// How long a poll waits at least where it may have had already what there is.
const MOMENT: Duration = Duration::from_millis(250);

/// Publishes what is revoked. Cheap to clone.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
/// use jeton::{Entry, Fingerprint, Reason, Refused, RevocationList, Timestamp};
/// use jeton_feed::publish::{Origin, Publisher};
/// use jeton_feed::wire::FeedCursor;
///
/// # tokio::runtime::Builder::new_current_thread().enable_time().build().unwrap().block_on(async {
/// let origin = Origin { feed: 7, position: 4_711, retention: Duration::from_secs(690) };
/// let now = || Timestamp::from_secs(1_800_000_000); // the clock
/// let list = Arc::new(RevocationList::new());
/// let publisher = Publisher::new(origin, Arc::clone(&list), now);
/// publisher.complete(tokio::time::Instant::now());
/// let mut feed = publisher.subscribe(FeedCursor { feed: 7, position: 4_711 }).unwrap();
///
/// let refused = Refused::Token(Fingerprint::of_token("t1"), Reason::Revoked);
/// let entry = Entry { refused, until: Timestamp::from_secs(1_800_000_690) };
/// list.apply(&entry); // first
/// publisher.publish(&[entry.into()], 4_712, 4_712)?;
///
/// let bytes = feed.next().await.unwrap();
/// assert!(bytes.starts_with(b"event: keys\ndata: {\"n\":1,"));
/// # Ok::<(), serde_json::Error>(())
/// # }).unwrap();
/// ```
#[derive(Clone, Debug)]
pub struct Publisher {
    hub: Arc<Hub>,
    snapshots: Arc<Snapshots>,
}

/// Where a feed begins.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// Its name: random, another for each hub, unless all that have it publish the same revocations
    /// at the same places.
    pub feed: u64,
    /// The place after which everything is published that is still remembered: cursors from here on
    /// are of use.
    pub position: u64,
    /// R: how long a revocation is remembered.
    pub retention: Duration,
}

/// A cursor is of no use: of another feed, or too old.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the cursor is of no use; fetch the snapshot")]
pub struct Reset;

impl Reset {
    /// The one event of the stream.
    #[must_use]
    pub fn to_sse(self) -> Bytes {
        let mut bytes = bytes::BytesMut::new();
        let frame = Frame::bare("reset");
        frame.begin(1, &mut bytes);
        bytes.extend_from_slice(frame.rest());
        bytes.freeze()
    }
}

impl Publisher {
    /// A hub without keys, whose list knows everything up to the origin's position. `wall` is the
    /// time of day.
    ///
    /// Several hubs may publish one feed: then all have its name, and count its places alike.
    #[must_use]
    pub fn new(
        origin: Origin,
        list: Arc<RevocationList>,
        wall: impl Fn() -> Timestamp + Send + Sync + 'static,
    ) -> Self {
        let hub = Hub::new(origin, list, wall);
        Self { hub: Arc::new(hub), snapshots: Arc::default() }
    }

    /// Which feed this is.
    #[must_use]
    pub fn feed(&self) -> u64 {
        self.hub.feed
    }

    /// `t`: milliseconds of the feed's clock.
    #[must_use]
    pub fn millis(&self) -> u64 {
        self.hub.clock.millis(Instant::now()).unwrap_or_default()
    }

    /// Publishes revocations, the last of them at the place `highest`; and that everything up to the
    /// place `complete` has been published, these among it or not. All of them are on the list
    /// already, with their names where they are known: a full list makes more of those.
    ///
    /// A cursor is a place up to which everything was published. Where one process publishes alone,
    /// both are the last place. Where several do, each reads in an order of its own: then what is
    /// complete lags behind, and moves without any revocation. It never goes back here, but it may for
    /// a reader that goes from one process to another.
    ///
    /// # Errors
    ///
    /// That of an entry which has no form on the wire. Nobody was told then, and nothing later may
    /// be published.
    pub fn publish(
        &self,
        entries: &[WireEntry],
        highest: u64,
        complete: u64,
    ) -> Result<(), serde_json::Error> {
        let json = frame::entries(entries)?;
        let mut state = self.hub.state();
        let after = state.ring.told().complete;
        let cursor = after.max(complete);
        if entries.is_empty() && cursor == after {
            return Ok(());
        }
        let is_canary = |entry: &&WireEntry| matches!(entry, WireEntry::Canary { .. });
        let canaries = entries.iter().filter(is_canary).count();
        self.hub.counters.published.add(entries.len() - canaries);
        let ends = [after, cursor].map(|place| self.hub.cursor(place));
        let frame = Frame::rev(ends[0], ends[1], std::slice::from_ref(&json));
        if !entries.is_empty() {
            // Nothing comes at a place that was complete. If it does, it is told all the same.
            let highest = highest.max(after.saturating_add(1));
            state.ring.push(highest, entries.len(), json);
        }
        state.ring.complete(cursor);
        if let Some(live) = &state.live {
            // An error is that nobody listens.
            let _ = live.events.send(frame);
            live.told.send_replace(state.ring.told());
        }
        Ok(())
    }

    /// Everything revoked before this moment has been published. An earlier moment than one told
    /// before changes nothing.
    pub fn complete(&self, as_of: Instant) {
        let mut state = self.hub.state();
        state.as_of = state.as_of.max(Some(as_of));
    }

    /// Tells everybody how good their knowledge is: each second, whether or not that got better.
    ///
    /// # Errors
    ///
    /// Never, but for want of memory.
    pub fn heartbeat(&self) -> Result<(), serde_json::Error> {
        let state = self.hub.state();
        if let Some((frame, live)) = self.hub.heartbeat(&state)?.zip(state.live.as_ref()) {
            let _ = live.events.send(frame);
        }
        Ok(())
    }

    /// Publishes another JWK Set, if it is another.
    ///
    /// # Errors
    ///
    /// Never, but for want of memory.
    pub fn set_keys(&self, jwks: Value) -> Result<(), serde_json::Error> {
        let frame = keys(&jwks)?;
        let mut state = self.hub.state();
        if state.jwks != jwks {
            state.jwks = jwks;
            if let Some(live) = &state.live {
                let _ = live.events.send(frame);
            }
        }
        Ok(())
    }

    /// A stream that goes on behind this cursor: the keys, everything after the cursor in one event,
    /// a heartbeat of this moment, and then whatever comes.
    ///
    /// # Errors
    ///
    /// [`Reset`]
    pub fn subscribe(&self, cursor: FeedCursor) -> Result<Subscription, Reset> {
        let hub = &self.hub;
        let mut state = hub.state();
        let missed = hub.missed(&mut state, cursor).inspect_err(|_| hub.counters.resets.add(1))?;
        // Neither can fail: strings and numbers, into memory.
        let keys = keys(&state.jwks).ok();
        let heartbeat = hub.heartbeat(&state).ok().flatten();
        let first = [keys, missed, heartbeat].into_iter().flatten().collect();
        let live = state.live.as_ref().map_or_else(closed, |live| live.events.subscribe());
        Ok(Subscription::new(first, live, Arc::clone(&hub.counters)))
    }

    /// What was revoked after a cursor, as [`Polled`](crate::wire::Polled) in JSON. If that is
    /// nothing, waits for the first, but 25 seconds at most. No cursor is one of no use.
    ///
    /// # Errors
    ///
    /// [`NoSnapshot`]
    pub async fn poll(
        &self,
        cursor: Option<FeedCursor>,
        wait: Duration,
    ) -> Result<Bytes, NoSnapshot> {
        let hub = &self.hub;
        if let Some(cursor) = cursor.filter(|cursor| hub.knows(*cursor)) {
            let told = hub.state().live.as_ref().map(|live| live.told.subscribe());
            if let Some(told) = told {
                // Too late or closed: either way the answer is what there is now.
                let _ = timeout(wait.min(LONGEST_POLL), news(told, cursor.position)).await;
            }
        }
        hub.polled(cursor)
    }

    /// Everything that is remembered, with a cursor behind which the feed goes on.
    ///
    /// # Errors
    ///
    /// [`NoSnapshot`]
    pub async fn snapshot(&self, form: Form) -> Result<Bytes, NoSnapshot> {
        let snapshot = self.snapshots.get(&self.hub, form).await?;
        self.hub.counters.snapshots.add(1);
        Ok(snapshot)
    }

    /// Whether it was ever complete.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.hub.state().as_of.is_some()
    }

    /// Ends every stream and poll, and those that are still to come at once.
    pub fn close(&self) {
        self.hub.state().live = None;
    }

    /// What it has done so far.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let counters = &self.hub.counters;
        let state = self.hub.state();
        Stats {
            position: state.ring.told().complete,
            published: counters.published.get(),
            subscribers: counters.subscribers.get(),
            subscribed: counters.subscribed.get(),
            slow: counters.slow.get(),
            resets: counters.resets.get(),
            snapshots: counters.snapshots.get(),
            built: counters.built.get(),
            snapshot_bytes: counters.snapshot_bytes.get(),
            age: state.as_of.map(|as_of| as_of.elapsed()),
        }
    }
}

/// Waits for something behind a place.
///
/// What lies behind everything that is complete may have been answered before: a cursor does not pass
/// it until others are that far. Then it is answered again, but not as fast as one can ask.
async fn news(mut told: watch::Receiver<Told>, place: u64) {
    let known = *told.borrow_and_update();
    // Errors are that the feed has been closed.
    if known.highest <= place {
        let _ = told.wait_for(|told| told.highest > place).await;
    } else if known.complete <= place {
        let _ = timeout(MOMENT, told.wait_for(|told| told.complete > place)).await;
    }
}
