//! What has to happen now and then: settle, sweep, follow the keyring.

mod store;

use std::time::{Duration, Instant};

use jeton::Timestamp;
use tokio::time::{Instant as TokioInstant, MissedTickBehavior, interval, sleep};
use tracing::{info, warn};

use crate::app::App;
use crate::keys::{self, KeyFileError};

/// How soon the service follows what the command line has changed in the database.
const FOLLOW: Duration = Duration::from_secs(1);

/// How soon it follows the keyring: a key that was withdrawn may be a thief's by now.
const LOOK: Duration = Duration::from_millis(20);

/// The same where it is shared, and somebody has to be asked.
const LOOK_AT_SHARED: Duration = Duration::from_millis(100);

/// Rounds between two sweeps.
const SWEEP: u64 = 30;

/// How far the clock may run ahead of the time that has passed.
const LEAP: Duration = Duration::from_mins(1);

/// Works until dropped. A round that fails says so, and the next one tries again.
pub async fn keep(app: App) {
    tokio::join!(keep_rounds(&app), follow_keyring(&app), store::watch(&app));
}

async fn keep_rounds(app: &App) {
    let retention = app.sessions().terms().retention();
    let mut clock = ClockWatch::new(app.now(), Instant::now(), retention);
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
        clock.look(app.now(), Instant::now(), retention);
        if round % SWEEP == 0 && clock.may_forget(Instant::now()) {
            sweep(app).await;
        }
    }
}

/// Follows the keyring of the data folder, or the one that a fleet shares.
async fn follow_keyring(app: &App) {
    if app.shares_keys() { follow_shared(app).await } else { follow_file(app).await }
}

async fn follow_shared(app: &App) {
    let mut is_told = false;
    loop {
        match app.look_at_keys(TokioInstant::now()).await {
            Ok(()) => {
                is_told = false;
                sleep(LOOK_AT_SHARED).await;
            }
            Err(error) => {
                if !is_told {
                    warn!(%error, "the shared keyring cannot be followed; the old one stays");
                }
                is_told = true;
                sleep(FOLLOW).await;
            }
        }
    }
}

async fn follow_file(app: &App) {
    // Nothing seen yet: the file may have changed since the start has read it.
    let mut seen = None;
    loop {
        let changed = keys::changed_at(app.settings());
        if changed == seen {
            sleep(LOOK).await;
        } else if take_keyring(app).await {
            if seen.is_some() {
                info!(event = "keyring_changed");
            }
            seen = changed;
        } else {
            sleep(FOLLOW).await;
        }
    }
}

/// Takes the keyring as it is by now. Answers whether everything is done that follows from it.
async fn take_keyring(app: &App) -> bool {
    let keyring = match keys::read(app.settings()) {
        Ok(keyring) => keyring,
        Err(error) => {
            warn!(%error, "the changed keyring is not readable; the old one stays");
            return false;
        }
    };
    match app.take_keyring(keyring).await {
        Ok(()) => true,
        Err(KeyFileError::Store(error)) => {
            warn!(%error, "verifiers wait to hear of withdrawn keys");
            false
        }
        Err(error) => {
            warn!(%error, "the changed keyring is not usable; the old one stays");
            false
        }
    }
}

/// Notices when the clock leaps ahead.
///
/// What has expired is forgotten, and a clock that was wrong for a minute would make that of things
/// which have not. So nothing is forgotten for as long as a revocation is remembered after a leap;
/// by then the clock is right, or what it says is true. The same goes for a start: a machine that has
/// just been switched on may not have asked anybody for the time yet.
struct ClockWatch {
    last: (Timestamp, Instant),
    distrusted_until: Option<Instant>,
}

impl ClockWatch {
    fn new(wall: Timestamp, monotonic: Instant, retention: Duration) -> Self {
        let distrusted_until = monotonic.checked_add(retention);
        Self { last: (wall, monotonic), distrusted_until }
    }

    fn look(&mut self, wall: Timestamp, monotonic: Instant, retention: Duration) {
        let (last_wall, last_monotonic) = std::mem::replace(&mut self.last, (wall, monotonic));
        let passed = monotonic.saturating_duration_since(last_monotonic);
        if wall.since(last_wall) > passed + LEAP {
            warn!(event = "clock_leapt", "nothing is forgotten for a while");
            self.distrusted_until = monotonic.checked_add(retention);
        }
    }

    fn may_forget(&self, monotonic: Instant) -> bool {
        self.distrusted_until.is_none_or(|until| monotonic >= until)
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

#[cfg(test)]
mod tests {
    use super::*;

    /// INV1
    #[test]
    fn nothing_is_forgotten_for_a_while_after_a_start() {
        let (wall, start) = (Timestamp::from_secs(1_800_000_000), Instant::now());
        let retention = Duration::from_secs(690);
        let mut clock = ClockWatch::new(wall.after(Duration::from_hours(1)), start, retention);

        clock.look(wall, start, retention);
        assert!(!clock.may_forget(start + Duration::from_secs(689)), "it was ahead, and is right");
        assert!(clock.may_forget(start + retention));
    }

    #[test]
    fn nothing_is_forgotten_for_a_while_after_the_clock_leapt() {
        let (wall, start) = (Timestamp::from_secs(1_800_000_000), Instant::now());
        let (hour, retention) = (Duration::from_hours(1), Duration::from_secs(690));
        let mut clock = ClockWatch { last: (wall, start), distrusted_until: None };

        clock.look(wall.after(hour), start + hour, retention);
        assert!(clock.may_forget(start + hour), "an hour has passed");
        clock.look(wall.after(2 * hour), start + hour, retention);
        assert!(!clock.may_forget(start + hour + Duration::from_secs(689)), "a leap");
        clock.look(wall, start + hour, retention);
        assert!(!clock.may_forget(start + hour + Duration::from_secs(689)), "and back");
        assert!(clock.may_forget(start + hour + retention));
    }
}
