//! A refresh rotates the refresh token: the new one works, the old one is spent.

use jeton::{Reason, SessionId, Target, Timestamp};

use crate::rules::{Granted, SessionPolicy, Step};
use crate::subject::{Session, Subject};

/// What a refresh token says, its signature already verified.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Presented {
    /// Its `sid`.
    pub session: SessionId,
    /// Its `gen`.
    pub generation: u64,
}

/// Who presents it, and what the access token shall be for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presenter {
    /// The client that has authenticated. A session is refreshed by its own and by no other.
    pub client: String,
    /// The scope of this access token, space-separated: some of the session's. `None` is all of it.
    pub scope: Option<String>,
}

impl Presenter {
    /// This client, for all that the session may be used for.
    #[must_use]
    pub fn client(id: impl Into<String>) -> Self {
        Self { client: id.into(), scope: None }
    }

    /// Whether everything asked for is in what the session has.
    fn narrows(&self, session: &Session) -> bool {
        let granted = session.scope.as_deref().unwrap_or_default();
        let mut asked = self.scope.iter().flat_map(|asked| asked.split(' '));
        asked.all(|asked| !asked.is_empty() && granted.split(' ').any(|scope| scope == asked))
    }
}

/// What became of a refresh.
#[derive(Clone, Debug, PartialEq)]
pub enum Rotation {
    /// Generation moved on by one.
    Rotated(Granted),
    /// A lost response or a parallel tab: the answer of the last rotation once more.
    Repeated(Granted),
    /// We signed a generation that the store has not reached: it has lost our write. Moved on.
    Repaired(Granted),
    /// A spent token came back too late. The session has ended.
    Replayed,
    /// There is no such session; it has ended or expired.
    Gone,
    /// It is the session of another client. Nothing has changed, even if the token was spent.
    Foreign,
    /// More was asked for than the session may be used for. Nothing has changed.
    TooWide,
}

/// Trades the presented generation `p` for the next, against the stored `g`:
///
/// | | |
/// | --- | --- |
/// | `p == g` | rotated to `g + 1` |
/// | `p == g - 1`, less than `grace` after the rotation | repeated: generation `g` again |
/// | `p < g` otherwise | replayed: the session ends |
/// | `p > g` | repaired: moved forward to `p + 1` |
/// | no such session | gone |
/// | another client's session | foreign, whatever `p` |
/// | a wider scope | too wide, unless replayed |
#[must_use]
pub fn rotate(
    subject: &Subject,
    presented: Presented,
    by: &Presenter,
    policy: &SessionPolicy,
    now: Timestamp,
) -> Step<Rotation> {
    let Some(session) = subject.session(presented.session, now) else {
        return Step::keep(Rotation::Gone);
    };
    if session.client != by.client {
        return Step::keep(Rotation::Foreign);
    }
    let granted = |session| Granted { session, version: subject.version };
    let (p, g) = (presented.generation, session.generation);
    // In either direction: a clock set back must not make a spent token good for as long.
    let rotated = session.rotated_at;
    let is_repeat =
        p.checked_add(1) == Some(g) && now.since(rotated).max(rotated.since(now)) < policy.grace;
    // A replay ends the session whatever it asks for, so that asking for too much probes nothing.
    if (p >= g || is_repeat) && !by.narrows(session) {
        return Step::keep(Rotation::TooWide);
    }
    if p >= g {
        let next = advanced(session, p, policy, now);
        let answer = if p == g { Rotation::Rotated } else { Rotation::Repaired };
        return Step::change(with(subject, next.clone()), answer(granted(next)));
    }
    if is_repeat {
        return Step::keep(Rotation::Repeated(granted(session.clone())));
    }
    let mut ended = subject.clone();
    ended.sessions.retain(|other| other.id != session.id);
    let target = Target::Session(session.id, Reason::Replayed);
    Step::change(ended, Rotation::Replayed).revoking([target], policy.remember_until(subject, now))
}

/// The session one generation past the one presented, alive for another idle lifetime.
fn advanced(session: &Session, from: u64, policy: &SessionPolicy, now: Timestamp) -> Session {
    Session {
        generation: from.saturating_add(1),
        rotated_at: now,
        idle_expires_at: now.after(policy.idle).min(session.expires_at),
        ..session.clone()
    }
}

fn with(subject: &Subject, session: Session) -> Subject {
    let mut changed = subject.clone();
    if let Some(place) = changed.sessions.iter_mut().find(|other| other.id == session.id) {
        *place = session;
    }
    changed
}
