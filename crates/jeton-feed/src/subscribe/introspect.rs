//! Asks the issuer about one token, when the list is too old to tell (RFC 7662).
//!
//! This is the moment when the issuer is in trouble already, so it is asked little: few at once, for
//! a short time, and not at all for a while when it does not answer.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use serde::Deserialize;
use tokio::sync::Semaphore;
use tokio::time::{Instant, timeout};
use zeroize::Zeroizing;

use super::form;
use super::http::{Call, Failure};
use super::shared::Shared;

/// Most at once.
const AT_ONCE: usize = 64;

const WITHIN: Duration = Duration::from_millis(200);

const ANSWER: usize = 64 * 1024;

/// So many failures in a row, and nobody is asked for so long.
const FAILURES: u32 = 5;
const PAUSE: Duration = Duration::from_secs(1);

/// The issuer cannot tell whether a token is active. An outage, and no word about the token.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotIntrospected {
    /// Too many ask already.
    #[error("too many are asking already")]
    Busy,
    /// It has failed too often a moment ago.
    #[error("the issuer has failed too often a moment ago")]
    Paused,
    /// It did not answer, or not in time, or not as it should.
    #[error("the issuer does not answer: {0}")]
    Unavailable(String),
}

#[derive(Debug)]
pub(super) struct Introspector {
    shared: Arc<Shared>,
    permits: Semaphore,
    breaker: Mutex<Breaker>,
}

#[derive(Deserialize)]
struct Introspected {
    active: bool,
}

impl Introspector {
    pub(super) fn new(shared: Arc<Shared>) -> Self {
        let permits = Semaphore::new(AT_ONCE);
        Self { shared, permits, breaker: Mutex::new(Breaker::default()) }
    }

    pub(super) async fn ask(&self, token: &str) -> Result<bool, NotIntrospected> {
        let _permit = self.permits.try_acquire().map_err(|_| NotIntrospected::Busy)?;
        if !self.breaker().lets_through(Instant::now()) {
            return Err(NotIntrospected::Paused);
        }
        let asked = timeout(WITHIN, self.request(token)).await;
        let answer = asked.map_err(|_| Failure::Timeout).and_then(|answer| answer);
        self.breaker().note(answer.is_ok(), Instant::now());
        answer.map_err(|failure| NotIntrospected::Unavailable(failure.to_string()))
    }

    async fn request(&self, token: &str) -> Result<bool, Failure> {
        let token = Zeroizing::new(form::encode(token));
        let body = format!("token={}&token_type_hint=access_token", *token);
        let call = Call {
            route: "/oauth2/introspect",
            authorization: Some(self.shared.tokens.own(&self.shared.http).await?),
            accept: "application/json",
            body: Some(("application/x-www-form-urlencoded", Bytes::from(body))),
        };
        let answer = self.shared.http.fetch(call, ANSWER, WITHIN).await?;
        let answer = answer.of_type("application/json")?;
        let answer: Introspected =
            serde_json::from_slice(&answer).map_err(|_| Failure::NotUnderstood)?;
        Ok(answer.active)
    }

    fn breaker(&self) -> std::sync::MutexGuard<'_, Breaker> {
        self.breaker.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Opens after some failures, and lets one through after a pause.
#[derive(Debug, Default)]
struct Breaker {
    failures: u32,
    paused_until: Option<Instant>,
}

impl Breaker {
    fn lets_through(&mut self, now: Instant) -> bool {
        match self.paused_until {
            Some(until) if now < until => false,
            Some(_) => {
                // This one finds out; the others wait for what it finds.
                self.paused_until = now.checked_add(PAUSE);
                true
            }
            None => true,
        }
    }

    fn note(&mut self, is_answer: bool, now: Instant) {
        if is_answer {
            *self = Self::default();
            return;
        }
        self.failures = self.failures.saturating_add(1);
        if self.failures >= FAILURES {
            self.paused_until = now.checked_add(PAUSE);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn after_some_failures_one_in_a_while_finds_out() {
        let mut breaker = Breaker::default();
        let now = Instant::now();
        for _ in 0..FAILURES {
            assert!(breaker.lets_through(now));
            breaker.note(false, now);
        }
        assert!(!breaker.lets_through(now));
        assert!(breaker.lets_through(now + PAUSE), "one finds out");
        assert!(!breaker.lets_through(now + PAUSE), "and no other");

        breaker.note(true, now + PAUSE);
        assert!(breaker.lets_through(now + PAUSE));
        breaker.note(false, now + PAUSE);
        assert!(breaker.lets_through(now + PAUSE), "it starts over");
    }
}
