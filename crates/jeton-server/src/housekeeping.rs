//! What has to happen now and then: settle, sweep, follow the keyring.

use std::time::{Duration, SystemTime};

use tokio::time::{MissedTickBehavior, interval};
use tracing::{info, warn};

use crate::app::App;
use crate::keys;

/// How soon the service follows what the command line has changed.
const FOLLOW: Duration = Duration::from_secs(1);

/// Rounds between two sweeps.
const SWEEP: u64 = 30;

/// Works until dropped. A round that fails says so, and the next one tries again.
pub async fn keep(app: App) {
    let mut keyring = keys::changed_at(app.settings());
    let mut rounds = interval(FOLLOW);
    rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    for round in 0_u64.. {
        rounds.tick().await;
        if let Err(error) = app.settle_password_changes().await {
            warn!(%error, "password changes wait to be settled");
        }
        if let Err(error) = app.sessions().catch_up().await {
            warn!(%error, "revocations wait to be followed");
        }
        follow_keyring(&app, &mut keyring);
        if round % SWEEP == 0 {
            sweep(&app).await;
        }
    }
}

fn follow_keyring(app: &App, seen: &mut Option<SystemTime>) {
    let changed = keys::changed_at(app.settings());
    if changed == *seen {
        return;
    }
    *seen = changed;
    let read = keys::read(app.settings());
    match read.map(|keyring| app.sessions().set_keyring(keyring)) {
        Ok(Ok(())) => info!(event = "keyring_changed"),
        Ok(Err(error)) => warn!(%error, "the changed keyring is not usable; the old one stays"),
        Err(error) => warn!(%error, "the changed keyring is not readable; the old one stays"),
    }
}

async fn sweep(app: &App) {
    let now = app.now();
    app.guard().revocations().sweep(now);
    loop {
        match app.sessions().store().sweep(now).await {
            Ok(true) => tokio::task::yield_now().await,
            Ok(false) => return,
            Err(error) => return warn!(%error, "the sweep has to wait"),
        }
    }
}
