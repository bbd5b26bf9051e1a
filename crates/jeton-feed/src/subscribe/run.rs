//! The way from one connection to the next.

use std::sync::Arc;
use std::time::Duration;

use http::StatusCode;
use tokio::time::{Instant, sleep};
use tracing::{debug, error, info, warn};

use super::backoff::{Backoff, part, random};
use super::http::Failure;
use super::shared::Shared;
use super::token::Held;
use crate::follow::{Follower, Step, Then};

/// Between attempts where somebody has to mend something first.
const LASTING: Duration = Duration::from_secs(15);

/// How long it polls before it tries the feed again, at first and at most.
const POLL_FOR: Duration = Duration::from_mins(1);
const POLL_FOR_AT_MOST: Duration = Duration::from_mins(16);

/// So many connections in a row without any heartbeat: something on the way holds events back.
const SILENT: u32 = 2;

/// Heartbeats come every second, the first of them at once: nothing for so long is silence. Where
/// the feed is only tried while polling does well, there is less time to lose.
const SILENCE: Duration = Duration::from_secs(3);
const PROBE: Duration = Duration::from_millis(1_500);

/// How a connection came to its end.
#[derive(Debug)]
pub(super) enum Ended {
    /// There is a newer access token, or it is time to try the feed again: nothing is wrong.
    Planned,
    /// The server closed it.
    Closed,
    /// Nothing came for too long.
    Silent,
    /// Something was lost.
    Gap,
    /// The machine has slept, or its clock was set ahead.
    Slept,
    /// The cursor is of no use.
    Reset,
    /// It did not come about, or broke off.
    Failed(Failure),
}

/// Runs until dropped.
#[derive(Debug)]
pub(super) struct Runner {
    pub(super) shared: Arc<Shared>,
    pub(super) follower: Follower,
    pub(super) snapshot_limit: usize,
    /// The last binary snapshot was of no use.
    pub(super) prefers_json: bool,
    backoff: Backoff,
    is_out: bool,
    silent: u32,
    poll_for: Duration,
    /// Refused with 401 since the last success.
    refused: u32,
    /// Told to reset since then.
    was_reset: bool,
}

impl Runner {
    pub(super) fn new(shared: Arc<Shared>, snapshot_limit: usize) -> Self {
        let follower = shared.follower();
        Self {
            shared,
            follower,
            snapshot_limit,
            prefers_json: false,
            backoff: Backoff::new(),
            is_out: false,
            silent: 0,
            poll_for: POLL_FOR,
            refused: 0,
            was_reset: false,
        }
    }

    pub(super) async fn run(mut self) {
        loop {
            let ended = self.connection().await;
            self.shared.notes.write(|noted| noted.connected = false);
            self.note(&ended);
            sleep(self.wait(&ended)).await;
        }
    }

    /// One connection, and the snapshot before it if there has to be one.
    async fn connection(&mut self) -> Ended {
        let token = match self.shared.tokens.get(&self.shared.http).await {
            Ok(token) => token,
            Err(failure) => return Ended::Failed(failure),
        };
        let ended = self.with_token(&token).await;
        if let Ended::Failed(Failure::Status(StatusCode::UNAUTHORIZED)) = ended {
            self.shared.tokens.forget(&token).await;
        }
        ended
    }

    async fn with_token(&mut self, token: &Held) -> Ended {
        if self.follower.cursor().is_none()
            && let Err(failure) = self.snapshot(token).await
        {
            return Ended::Failed(failure);
        }
        let Some(cursor) = self.follower.cursor() else {
            return Ended::Reset;
        };
        if self.silent < SILENT {
            return self.stream(token, cursor).await;
        }
        // Polls around the attempt, so that the list is young when it fails.
        let polled = self.poll(token, self.poll_for).await;
        if matches!(polled, Ended::Failed(_)) {
            // Then it is the issuer who is in trouble.
            self.silent = 0;
        }
        if !matches!(polled, Ended::Planned) {
            return polled;
        }
        let Some(cursor) = self.follower.cursor() else {
            return Ended::Reset;
        };
        self.stream(token, cursor).await
    }

    /// Makes known what a step has brought, and says how the connection ends, if it does.
    pub(super) fn take(&mut self, step: Step) -> Option<Ended> {
        if let Some(jwks) = step.keys {
            self.shared.take_keys(jwks);
        }
        if let Some(delay) = step.delay {
            debug!(delay_ms = delay.as_secs_f64() * 1e3, "a canary");
            self.shared.notes.write(|noted| noted.delay = Some(delay));
            self.shared.measured.notify_one();
        }
        self.note_outdated();
        match step.then {
            Then::GoOn => {}
            Then::Reconnect => return Some(Ended::Gap),
            Then::FetchSnapshot => return Some(Ended::Reset),
        }
        if let Some(now) = step.now {
            self.shared.told(now);
            self.heard();
        }
        None
    }

    /// A heartbeat, or the answer to a poll.
    fn heard(&mut self) {
        self.shared.confirmed();
        self.backoff.reset();
        self.refused = 0;
        self.was_reset = false;
        if std::mem::take(&mut self.is_out) {
            info!(event = "feed_restored", "the feed is there again");
        }
    }

    /// A heartbeat of the feed itself.
    pub(super) fn heard_live(&mut self) {
        self.silent = 0;
        self.poll_for = POLL_FOR;
        self.shared.notes.write(|noted| noted.polling = false);
    }

    pub(super) fn note_outdated(&self) {
        if self.follower.outdated() && !self.shared.notes.read().outdated {
            self.shared.notes.write(|noted| noted.outdated = true);
            error!(
                event = "feed_too_new",
                "the feed tells of something that this version does not know: \
                 the list is not fresh again until a newer version takes over"
            );
        }
    }

    fn note(&mut self, ended: &Ended) {
        match ended {
            Ended::Planned => {}
            Ended::Slept => {
                warn!(event = "slept", "this machine has slept, or its clock was set ahead");
            }
            Ended::Reset => {
                self.shared.notes.write(|noted| noted.resets += 1);
                info!(event = "feed_reset", "the cursor is of no use any more");
            }
            Ended::Failed(failure) if failure.is_lasting() || self.refused > 1 => {
                error!(event = "feed_refused", %failure, "the issuer does not serve this client");
            }
            Ended::Failed(failure) if !self.is_out => {
                warn!(event = "feed_lost", %failure, "the feed is away");
            }
            Ended::Gap | Ended::Silent | Ended::Closed if !self.is_out => {
                warn!(event = "feed_lost", how = ?ended, "the feed broke off");
            }
            other => debug!(how = ?other, "again"),
        }
        if !matches!(ended, Ended::Planned) {
            self.shared.notes.write(|noted| noted.reconnects += 1);
            self.is_out |= !matches!(ended, Ended::Reset);
        }
    }

    fn wait(&mut self, ended: &Ended) -> Duration {
        match ended {
            Ended::Planned => Duration::ZERO,
            Ended::Failed(Failure::Status(StatusCode::UNAUTHORIZED)) => {
                self.refused = self.refused.saturating_add(1);
                // The first time, the token may just have been too old.
                if self.refused > 1 { slowly() } else { Duration::ZERO }
            }
            Ended::Failed(failure) if failure.is_lasting() => slowly(),
            Ended::Reset if !std::mem::replace(&mut self.was_reset, true) => {
                // The issuer is there: what it was waited for before is over.
                self.backoff.reset();
                self.backoff.next(random())
            }
            _ => self.backoff.next(random()),
        }
    }

    /// How long the feed may say nothing.
    pub(super) fn patience(&self) -> Duration {
        if self.silent < SILENT { SILENCE } else { PROBE }
    }

    /// After a connection on which no heartbeat came within the time for one.
    pub(super) fn fell_silent(&mut self) {
        self.silent = self.silent.saturating_add(1);
        if self.silent == SILENT {
            warn!(event = "feed_held_back", "something on the way holds events back: polling");
        } else if self.silent > SILENT {
            self.poll_for = (self.poll_for * 2).min(POLL_FOR_AT_MOST);
        }
    }
}

fn slowly() -> Duration {
    LASTING + part(LASTING, random())
}

/// Whether that much time has passed since.
pub(super) fn is_over(since: Instant, span: Duration) -> bool {
    since.elapsed() >= span
}
