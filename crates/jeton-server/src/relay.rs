//! `jeton relay`: follows a feed, and serves it again, to a host or to a rack.
//!
//! ```text
//! upstream ─▶ Subscriber ─▶ list ─▶ Outlet (a Publisher) ─▶ streams, polls, snapshots
//!                             └▶ Gate ─▶ /v1/check
//! ```
//!
//! A relay adds its own age to that of what it heard: it never says that it knows more than it was
//! told. It holds no secret but its own, issues nothing and stores nothing.

mod outlet;

pub use self::outlet::Outlet;

use std::fs;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jeton::{Bound, RevocationList, StalePolicy, Staleness, Timestamp};
use jeton_account::RandomError;
use jeton_feed::follow::Tap;
use jeton_feed::subscribe::{self, Credentials, Subscriber};
use jeton_tower::Gate;
use zeroize::Zeroizing;

use crate::app::transport;
use crate::clock::Clock;
use crate::feed::{Places, Reports};
use crate::settings::Settings;

/// A list that was complete once is good enough to read a feed by.
const ANY_AGE: Staleness = Staleness { max: Duration::MAX, policy: StalePolicy::Refuse };

/// A relay. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Relay {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    settings: Settings,
    subscriber: Subscriber,
    outlet: Arc<Outlet>,
    gate: Gate,
    feed_gate: Gate,
    places: Places,
    reports: Reports,
}

/// Why a relay did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RelayError {
    /// A setting is missing.
    #[error("relay.{0} is missing")]
    Missing(&'static str),
    /// The file with the secret.
    #[error("relay.client_secret_file: {path}: {error}", path = .0.display(), error = .1)]
    Secret(PathBuf, io::Error),
    /// What it would subscribe at.
    #[error("relay.upstream: {0}")]
    Subscriber(#[from] subscribe::StartError),
    /// The system's randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// Another setting.
    #[error("{0}")]
    Setting(String),
}

impl Relay {
    /// Begins to follow upstream, which need not be there yet.
    ///
    /// # Errors
    ///
    /// [`RelayError`]
    pub fn start(settings: Settings, now: Clock) -> Result<Self, RelayError> {
        let bound =
            Bound { entries: settings.feed.max_entries, retention: settings.terms().retention() };
        let list = Arc::new(RevocationList::following().with_bound(bound));
        let outlet = Arc::new(Outlet::new(Arc::clone(&list), now)?);
        let told = Arc::clone(&outlet);
        let upstream = upstream(&settings, now)?
            .with_list(list)
            .with_tap(Tap::new(move |brought| told.take(brought)));
        let subscriber = Subscriber::start(upstream)?;

        let transport = transport(&settings);
        let transport = transport.map_err(|error| RelayError::Setting(error.to_string()))?;
        let policy = settings.terms().access_policy();
        let gate = |staleness| {
            let guard = subscriber.guard_with(policy.clone(), staleness);
            Gate::new(guard, transport.clone(), subscriber.clock())
        };
        let (gate, feed_gate) = (gate(Staleness::default()), gate(ANY_AGE));
        let places = settings.feed.connections.min(settings.http.connections.div_ceil(2));
        let places = Places::new(places);
        let reports = Reports::default();
        let parts = Parts { settings, subscriber, outlet, gate, feed_gate, places, reports };
        Ok(Self { parts: Arc::new(parts) })
    }
}

impl Relay {
    /// The settings it was started with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// What follows upstream.
    #[must_use]
    pub fn subscriber(&self) -> &Subscriber {
        &self.parts.subscriber
    }

    /// What tells others.
    #[must_use]
    pub fn outlet(&self) -> &Arc<Outlet> {
        &self.parts.outlet
    }

    /// What gateways are answered by.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.parts.gate
    }

    /// Whom the feed is read by: whoever could, when upstream was heard last.
    #[must_use]
    pub fn feed_gate(&self) -> &Gate {
        &self.parts.feed_gate
    }

    /// Places for those who read the feed.
    #[must_use]
    pub fn places(&self) -> &Places {
        &self.parts.places
    }

    /// What verifiers say of it.
    #[must_use]
    pub fn reports(&self) -> &Reports {
        &self.parts.reports
    }

    /// The time of day, which no clock that is set back turns back.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.subscriber().clock()().wall()
    }
}

/// Where to subscribe, as the settings say.
fn upstream(settings: &Settings, now: Clock) -> Result<subscribe::Settings, RelayError> {
    let relay = &settings.relay;
    let path = &relay.client_secret_file;
    for (name, is_missing) in [
        ("upstream", relay.upstream.is_empty()),
        ("client_id", relay.client_id.is_empty()),
        ("client_secret_file", path.as_os_str().is_empty()),
    ] {
        if is_missing {
            return Err(RelayError::Missing(name));
        }
    }
    let secret = fs::read_to_string(path);
    let secret = secret.map_err(|error| RelayError::Secret(path.clone(), error))?;
    let secret = Zeroizing::new(secret);
    let client = Credentials::client(&relay.client_id, secret.trim_end());
    let has_issuer = !relay.tokens_from.is_empty();
    let issuer = if has_issuer { &relay.tokens_from } else { &relay.upstream };
    let upstream = subscribe::Settings::new(issuer, client, now)
        .with_feed(&relay.upstream)
        .with_name(&relay.name);
    let has_file = !relay.file.as_os_str().is_empty();
    Ok(if has_file { upstream.with_file(&relay.file) } else { upstream })
}
