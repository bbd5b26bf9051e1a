//! Sessions end: on purpose, with a revocation; or by themselves, without.

use jeton::{Reason, SessionId, Target, Timestamp};

use crate::rules::{SessionPolicy, Step};
use crate::subject::{Session, Subject};

/// Which of a subject's sessions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// This one.
    One(SessionId),
    /// Every one but this.
    Others(SessionId),
    /// Every one.
    All,
}

impl Which {
    fn includes(self, session: &Session) -> bool {
        match self {
            Self::One(id) => session.id == id,
            Self::Others(kept) => session.id != kept,
            Self::All => true,
        }
    }
}

/// Ends sessions and answers how many were alive. Those that have expired by themselves are revoked
/// as well: the last access token of theirs is still good for the leeway.
#[must_use]
pub fn end(
    subject: &Subject,
    which: Which,
    reason: Reason,
    policy: &SessionPolicy,
    now: Timestamp,
) -> Step<usize> {
    let (ended, kept): (Vec<Session>, Vec<Session>) =
        subject.sessions.iter().cloned().partition(|session| which.includes(session));
    if ended.is_empty() {
        return Step::keep(0);
    }
    let targets = ended.iter().map(|session| Target::Session(session.id, reason));
    let alive = ended.iter().filter(|session| !session.has_expired(now)).count();
    Step::change(Subject { sessions: kept, ..subject.clone() }, alive)
        .revoking(targets, policy.remember_until(subject, now))
}

/// Revokes what tokens there are of a session that is not there, though nobody has ended it: a store
/// that acknowledges before a write is on every replica may have lost its opening.
#[must_use]
pub fn end_lost(
    subject: &Subject,
    session: SessionId,
    reason: Reason,
    policy: &SessionPolicy,
    now: Timestamp,
) -> Step<()> {
    let until = policy.remember_until(subject, now);
    Step::keep(()).revoking([Target::Session(session, reason)], until)
}

/// Forgets the sessions that have expired and answers how many. Their tokens are dead already, for
/// no access token outlives its session.
#[must_use]
pub fn expire(subject: &Subject, now: Timestamp) -> Step<usize> {
    let mut alive = subject.clone();
    alive.sessions.retain(|session| !session.has_expired(now));
    match subject.sessions.len() - alive.sessions.len() {
        0 => Step::keep(0),
        expired => Step::change(alive, expired),
    }
}
