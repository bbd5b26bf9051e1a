//! A login opens a session.

use jeton::{Reason, SessionId, SubjectKey, Target, Timestamp};
use serde_json::{Map, Value};

use crate::rules::{Granted, SessionPolicy, Step};
use crate::subject::{Device, Session, Subject};

/// What a login asks for.
#[derive(Clone, Debug, PartialEq)]
pub struct Opening {
    /// Eight random bytes that no session of this subject ever had.
    pub random: [u8; 8],
    /// See [`Session::device`].
    pub device: Option<Device>,
    /// See [`Session::client`].
    pub client: String,
    /// See [`Session::scope`].
    pub scope: Option<String>,
    /// See [`Session::claims`].
    pub claims: Map<String, Value>,
    /// See [`Session::amr`].
    pub amr: Vec<String>,
}

/// Opens a session, or none where the subject has as many as it may and policy is to refuse.
/// Sessions that have to make room end with reason `replaced`.
#[must_use]
pub fn open(
    subject: &Subject,
    ask: &Opening,
    policy: &SessionPolicy,
    now: Timestamp,
) -> Step<Option<Granted>> {
    let mut alive = subject.sessions.clone();
    alive.retain(|session| !session.has_expired(now));

    let mut replaced = take_same_kind(&mut alive, ask, policy);
    let excess = (alive.len() + 1).saturating_sub(policy.max_sessions);
    if excess > 0 && policy.refuse_over_limit {
        return Step::keep(None);
    }
    replaced.extend(alive.drain(..excess.min(alive.len())));

    let session = start(subject.key, ask, policy, now);
    alive.push(session.clone());
    let changed = Subject { sessions: alive, ..subject.clone() };
    let targets = replaced.into_iter().map(|old| Target::Session(old.id, Reason::Replaced));
    Step::change(changed, Some(Granted { session, version: subject.version }))
        .revoking(targets, policy.remember_until(subject, now))
}

fn start(subject: SubjectKey, ask: &Opening, policy: &SessionPolicy, now: Timestamp) -> Session {
    let expires_at = now.after(policy.absolute);
    Session {
        id: SessionId::new(subject, ask.random),
        generation: 0,
        started_at: now,
        rotated_at: now,
        idle_expires_at: now.after(policy.idle).min(expires_at),
        expires_at,
        device: ask.device.clone(),
        client: ask.client.clone(),
        scope: ask.scope.clone(),
        claims: ask.claims.clone(),
        auth_time: now,
        amr: ask.amr.clone(),
    }
}

/// Takes out the sessions that one on this kind of device excludes.
fn take_same_kind(alive: &mut Vec<Session>, ask: &Opening, policy: &SessionPolicy) -> Vec<Session> {
    let Some(device) = ask.device.as_ref().filter(|_| policy.one_per_device_kind) else {
        return Vec::new();
    };
    let same_kind = |session: &mut Session| {
        session.device.as_ref().is_some_and(|other| other.kind == device.kind)
    };
    alive.extract_if(.., same_kind).collect()
}
