//! What has to happen now and then: drop what is over, and keep the list in a file.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use tokio::task::spawn_blocking;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::{error, info, warn};

use super::settings::Settings;
use super::shared::Shared;
use crate::clock::LeapWatch;
use crate::file;
use crate::follow::Follower;
use crate::wire::{Complete, FeedCursor, Snapshot};

/// Between two rounds.
const EVERY: Duration = Duration::from_secs(30);

/// Keeps house until dropped.
#[derive(Debug)]
pub(super) struct Keeper {
    shared: Arc<Shared>,
    watch: LeapWatch,
    file: Option<Kept>,
}

/// The file, and what is in it.
#[derive(Debug)]
struct Kept {
    path: PathBuf,
    owner: FeedCursor,
    /// As many changes of the list and its keys as there were when it was written.
    changes: u64,
}

impl Keeper {
    /// Reads the file, before anybody asks the list.
    pub(super) fn start(shared: &Arc<Shared>, settings: &Settings) -> Self {
        let file = settings.file.clone().map(|path| {
            let kept = Kept { path, owner: file::owner(&settings.url), changes: 0 };
            kept.read(shared, settings.snapshot_limit);
            kept
        });
        Self { shared: Arc::clone(shared), watch: LeapWatch::new(), file }
    }

    pub(super) async fn keep(mut self) {
        let mut rounds = interval(EVERY);
        rounds.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            // The first round waits for nothing; the next one is due when a snapshot has come.
            tokio::select! {
                _ = rounds.tick() => self.sweep(),
                () = self.shared.snapshot_taken.notified() => {}
            }
            if let Some(file) = &mut self.file {
                file.write(&self.shared).await;
            }
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

impl Kept {
    fn read(&self, shared: &Shared, limit: usize) {
        let path = self.path.display();
        match file::read(&self.path, self.owner, limit) {
            Ok(None) => {}
            Ok(Some(snapshot)) => {
                let read = Follower::new(Arc::clone(&shared.list)).take_snapshot(snapshot);
                shared.remember(read.now);
                shared.retain(read.retention);
                shared.take_keys(read.keys);
                info!(event = "list_read", %path, entries = shared.list.len());
            }
            Err(error) => warn!(event = "list_unread", %path, %error, "starting without it"),
        }
    }

    /// Writes what has changed since the last time.
    async fn write(&mut self, shared: &Arc<Shared>) {
        let changes = shared.changes();
        let (Some(retention), Some(jwks)) = (shared.retention(), shared.jwks()) else {
            return;
        };
        let Some(now) = shared.theirs().filter(|_| changes != self.changes) else {
            return;
        };
        let complete = Complete { t: 0, age_ms: 0, now };
        let (cursor, retention) = (self.owner, retention.as_secs());
        let head = Snapshot { cursor, retention, complete, jwks, e: Vec::new() };
        let (list, path) = (Arc::clone(&shared.list), self.path.clone());
        let written = spawn_blocking(move || file::write(&path, &head, &list)).await;
        match written.map_err(std::io::Error::other).and_then(|written| written) {
            Ok(()) => self.changes = changes,
            Err(error) => {
                let path = self.path.display();
                error!(event = "list_unwritten", %path, %error, "a restart begins without it");
            }
        }
    }
}
