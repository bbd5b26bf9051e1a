//! What may happen to a subject's sessions: pure functions, one file an act.
//!
//! A client refreshes by trading its refresh token for a new one. If a spent token comes back, two
//! parties hold the session and nobody can tell which one stole it, so it ends for both
//! (RFC 9700 section 4.14.2).
//!
//! Each rule is `(&Subject, request, now) -> Step`: without I/O, clock or randomness of its own. A
//! store may run it again on a newer state.

mod end;
mod open;
mod reassert;
mod recall;
mod revoke;
mod rotate;

use std::time::Duration;

use jeton::{Revocation, Target, Timestamp};

pub use end::{Which, end, end_lost, expire};
pub use open::{Opening, open};
pub use reassert::reassert;
pub use recall::{recall, revoke_token, send_canary, withdraw_key};
pub use revoke::{Revoked, revoke};
pub use rotate::{Presented, Presenter, Rotation, rotate};

use crate::subject::{Session, Subject};

/// What a rule decides: an answer, and what changes with it in one commit.
#[derive(Clone, Debug, PartialEq)]
pub struct Step<T> {
    /// What to tell whoever asked, once the change is durable.
    pub answer: T,
    /// The subject's new state, or `None` to leave it as it is.
    pub subject: Option<Subject>,
    /// What to refuse from now on, appended in the same commit.
    pub revocations: Vec<Revocation>,
}

impl<T> Step<T> {
    /// Leaves everything as it is.
    pub const fn keep(answer: T) -> Self {
        Self { answer, subject: None, revocations: Vec::new() }
    }

    /// Puts the subject into a new state.
    pub const fn change(subject: Subject, answer: T) -> Self {
        Self { answer, subject: Some(subject), revocations: Vec::new() }
    }

    /// Appends revocations of these targets.
    #[must_use]
    pub fn revoking(mut self, targets: impl IntoIterator<Item = Target>, until: Timestamp) -> Self {
        let revocations = targets.into_iter().map(|target| Revocation { target, until });
        self.revocations.extend(revocations);
        self
    }

    /// The same step with another answer.
    pub fn map<U>(self, answer: impl FnOnce(T) -> U) -> Step<U> {
        let Self { answer: before, subject, revocations } = self;
        Step { answer: answer(before), subject, revocations }
    }
}

/// What a pair of tokens is made from: a session, and its subject's version at that moment.
#[derive(Clone, Debug, PartialEq)]
pub struct Granted {
    /// The session, in the state that the step left it in.
    pub session: Session,
    /// See [`Subject::version`].
    pub version: u64,
}

/// How long sessions last and how many a subject may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionPolicy {
    /// A session ends when it was not refreshed for this long.
    pub idle: Duration,
    /// A session ends this long after its login; no refresh extends it.
    pub absolute: Duration,
    /// How long after a rotation the spent token still gets the same answer again. 0 turns it off.
    pub grace: Duration,
    /// How many sessions a subject may have.
    pub max_sessions: usize,
    /// Whether a login over the limit is refused; otherwise the oldest session ends.
    pub refuse_over_limit: bool,
    /// Whether a login ends the subject's other session on the same kind of device.
    pub one_per_device_kind: bool,
    /// How long a revocation is remembered: the longest life of an access token, and leeway.
    pub retention: Duration,
}

impl SessionPolicy {
    /// Until when a revocation of these sessions is remembered. Where the clock was set back, their
    /// last tokens were issued later than now, and live again when that time comes.
    fn remember_until(&self, subject: &Subject, now: Timestamp) -> Timestamp {
        let issued = subject.sessions.iter().map(|session| session.rotated_at);
        issued.fold(now, Timestamp::max).after(self.retention)
    }
}
