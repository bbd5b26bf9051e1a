//! What ends sessions: somebody, or time.

use jeton::{Reason, Revocation, SessionId, SubjectKey, Target};
use jeton_session::rules::{Opening, Which, end, expire, open};
use jeton_session::{SessionPolicy, Step, Subject};
use serde_json::Map;

use crate::support::{NOW, at, terms};

/// R14: one, all others, all.
#[test]
fn ends_the_sessions_that_were_meant() {
    let cases = [
        ("one", Which::One(id(2)), vec![2]),
        ("the others", Which::Others(id(2)), vec![1, 3]),
        ("all", Which::All, vec![1, 2, 3]),
        ("one that is not there", Which::One(id(9)), vec![]),
        ("one of somebody else", Which::One(bobs()), vec![]),
        ("all but none", Which::Others(id(9)), vec![1, 2, 3]),
    ];
    for (name, which, ended) in cases {
        let subject = alice(&[1, 2, 3]);

        let step = end(&subject, which, Reason::Kicked, &policy(), at(60));

        assert_eq!(step.answer, ended.len(), "{name}");
        let targets: Vec<_> = step.revocations.iter().map(|r| r.target.clone()).collect();
        let kicked = |n: &u8| Target::Session(id(*n), Reason::Kicked);
        assert_eq!(targets, ended.iter().map(kicked).collect::<Vec<_>>(), "{name}");
        let left = step.subject.unwrap_or(subject).sessions;
        let left: Vec<_> = left.iter().map(|session| session.id).collect();
        let kept = [1, 2, 3].into_iter().filter(|n| !ended.contains(n)).map(id);
        assert_eq!(left, kept.collect::<Vec<_>>(), "{name}");
    }
}

/// R14: a revocation says why, and lasts as long as any access token of the session may.
#[test]
fn an_end_is_remembered_with_its_reason() {
    for reason in Reason::ALL {
        let step = end(&alice(&[1]), Which::All, reason, &policy(), at(60));

        let revocation = Revocation { target: Target::Session(id(1), reason), until: at(60 + 690) };
        assert_eq!(step.revocations, [revocation]);
    }
}

/// R14, X7: once ended, there is nothing left to end or to say.
#[test]
fn ending_twice_changes_nothing() {
    for which in [Which::One(id(1)), Which::Others(id(9)), Which::All] {
        let ended = end(&alice(&[1]), which, Reason::LoggedOut, &policy(), NOW);
        let ended = ended.subject.unwrap();

        let again = end(&ended, which, Reason::Banned, &policy(), at(1));

        assert_eq!(again, Step::keep(0), "{which:?}");
    }
}

/// R7: time ends a session in the very second it said, without a revocation.
#[test]
fn expired_sessions_are_forgotten() {
    let idle_end = NOW.after(policy().idle).as_secs() - NOW.as_secs();
    let cases = [
        ("long before", 0, 0),
        ("in the last second", idle_end - 1, 0),
        ("on time", idle_end, 2),
        ("long after", 2 * idle_end, 3),
    ];
    for (name, secs, expired) in cases {
        let mut subject = alice(&[1, 2, 3]);
        subject.sessions[2].idle_expires_at = at(idle_end + 1);

        let step = expire(&subject, at(secs));

        assert_eq!(step.answer, expired, "{name}");
        assert_eq!(step.revocations, [], "{name}");
        let left = step.subject.map(|left| left.sessions.len());
        assert_eq!(left, (expired > 0).then_some(3 - expired), "{name}");
    }
}

/// A recall is remembered longer than any session: the version must not start again.
#[test]
fn a_version_outlives_every_session() {
    let mut subject = alice(&[1]);
    subject.version = 7;

    let expired = expire(&subject, NOW.after(policy().absolute)).subject.unwrap();
    let ended = end(&subject, Which::All, Reason::Banned, &policy(), NOW);

    assert_eq!((expired.version, expired.sessions.len()), (7, 0));
    assert!(!expired.is_blank());
    assert_eq!(ended.subject.unwrap().version, 7);
}

fn policy() -> SessionPolicy {
    terms().session_policy()
}

fn id(n: u8) -> SessionId {
    SessionId::new(SubjectKey::of("alice"), [n; 8])
}

fn bobs() -> SessionId {
    SessionId::new(SubjectKey::of("bob"), [1; 8])
}

fn alice(sessions: &[u8]) -> Subject {
    let nobody = Subject::new(SubjectKey::of("alice"));
    sessions.iter().fold(nobody, |subject, n| {
        let opening = Opening {
            random: [*n; 8],
            device: None,
            client: "web".to_owned(),
            scope: None,
            claims: Map::new(),
            amr: Vec::new(),
        };
        open(&subject, &opening, &policy(), NOW).subject.unwrap()
    })
}
