//! Says once that something does not work, and once that it works again.

use tokio::time::Instant;
use tracing::{error, info};

/// Something that may not work for a while.
#[derive(Debug)]
pub(super) struct Outage {
    what: &'static str,
    since: Option<Instant>,
}

impl Outage {
    pub(super) const fn of(what: &'static str) -> Self {
        Self { what, since: None }
    }

    /// It did not work.
    pub(super) fn begins(&mut self, cause: &dyn std::fmt::Display) {
        if self.since.is_none() {
            error!(event = "feed_outage", what = self.what, %cause);
            self.since = Some(Instant::now());
        }
    }

    /// It worked.
    pub(super) fn ends(&mut self) {
        if let Some(since) = self.since.take() {
            info!(event = "feed_recovered", what = self.what, seconds = since.elapsed().as_secs());
        }
    }
}
