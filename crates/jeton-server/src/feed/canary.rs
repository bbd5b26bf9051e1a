//! Sends a revocation of nothing now and then.

use std::future::pending;

use jeton_session::{Canary, SessionStore, Sessions};
use tokio::time::{MissedTickBehavior, interval};

use crate::clock::Clock;
use crate::feed::Feed;
use crate::feed::outage::Outage;

/// Sends them without end; where the settings want none, none.
pub(super) async fn send<S: SessionStore>(feed: &Feed, sessions: &Sessions<S>, now: Clock) {
    let every = feed.canary;
    if every.is_zero() {
        return pending().await;
    }
    let mut outage = Outage::of("sending a canary");
    let mut times = interval(every);
    times.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        times.tick().await;
        let canary = Canary { sender: feed.sender, t: feed.publisher.millis() };
        match sessions.send_canary(canary, now()).await {
            Ok(()) => outage.ends(),
            Err(error) => outage.begins(&error),
        }
    }
}
