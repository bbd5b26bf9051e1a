//! What the tasks of a subscriber share with whoever asks it.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{self, Duration};

use jeton::{
    Guard, JwkSet, KeyError, KeySet, Moment, Policy, RevocationList, Staleness, Timestamp,
};
use serde_json::Value;
use tokio::sync::{Notify, watch};
use tokio::time::Instant;
use tracing::{info, warn};

use super::StartError;
use super::address::Address;
use super::http::Http;
use super::settings::{Settings, WallClock};
use super::status::{Notes, Status};
use super::token::Tokens;
use crate::clock::{SteadyClock, TwoClocks};
use crate::follow::{Brought, Follower, Tap};
use crate::wire::WireEntry;

/// Clocks that are further apart than this are worth a word.
const APART: Duration = Duration::from_secs(5);

/// One list, and everything about it.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) list: Arc<RevocationList>,
    pub(super) http: Http,
    pub(super) tokens: Tokens,
    pub(super) notes: Notes,
    pub(super) staleness: Staleness,
    /// R, once a snapshot has told it.
    retention: Mutex<Option<Duration>>,
    /// A canary was measured.
    pub(super) measured: Notify,
    /// There is a new snapshot.
    pub(super) snapshot_taken: Notify,
    /// How often the list or its keys have changed.
    changes: Arc<AtomicU64>,
    tap: Option<Tap>,
    ready: watch::Sender<bool>,
    wall: WallClock,
    clocks: TwoClocks,
    /// By which the age of the list is told.
    pub(super) steady: SteadyClock,
    clocks_apart: Mutex<bool>,
    keys: Mutex<Keys>,
}

/// The newest set, and the guards that go by it.
#[derive(Debug, Default)]
struct Keys {
    jwks: Option<Value>,
    set: KeySet,
    guards: Vec<Weak<Guard>>,
}

impl Shared {
    pub(super) fn new(settings: &Settings) -> Result<Self, StartError> {
        let issuer = Address::parse(&settings.url, settings.allow_plain_http)?;
        let feed = match &settings.feed {
            Some(url) => Address::parse(url, settings.allow_plain_http)?,
            None => issuer.clone(),
        };
        Ok(Self {
            list: Arc::clone(&settings.list),
            http: Http::new(issuer, feed, settings.roots.clone())?,
            tokens: Tokens::new(settings.credentials.clone()),
            notes: Notes::default(),
            staleness: settings.staleness,
            retention: Mutex::default(),
            measured: Notify::new(),
            snapshot_taken: Notify::new(),
            changes: Arc::default(),
            tap: settings.tap.clone(),
            ready: watch::Sender::new(false),
            wall: settings.wall,
            clocks: TwoClocks::new(Instant::now().into_std()),
            steady: SteadyClock::new((settings.wall)(), Instant::now().into_std()),
            clocks_apart: Mutex::default(),
            keys: Mutex::default(),
        })
    }

    /// Now, by the later of the two clocks, and by the one that goes on while the machine sleeps.
    pub(super) fn now(&self) -> Moment {
        let wall = (self.wall)();
        let at = Instant::now().into_std();
        Moment::new(self.clocks.later(wall, at), self.steady.tell(wall, at))
    }

    /// Now, by the clock that ages are told by.
    pub(super) fn steadily(&self) -> time::Instant {
        let wall = (self.wall)();
        self.steady.tell(wall, Instant::now().into_std())
    }

    /// By which entries are dropped: the earlier of the two.
    pub(super) fn earlier(&self) -> Option<Timestamp> {
        self.clocks.earlier((self.wall)(), Instant::now().into_std())
    }

    /// Takes the server's time of day.
    pub(super) fn told(&self, now: Timestamp) {
        let at = Instant::now().into_std();
        self.clocks.told(now, at);
        let apart = self.clocks.apart((self.wall)(), at);
        let is_apart = apart > APART;
        let was_apart = {
            let mut held = self.clocks_apart.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *held, is_apart)
        };
        if is_apart && !was_apart {
            let seconds = apart.as_secs();
            warn!(event = "clocks_apart", seconds, "this clock and the issuer's are apart");
        } else if was_apart && !is_apart {
            info!(event = "clocks_agree", "this clock and the issuer's agree again");
        }
    }

    /// The issuer's time of day by now, if it was told.
    pub(super) fn theirs(&self) -> Option<Timestamp> {
        self.clocks.theirs(Instant::now().into_std())
    }

    /// Takes the time of day that a file remembers: the issuer's.
    pub(super) fn remember(&self, now: Timestamp) {
        self.clocks.told(now, Instant::now().into_std());
    }

    /// A follower of the feed that fills the list, and tells whoever wants to know.
    pub(super) fn follower(&self) -> Follower {
        let (changes, tap) = (Arc::clone(&self.changes), self.tap.clone());
        Follower::new(Arc::clone(&self.list)).with_tap(Tap::new(move |brought| {
            let is_change = match brought {
                Brought::Snapshot => true,
                Brought::Revocations(entries) => entries.iter().any(is_refused),
                Brought::Fresh | Brought::Measured(_) => false,
            };
            changes.fetch_add(u64::from(is_change), Ordering::Relaxed);
            if let Some(tap) = &tap {
                tap.tell(brought);
            }
        }))
    }

    pub(super) fn changes(&self) -> u64 {
        self.changes.load(Ordering::Relaxed)
    }

    /// How long a revocation is remembered, once a snapshot has told it.
    pub(super) fn retention(&self) -> Option<Duration> {
        *self.retention.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn retain(&self, retention: Duration) {
        *self.retention.lock().unwrap_or_else(PoisonError::into_inner) = Some(retention);
    }

    /// Takes another JWK Set, for all guards. One that is of no use changes nothing.
    pub(super) fn take_keys(&self, jwks: Value) {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        if keys.jwks.as_ref() == Some(&jwks) {
            return;
        }
        match read_keys(&jwks) {
            Ok(set) => {
                info!(event = "keys_changed", usable = set.len());
                if set.is_empty() {
                    warn!(event = "keys_none", "the issuer publishes no key: no token is accepted");
                }
                for guard in keys.guards.iter().filter_map(Weak::upgrade) {
                    guard.set_keys(set.clone());
                }
                keys.set = set;
                keys.jwks = Some(jwks);
                self.changes.fetch_add(1, Ordering::Relaxed);
            }
            Err(error) => {
                warn!(event = "keys_unusable", %error, "the issuer's new keys are of no use here; the old ones stay");
            }
        }
    }

    /// The newest set that was of use.
    pub(super) fn jwks(&self) -> Option<Value> {
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).jwks.clone()
    }

    /// A guard that has the keys, now and whenever they change.
    pub(super) fn guard(&self, policy: Policy, staleness: Staleness) -> Arc<Guard> {
        let mut keys = self.keys.lock().unwrap_or_else(PoisonError::into_inner);
        let guard = Guard::new(keys.set.clone(), policy, Arc::clone(&self.list));
        let guard = Arc::new(guard.with_staleness(staleness));
        keys.guards.retain(|guard| guard.strong_count() > 0);
        keys.guards.push(Arc::downgrade(&guard));
        guard
    }

    /// Whether the list is young enough now.
    pub(super) fn is_fresh(&self) -> bool {
        let age = self.list.staleness(self.steadily());
        age.is_some_and(|age| age <= self.staleness.max)
    }

    /// After a heartbeat.
    pub(super) fn confirmed(&self) {
        let at = Instant::now().into_std();
        self.steady.agree(at, (self.wall)());
        self.notes.write(|noted| {
            noted.confirmed_at = Some(Instant::now());
            noted.connected = true;
        });
        if !*self.ready.borrow() && self.is_fresh() {
            info!(event = "ready", entries = self.list.len(), "the revocation list is fresh");
            self.ready.send_replace(true);
        }
    }

    pub(super) async fn ready(&self) {
        // The sender lives as long as this does, so there is no other way for it to end.
        let _ = self.ready.subscribe().wait_for(|ready| *ready).await;
    }

    pub(super) fn status(&self) -> Status {
        let now = Instant::now();
        let noted = self.notes.read();
        Status {
            staleness: self.list.staleness(self.steadily()),
            fresh: self.is_fresh(),
            entries: self.list.len(),
            coarsened: self.list.coarsened(),
            cursor_age: noted.confirmed_at.map(|at| now.saturating_duration_since(at)),
            delay: noted.delay,
            connected: noted.connected,
            polling: noted.polling,
            reconnects: noted.reconnects,
            resets: noted.resets,
            outdated: noted.outdated,
        }
    }
}

/// A canary is nothing to remember.
fn is_refused(entry: &WireEntry) -> bool {
    matches!(entry, WireEntry::Refused(_))
}

/// The keys of a set that are of use here. None at all is a mistake, unless the set is empty.
fn read_keys(jwks: &Value) -> Result<KeySet, KeyError> {
    let set = JwkSet::from_json(&jwks.to_string())?;
    let skipped = set.skipped().map(|(id, reason)| {
        warn!(event = "key_skipped", kid = id.map(jeton::KeyId::as_str), %reason);
        reason
    });
    let skipped: Vec<KeyError> = skipped.collect();
    let keys = KeySet::try_from(set)?;
    match skipped.first() {
        Some(reason) if keys.is_empty() => Err(*reason),
        _ => Ok(keys),
    }
}
