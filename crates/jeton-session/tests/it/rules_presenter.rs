//! Whose session it is, and what it may be used for: asked before anything changes.

use jeton::{SessionId, SubjectKey, Target};
use jeton_session::rules::{Opening, Presented, Revoked, Rotation, open, revoke, rotate};
use jeton_session::{Presenter, SessionPolicy, Step, Subject};
use serde_json::Map;

use crate::support::{NOW, at, terms};

const STORED: u64 = 5;

/// R8, B13: a refresh token is its client's. To another it is worth nothing, and does nothing:
/// neither a good one, nor a spent one, nor one from the future.
#[test]
fn the_token_of_another_client_changes_nothing() {
    for generation in [0, STORED - 1, STORED, STORED + 1, u64::MAX] {
        for client in ["app", "", "WEB", "first-party"] {
            for secs in [0, 60] {
                let by = Presenter::client(client);
                let step = rotate(&alice("notes"), presented(generation), &by, &policy(), at(secs));

                assert_eq!(step, Step::keep(Rotation::Foreign), "{generation} by {client:?}");
            }
        }
    }
}

/// R8: a scope narrows or is refused, and what is refused is not spent.
#[test]
fn a_scope_narrows_and_never_widens() {
    let cases = [
        ("all of it", "notes mail", "notes mail", true),
        ("in another order", "notes mail", "mail notes", true),
        ("a part", "notes mail", "mail", true),
        ("more", "notes mail", "notes mail admin", false),
        ("another", "notes mail", "admin", false),
        ("a part of a word", "notes mail", "note", false),
        ("nothing at all", "notes mail", "", false),
        ("two spaces", "notes mail", "notes  mail", false),
        ("of a session without any", "", "notes", false),
    ];
    for (name, granted, asked, fits) in cases {
        for generation in [STORED - 1, STORED, STORED + 1] {
            let scope = Some(asked.to_owned());
            let by = Presenter { scope, ..Presenter::client("web") };
            let step = rotate(&alice(granted), presented(generation), &by, &policy(), NOW);

            assert_eq!(step.answer != Rotation::TooWide, fits, "{name}: {generation}");
            assert!(fits || step == Step::keep(Rotation::TooWide), "{name}: {generation}");
            if let (Some(changed), Rotation::Rotated(_)) = (step.subject, step.answer) {
                assert_eq!(changed.sessions[0].scope, alice(granted).sessions[0].scope, "{name}");
            }
        }
    }
}

/// R1, R8: whoever replays a token cannot hide it by asking for too much.
#[test]
fn a_replay_ends_the_session_whatever_it_asks_for() {
    let by = Presenter { scope: Some("admin".to_owned()), ..Presenter::client("web") };

    let step = rotate(&alice("notes"), presented(0), &by, &policy(), at(60));

    assert_eq!(step.answer, Rotation::Replayed);
    assert_eq!(step.revocations.len(), 1);
}

/// X2, X4: a client ends a session of its own, once, and nobody else's.
#[test]
fn a_client_revokes_its_own_session_only() {
    let alice = alice("notes");
    let revoked = |session, client| revoke(&alice, session, client, &policy(), at(60));

    let own = revoked(session(1), "web");

    assert_eq!(own.answer, Revoked::Ended);
    assert_eq!(own.subject.unwrap().sessions, []);
    let [revocation] = own.revocations.as_slice() else { panic!("{:?}", own.revocations) };
    assert_eq!(revocation.target, Target::Session(session(1), jeton::Reason::Revoked));
    assert_eq!(revoked(session(1), "app"), Step::keep(Revoked::Foreign));
    assert_eq!(revoked(session(2), "web"), Step::keep(Revoked::Gone));
}

fn policy() -> SessionPolicy {
    terms().session_policy()
}

fn session(n: u8) -> SessionId {
    SessionId::new(SubjectKey::of("alice"), [n; 8])
}

fn presented(generation: u64) -> Presented {
    Presented { session: session(1), generation }
}

/// Alice with a session of the client `web`, in generation 5.
fn alice(scope: &str) -> Subject {
    let opening = Opening {
        random: [1; 8],
        device: None,
        client: "web".to_owned(),
        scope: Some(scope.to_owned()).filter(|scope| !scope.is_empty()),
        claims: Map::new(),
        amr: Vec::new(),
    };
    let blank = Subject::new(SubjectKey::of("alice"));
    let mut alice = open(&blank, &opening, &policy(), NOW).subject.unwrap();
    alice.sessions[0].generation = STORED;
    alice
}
