//! What a relay tells others: everything that it was told, and how old that is.
//!
//! A feed of its own, with positions of its own. Where upstream begins anew, so does this one, and
//! those who read it come back and take the snapshot.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use jeton::RevocationList;
use jeton_account::RandomError;
use jeton_feed::follow::Brought;
use jeton_feed::publish::{Origin, Publisher};
use jeton_feed::subscribe::Subscriber;
use jeton_feed::wire::WireEntry;
use tokio::sync::Notify;
use tokio::time::{Instant, timeout};
use tracing::{error, info};

use crate::app::random;
use crate::clock::Clock;

/// Readers hear something at least so often.
const SECOND: Duration = Duration::from_secs(1);

/// How long a canary means anything.
const CANARY: Duration = Duration::from_mins(1);

/// Publishes what a subscriber brings.
#[derive(Debug)]
pub struct Outlet {
    list: Arc<RevocationList>,
    now: Clock,
    state: Mutex<State>,
    heard: Notify,
}

#[derive(Debug)]
struct State {
    publisher: Publisher,
    position: u64,
    closed: bool,
}

impl Outlet {
    /// An outlet of this list, under a name that nobody else has.
    pub(super) fn new(list: Arc<RevocationList>, now: Clock) -> Result<Self, RandomError> {
        let mut name = [0; 8];
        random(&mut name)?;
        let publisher = publisher(u64::from_be_bytes(name), &list, now);
        let state = Mutex::new(State { publisher, position: 0, closed: false });
        Ok(Self { list, now, state, heard: Notify::new() })
    }

    /// What publishes now.
    #[must_use]
    pub fn publisher(&self) -> Publisher {
        self.state().publisher.clone()
    }

    /// Ends every stream and poll, now and from now on.
    pub fn close(&self) {
        let mut state = self.state();
        state.closed = true;
        state.publisher.close();
    }

    /// Tells others what was brought; it is on the list already.
    pub(super) fn take(&self, brought: Brought<'_>) {
        match brought {
            Brought::Snapshot => self.begin_anew(),
            Brought::Revocations(entries) => {
                let refused = entries.iter().filter(|e| matches!(e, WireEntry::Refused(_)));
                self.publish(&refused.cloned().collect::<Vec<_>>());
            }
            Brought::Measured(delay) => self.pass_canary(delay),
            Brought::Fresh => self.heard.notify_one(),
            _ => {}
        }
    }

    /// Sends a heartbeat after each of upstream's, and at least each second, for as long as it is
    /// polled: a list that gets older says so.
    pub async fn beat(&self, subscriber: &Subscriber) {
        loop {
            // Whichever comes first.
            let _ = timeout(SECOND, self.heard.notified()).await;
            if let Err(error) = self.tell(subscriber) {
                error!(%error, "no heartbeat could be written");
            }
        }
    }

    fn tell(&self, subscriber: &Subscriber) -> Result<(), serde_json::Error> {
        // First the moment, then the publisher: everything before that moment was published by this
        // one, or is in the snapshot that this one begins with.
        let now = Instant::now();
        let age = self.list.staleness(now.into_std());
        let as_of = age.and_then(|age| now.checked_sub(age));
        let publisher = self.publisher();
        if let Some(jwks) = subscriber.jwks() {
            publisher.set_keys(jwks)?;
            if let Some(as_of) = as_of {
                publisher.complete(as_of);
            }
        }
        publisher.heartbeat()
    }

    /// What a snapshot has brought nobody has listed: whoever reads has to take ours.
    fn begin_anew(&self) {
        let mut state = self.state();
        let another = publisher(state.publisher.feed().wrapping_add(1), &self.list, self.now);
        if state.closed {
            another.close();
        }
        let old = std::mem::replace(&mut state.publisher, another);
        state.position = 0;
        drop(state);
        old.close();
        info!(event = "relay_began_anew", entries = self.list.len());
    }

    fn publish(&self, entries: &[WireEntry]) {
        if entries.is_empty() {
            return;
        }
        let mut state = self.state();
        state.position += 1;
        if let Err(error) = state.publisher.publish(entries, state.position, state.position) {
            error!(%error, "revocations cannot be passed on");
        }
    }

    /// A canary of ours, that was under way as long as the one that has just arrived.
    fn pass_canary(&self, delay: Duration) {
        let until = (self.now)().after(CANARY);
        let delay = u64::try_from(delay.as_millis()).unwrap_or(u64::MAX);
        let t = self.publisher().millis().saturating_sub(delay);
        self.publish(&[WireEntry::Canary { until, t }]);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn publisher(feed: u64, list: &Arc<RevocationList>, now: Clock) -> Publisher {
    let origin = Origin { feed, position: 0, retention: list.bound().retention };
    Publisher::new(origin, Arc::clone(list), now)
}
