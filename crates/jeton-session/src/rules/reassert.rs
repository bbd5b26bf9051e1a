//! What a store has lost is done once more.

use jeton::{Revocation, Target, Timestamp};

use crate::rules::Step;
use crate::subject::Subject;

/// Does again what these revocations of a subject said: sessions that have ended are gone, and its
/// version is not below what was told. They are appended again, and remembered until `until` at
/// least: whoever asked the store in between may have been given a token that lives as long.
///
/// It never does harm, for what has ended stays ended: doing it for revocations that were not lost
/// changes nothing but the feed, which tells them twice.
#[must_use]
pub fn reassert(subject: &Subject, lost: &[Revocation], until: Timestamp) -> Step<()> {
    let mut after = subject.clone();
    for revocation in lost {
        match &revocation.target {
            Target::Session(id, _) => after.sessions.retain(|session| session.id != *id),
            Target::Subject(_, version) => after.version = after.version.max(*version),
            _ => {}
        }
    }
    let again = lost.iter().map(|revocation| Revocation {
        target: revocation.target.clone(),
        until: revocation.until.max(until),
    });
    let revocations = again.collect();
    Step { answer: (), subject: Some(after).filter(|after| after != subject), revocations }
}
