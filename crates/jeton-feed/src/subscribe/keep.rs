//! What has to happen now and then: drop what is over, and keep the list in a file.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::warn;

use super::shared::Shared;
use crate::clock::LeapWatch;

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(30);

/// Keeps house until dropped.
#[derive(Debug)]
pub(super) struct Keeper {
    shared: Arc<Shared>,
    watch: LeapWatch,
}

impl Keeper {
    pub(super) fn start(shared: &Arc<Shared>, _file: Option<PathBuf>) -> Self {
        Self { shared: Arc::clone(shared), watch: LeapWatch::new() }
    }

    pub(super) async fn keep(mut self) {
        let mut rounds = interval(EVERY);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            rounds.tick().await;
            self.sweep();
        }
    }

    /// Drops what is over by both clocks, unless that time has leapt ahead.
    fn sweep(&mut self) {
        let (Some(now), Some(retention)) = (self.shared.earlier(), self.shared.retention()) else {
            return;
        };
        if self.watch.may_drop(now, Instant::now().into_std(), retention) {
            self.shared.list.sweep(now);
        } else {
            warn!(event = "clock_leapt", "nothing is forgotten for a while");
        }
    }
}
