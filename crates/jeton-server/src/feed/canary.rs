//! Sends a revocation of nothing now and then.

use std::future::pending;
use std::time::Duration;

use jeton_session::Canary;
use tokio::time::{MissedTickBehavior, interval};

use crate::app::App;
use crate::feed::outage::Outage;

/// Sends them without end; where the settings want none, none.
pub(super) async fn send(app: &App) {
    let every = app.settings().feed.canary;
    if every == 0 {
        return pending().await;
    }
    let mut outage = Outage::of("sending a canary");
    let mut times = interval(Duration::from_secs(every));
    times.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        times.tick().await;
        let publisher = app.feed().publisher();
        let canary = Canary { feed: publisher.feed(), t: publisher.millis() };
        match app.sessions().send_canary(canary, app.now()).await {
            Ok(()) => outage.ends(),
            Err(error) => outage.begins(&error),
        }
    }
}
