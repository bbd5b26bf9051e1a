//! The feed by polling, where something on the way holds events back.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::http::{Call, Failure};
use super::run::{Ended, Runner, is_over};
use super::token::Held;
use crate::follow::Step;

/// Most of one answer.
const ANSWER: usize = 16 * 1024 * 1024;

/// Beyond the time that the server waits.
const GRACE: Duration = Duration::from_secs(5);

/// What a request may take besides, so that the list is not too old when its answer comes.
const TRANSIT: Duration = Duration::from_millis(500);

/// A server that does not wait is not asked more often than this.
const APART: Duration = Duration::from_millis(250);

impl Runner {
    /// Polls for so long, or until something is wrong. The first and the last poll do not wait.
    pub(super) async fn poll(&mut self, token: &Held, span: Duration) -> Ended {
        self.shared.notes.write(|noted| noted.polling = true);
        let begun = Instant::now();
        let mut wait = 0;
        loop {
            let is_last = is_over(begun, span) || token.is_old();
            wait = if is_last { 0 } else { wait };
            let asked_at = Instant::now();
            match self.poll_once(token, wait).await {
                Ok(step) => {
                    if let Some(ended) = self.take(step) {
                        return ended;
                    }
                }
                Err(failure) => return Ended::Failed(failure),
            }
            if is_last {
                return Ended::Planned;
            }
            if asked_at.elapsed() < APART {
                sleep(APART).await;
            }
            wait = self.seconds_to_wait();
        }
    }

    async fn poll_once(&mut self, token: &Held, wait: u64) -> Result<Step, Failure> {
        let Some(cursor) = self.follower.cursor() else {
            return Err(Failure::NotUnderstood);
        };
        let call = Call {
            route: &format!("/v1/revocations/poll?cursor={cursor}&wait={wait}"),
            authorization: Some(token.authorization.clone()),
            accept: "application/json",
            body: None,
        };
        let requested_at = self.shared.steadily();
        let within = Duration::from_secs(wait) + GRACE;
        let answer = self.shared.http.fetch(call, ANSWER, within).await?;
        let body = answer.of_type("application/json")?;
        Ok(self.follower.polled(&body, requested_at))
    }

    /// An answer is as old as its request, and has to last until the next one.
    fn seconds_to_wait(&self) -> u64 {
        (self.shared.staleness.max.saturating_sub(TRANSIT) / 2).as_secs().min(25)
    }
}
