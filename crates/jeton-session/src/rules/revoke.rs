//! A client revokes a session of its own (RFC 7009 section 2.1).

use jeton::{Reason, SessionId, Timestamp};

use crate::rules::{SessionPolicy, Step, Which, end};
use crate::subject::Subject;

/// What became of a session that a client wanted to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// It has ended now.
    Ended,
    /// It was not there any more.
    Gone,
    /// It is another client's, and lives on.
    Foreign,
}

/// Ends a session, if it is one of this client.
#[must_use]
pub fn revoke(
    subject: &Subject,
    session: SessionId,
    client: &str,
    policy: &SessionPolicy,
    now: Timestamp,
) -> Step<Revoked> {
    match subject.sessions.iter().find(|other| other.id == session) {
        None => Step::keep(Revoked::Gone),
        Some(found) if found.client != client => Step::keep(Revoked::Foreign),
        Some(_) => {
            let ended = end(subject, Which::One(session), Reason::Revoked, policy, now);
            ended.map(|_| Revoked::Ended)
        }
    }
}
