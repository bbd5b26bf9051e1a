//! The feed of revocations: from the store to every verifier, and what verifiers say of it.
//!
//! ```text
//! store ── follow ─▶ list ─▶ Publisher ─▶ streams, polls, snapshots
//!   ▲  └── prove ─── "complete as of" ──▶ heartbeats
//!   └───── canary, now and then, the way of every revocation
//! ```
//!
//! Where the store has named the feed, all processes that open it publish the same one, and a cursor
//! is good at any of them (ADR 0022). Where it has not, the feed is named at random at each start:
//! after a restart verifiers take the snapshot and merge it (ADR 0017). When the store cannot be asked, heartbeats go on and their age grows; verifiers then
//! do what they were told to do when they know too little.

mod canary;
mod follow;
mod full;
mod outage;
mod places;
mod prove;
mod reports;
#[cfg(test)]
mod tests;

pub use self::places::{Place, Places};
pub use self::reports::{NotTaken, Report, Reported, Reports};

use std::sync::Arc;
use std::time::Duration;

use jeton::JwkSet;
use jeton_account::RandomError;
use jeton_feed::publish::{Origin, Publisher};
use jeton_session::{Cursor, SessionStore, Sessions};
use serde_json::Value;
use tokio::sync::watch;
use tracing::error;

use crate::app::{App, random};
use crate::clock::Clock;
use crate::settings::Settings;

/// The feed of one process.
#[derive(Debug)]
pub struct Feed {
    publisher: Publisher,
    /// Whose canaries its own are: a number that no other process has.
    sender: u64,
    /// The place in the store's feed up to which everything is published.
    followed: watch::Sender<u64>,
    /// One for each connection that reads the feed, or a snapshot.
    places: Places,
    /// The time between two canaries; zero for none.
    canary: Duration,
    reports: Reports,
}

impl Feed {
    /// A feed that goes on where these sessions are.
    ///
    /// # Errors
    ///
    /// [`RandomError`]
    pub async fn new<S: SessionStore>(
        sessions: &Sessions<S>,
        settings: &Settings,
        now: Clock,
    ) -> Result<Self, RandomError> {
        let sender = random_number()?;
        let shared = sessions.store().feed();
        // A cursor of before a restart, or of another process, is good for as long as anything that
        // came after it is remembered: so all of that is published again. A feed of another name has
        // no cursors yet.
        let start = if shared.is_some() { Cursor::START } else { sessions.followed().await };
        let (position, retention) = (start.position(), sessions.terms().retention());
        let origin = Origin { feed: shared.unwrap_or(sender), position, retention };
        let list = Arc::clone(sessions.guard().revocations());
        // Whoever reads the feed must leave room for those who do not.
        let places = settings.feed.connections.min(settings.http.connections.div_ceil(2));
        let feed = Self {
            publisher: Publisher::new(origin, list, now),
            sender,
            followed: watch::Sender::new(position),
            places: Places::new(places),
            canary: Duration::from_secs(settings.feed.canary),
            reports: Reports::default(),
        };
        feed.publish_keys(&sessions.jwks());
        Ok(feed)
    }

    /// Follows the store without end.
    async fn run<S: SessionStore>(&self, sessions: &Sessions<S>, now: Clock) {
        tokio::join!(
            follow::follow(self, sessions),
            prove::beat(self, sessions),
            canary::send(self, sessions, now)
        );
    }

    /// What publishes it.
    #[must_use]
    pub const fn publisher(&self) -> &Publisher {
        &self.publisher
    }

    /// Places for those who read it.
    #[must_use]
    pub const fn places(&self) -> &Places {
        &self.places
    }

    /// What verifiers say of it.
    #[must_use]
    pub const fn reports(&self) -> &Reports {
        &self.reports
    }

    /// Tells verifiers the keys that sign from now on, or soon will.
    pub fn publish_keys(&self, jwks: &JwkSet) {
        let jwks = serde_json::from_str::<Value>(&jwks.to_json());
        if let Err(error) = jwks.and_then(|jwks| self.publisher.set_keys(jwks)) {
            error!(%error, "the keys cannot be published");
        }
    }
}

fn random_number() -> Result<u64, RandomError> {
    let mut bytes = [0; 8];
    random(&mut bytes)?;
    Ok(u64::from_be_bytes(bytes))
}

/// Follows the store, and tells verifiers, until dropped.
pub async fn keep(app: App) {
    let (feed, sessions) = (app.feed(), app.sessions());
    tokio::join!(feed.run(sessions, app.clock()), full::watch(app.guard().revocations()));
}
