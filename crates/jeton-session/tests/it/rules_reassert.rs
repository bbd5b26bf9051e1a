//! What a store has lost is done once more.

use jeton::{Reason, Revocation, SessionId, SubjectKey, Target};
use jeton_session::Subject;
use jeton_session::rules::{Opening, open, reassert};

use crate::support::{at, terms};

/// INV1, INV3: sessions whose end was lost end again, the others live on, and everything is told
/// again, for as long as a token may live that was given away in between.
#[test]
fn what_had_ended_ends_again() {
    let before = with_sessions(3);
    let [kept, first, second] = [0, 1, 2].map(|n| before.sessions[n].id);
    let lost = [revoked(first, 100), revoked(second, 900)];

    let step = reassert(&before, &lost, at(500));

    let after = step.subject.unwrap();
    assert_eq!(after.sessions.iter().map(|session| session.id).collect::<Vec<_>>(), [kept]);
    assert_eq!(step.revocations, [revoked(first, 500), revoked(second, 900)]);
}

/// INV11: a version that was told is reached again, and one that is ahead stays.
#[test]
fn a_version_never_falls() {
    for (stored, told, after) in [(0, 7, 7), (7, 7, 7), (9, 7, 9)] {
        let before = Subject { version: stored, ..with_sessions(1) };
        let lost = [Revocation { target: Target::Subject(before.key, told), until: at(100) }];

        let step = reassert(&before, &lost, at(500));

        assert_eq!(step.subject.unwrap_or(before).version, after, "{stored} {told}");
        assert_eq!(step.revocations.len(), 1);
    }
}

/// INV6: doing it twice, or for what was never lost, changes no subject.
#[test]
fn doing_it_again_does_no_harm() {
    let before = with_sessions(2);
    let (gone, token) = (SessionId::new(before.key, [9; 8]), "t1".to_owned());
    let token = Revocation { target: Target::Token(token, Reason::Revoked), until: at(100) };

    let step = reassert(&before, &[revoked(gone, 100), token], at(50));

    assert_eq!(step.subject, None);
    assert_eq!(step.revocations.iter().map(|told| told.until).collect::<Vec<_>>(), [at(100); 2]);
}

fn with_sessions(count: u8) -> Subject {
    let opened = |subject: Subject, n| {
        let opening = Opening {
            random: [n; 8],
            device: None,
            client: "web".to_owned(),
            scope: None,
            claims: serde_json::Map::new(),
            amr: Vec::new(),
        };
        open(&subject, &opening, &terms().session_policy(), at(0)).subject.unwrap()
    };
    (0..count).fold(Subject::new(SubjectKey::of("alice")), opened)
}

fn revoked(session: SessionId, until: u64) -> Revocation {
    Revocation { target: Target::Session(session, Reason::LoggedOut), until: at(until) }
}
