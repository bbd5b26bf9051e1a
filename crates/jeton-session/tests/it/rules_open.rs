//! What a login opens, and what has to make room for it.

use std::time::Duration;

use jeton::{Reason, Revocation, SessionId, SubjectKey, Target, Timestamp};
use jeton_session::rules::{Opening, open};
use jeton_session::{Device, SessionPolicy, Step, Subject};
use serde_json::Map;

use crate::support::{NOW, at, terms};

/// R7, I3: the session says what the login said, and when it will end.
#[test]
fn a_login_opens_a_session_of_its_own() {
    let ask = Opening {
        device: device("phone"),
        scope: Some("notes".to_owned()),
        claims: Map::from_iter([("role".to_owned(), "editor".into())]),
        amr: vec!["pwd".to_owned(), "otp".to_owned()],
        ..opening(1)
    };
    let nobody = Subject::new(SubjectKey::of("alice"));

    let step = open(&nobody, &ask, &policy(), NOW);

    assert_eq!(step.revocations, []);
    let granted = step.answer.unwrap();
    assert_eq!(granted.version, 0);
    let session = granted.session;
    let sessions = step.subject.unwrap().sessions;
    assert_eq!(sessions, std::slice::from_ref(&session));
    assert_eq!(session.id, id(1));
    assert_eq!((session.generation, session.started_at), (0, NOW));
    assert_eq!((session.rotated_at, session.auth_time), (NOW, NOW));
    assert_eq!(session.idle_expires_at, NOW.after(policy().idle));
    assert_eq!(session.expires_at, NOW.after(policy().absolute));
    assert_eq!((session.device, session.client), (ask.device, ask.client));
    assert_eq!((session.scope, session.amr), (ask.scope, ask.amr));
    assert_eq!(session.claims, ask.claims);
}

/// R7: a session that may not even last its idle lifetime says so from the start.
#[test]
fn the_idle_end_is_never_later_than_the_absolute_end() {
    let policy = SessionPolicy { absolute: Duration::from_mins(5), ..policy() };

    let step = open(&subject_with(&[]), &opening(1), &policy, NOW);

    assert_eq!(step.answer.unwrap().session.idle_expires_at, at(300));
}

/// R16: over the limit the oldest end, as many as it takes.
#[test]
fn over_the_limit_the_oldest_sessions_end() {
    let cases = [
        ("none yet", 3, vec![], vec![]),
        ("below the limit", 3, vec![1, 2], vec![]),
        ("at the limit", 3, vec![1, 2, 3], vec![1]),
        ("only one allowed", 1, vec![1], vec![1]),
        ("the limit was lowered", 2, vec![1, 2, 3, 4], vec![1, 2, 3]),
    ];
    for (name, max_sessions, before, ended) in cases {
        let subject = subject_with(&before);
        let policy = SessionPolicy { max_sessions, ..policy() };

        let step = open(&subject, &opening(9), &policy, at(60));

        assert_eq!(step.revocations, replaced(&ended, at(60 + 690)), "{name}");
        let mut left: Vec<u8> = before.into_iter().filter(|n| !ended.contains(n)).collect();
        left.push(9);
        assert_eq!(ids(&step), left.iter().map(|n| id(*n)).collect::<Vec<_>>(), "{name}");
    }
}

/// R16: by the other policy the login is refused and nothing happens.
#[test]
fn over_the_limit_a_login_may_be_refused() {
    let policy = SessionPolicy { max_sessions: 2, refuse_over_limit: true, ..policy() };

    let second = open(&subject_with(&[1]), &opening(2), &policy, NOW);
    let third = open(&subject_with(&[1, 2]), &opening(3), &policy, NOW);

    assert!(second.answer.is_some());
    assert_eq!(third, Step::keep(None));
}

/// R16: what has expired takes nobody's place, by either policy, and needs no revocation.
#[test]
fn expired_sessions_do_not_count() {
    let idle_end = NOW.after(policy().idle);
    for refuse_over_limit in [false, true] {
        let policy = SessionPolicy { max_sessions: 2, refuse_over_limit, ..policy() };
        let mut subject = subject_with(&[1, 2]);
        subject.sessions[1].idle_expires_at = idle_end.after(Duration::from_secs(1));

        let step = open(&subject, &opening(3), &policy, idle_end);

        assert_eq!(ids(&step), [id(2), id(3)], "refuse: {refuse_over_limit}");
        assert_eq!(step.revocations, []);
    }
}

/// R16: one session for each kind of device, where the policy says so.
#[test]
fn a_login_replaces_the_session_on_the_same_kind_of_device() {
    let cases = [
        ("phone", true, vec![1, 4]),
        ("desktop", true, vec![2]),
        ("watch", true, vec![]),
        ("Phone", true, vec![]),
        ("", true, vec![]),
        ("phone", false, vec![]),
    ];
    for (kind, one_per_device_kind, ended) in cases {
        let mut subject = subject_with(&[1, 2, 3, 4]);
        for (session, kind) in subject.sessions.iter_mut().zip(["phone", "desktop", "", "phone"]) {
            session.device = device(kind);
        }
        let policy = SessionPolicy { one_per_device_kind, ..policy() };
        let ask = Opening { device: device(kind), ..opening(9) };

        let step = open(&subject, &ask, &policy, NOW);

        assert_eq!(step.revocations, replaced(&ended, at(690)), "{kind}");
    }
}

/// R16: the room that the same kind of device makes counts before the limit does.
#[test]
fn a_replaced_device_makes_room_under_the_limit() {
    for refuse_over_limit in [false, true] {
        let policy = SessionPolicy {
            max_sessions: 2,
            refuse_over_limit,
            one_per_device_kind: true,
            ..policy()
        };
        let mut subject = subject_with(&[1, 2]);
        subject.sessions[1].device = device("phone");
        let ask = Opening { device: device("phone"), ..opening(3) };

        let step = open(&subject, &ask, &policy, NOW);

        assert_eq!(ids(&step), [id(1), id(3)], "refuse: {refuse_over_limit}");
        assert_eq!(step.revocations, replaced(&[2], at(690)));
    }
}

fn policy() -> SessionPolicy {
    terms().session_policy()
}

fn id(n: u8) -> SessionId {
    SessionId::new(SubjectKey::of("alice"), [n; 8])
}

/// A device of this kind; none of none.
fn device(kind: &str) -> Option<Device> {
    (!kind.is_empty()).then(|| Device { kind: kind.to_owned(), name: None })
}

fn opening(n: u8) -> Opening {
    Opening {
        random: [n; 8],
        device: None,
        client: "web".to_owned(),
        scope: None,
        claims: Map::new(),
        amr: Vec::new(),
    }
}

/// Alice with these sessions, opened in this order.
fn subject_with(sessions: &[u8]) -> Subject {
    let nobody = Subject::new(SubjectKey::of("alice"));
    sessions
        .iter()
        .fold(nobody, |subject, n| open(&subject, &opening(*n), &policy(), NOW).subject.unwrap())
}

fn replaced(sessions: &[u8], until: Timestamp) -> Vec<Revocation> {
    let revocation =
        |n: &u8| Revocation { target: Target::Session(id(*n), Reason::Replaced), until };
    sessions.iter().map(revocation).collect()
}

fn ids<T>(step: &Step<T>) -> Vec<SessionId> {
    let sessions = &step.subject.as_ref().unwrap().sessions;
    sessions.iter().map(|session| session.id).collect()
}
