//! The rotation table, row by row.

use std::time::Duration;

use jeton::{Reason, Revocation, SessionId, SubjectKey, Target, Timestamp};
use jeton_session::rules::{Opening, Presented, Rotation, open, rotate};
use jeton_session::{SessionPolicy, Step, Subject};
use serde_json::Map;

use crate::support::{NOW, at, terms};

const GRACE: u64 = 10;
/// The generation that is stored; it was rotated at [`NOW`].
const STORED: u64 = 5;

/// R1, R3: what a presented generation means, and when.
#[test]
fn each_generation_has_its_row() {
    const DAYS: u64 = 24 * 3600;
    let cases = [
        ("current, at once", 5, at(0), ("rotated", 6)),
        ("current, much later", 5, at(DAYS), ("rotated", 6)),
        (
            "current, in the last second",
            5,
            at(14 * DAYS - 1),
            ("rotated", 6),
        ),
        ("current, too late", 5, at(14 * DAYS), ("gone", 0)),
        ("spent, in the same second", 4, at(0), ("repeated", 5)),
        (
            "spent, in the last second of the grace",
            4,
            at(GRACE - 1),
            ("repeated", 5),
        ),
        (
            "spent, when the grace is over",
            4,
            at(GRACE),
            ("replayed", 0),
        ),
        (
            "spent, a second later still",
            4,
            at(GRACE + 1),
            ("replayed", 0),
        ),
        ("spent, after the session", 4, at(14 * DAYS), ("gone", 0)),
        (
            "spent, clock set back a second",
            4,
            back(1),
            ("repeated", 5),
        ),
        (
            "spent, clock set back an hour",
            4,
            back(3600),
            ("repeated", 5),
        ),
        (
            "spent twice over, in the same second",
            3,
            at(0),
            ("replayed", 0),
        ),
        (
            "the first of all, in the same second",
            0,
            at(0),
            ("replayed", 0),
        ),
        (
            "the first of all, clock set back",
            0,
            back(3600),
            ("replayed", 0),
        ),
        ("one that the store has lost", 6, at(0), ("repaired", 7)),
        (
            "many that the store has lost",
            99,
            at(DAYS),
            ("repaired", 100),
        ),
        (
            "the last there can be",
            u64::MAX,
            at(0),
            ("repaired", u64::MAX),
        ),
    ];
    for (name, generation, now, expected) in cases {
        let subject = alice();

        let step = rotate(&subject, presented(generation), &policy(), now);

        assert_eq!(told(&step.answer), expected, "{name}");
        assert_eq!(&effect(&step), expected_effect(expected.0), "{name}");
    }
}

/// R3: without a grace every spent token is a replay, whatever the clock says.
#[test]
fn a_grace_of_zero_repeats_nothing() {
    let policy = SessionPolicy {
        grace: Duration::ZERO,
        ..policy()
    };
    for now in [at(0), at(1), back(1), back(3600)] {
        let step = rotate(&alice(), presented(STORED - 1), &policy, now);

        assert_eq!(step.answer, Rotation::Replayed, "{now}");
    }
}

/// R6: within one second generations are told apart, not times.
#[test]
fn on_a_frozen_clock_the_first_of_two_rotations_is_a_replay() {
    let once = rotate(&alice(), presented(5), &policy(), NOW);
    let twice = rotate(&once.subject.unwrap(), presented(6), &policy(), NOW);
    let after_both = twice.subject.unwrap();

    let first = rotate(&after_both, presented(5), &policy(), NOW);
    let second = rotate(&after_both, presented(6), &policy(), NOW);

    assert_eq!(told(&first.answer), ("replayed", 0));
    assert_eq!(told(&second.answer), ("repeated", 7));
}

/// R1: a replay ends that session and no other, for as long as its access tokens may live.
#[test]
fn a_replay_ends_its_session_alone() {
    let subject = alice();

    let step = rotate(&subject, presented(0), &policy(), at(100));

    let revocation = Revocation {
        target: Target::Session(session(1), Reason::Replayed),
        until: at(100 + 690),
    };
    assert_eq!(step.revocations, [revocation]);
    let left = step.subject.unwrap();
    assert_eq!(left.sessions, subject.sessions[1..]);
    assert_eq!(left.version, subject.version);
}

/// I3, R7: a rotation moves the generation and the idle end, and nothing else.
#[test]
fn a_rotation_leaves_the_rest_of_the_subject_alone() {
    let subject = alice();
    let mut expected = subject.clone();
    expected.sessions[0].generation = 6;
    expected.sessions[0].rotated_at = at(100);
    expected.sessions[0].idle_expires_at = at(100).after(policy().idle);

    let step = rotate(&subject, presented(5), &policy(), at(100));

    assert_eq!(step.subject.as_ref(), Some(&expected));
    let Rotation::Rotated(granted) = step.answer else {
        panic!("{:?}", step.answer)
    };
    assert_eq!(granted.session, expected.sessions[0]);
    assert_eq!(granted.version, expected.version);
}

/// R7: however often it is refreshed, a session ends when its login said.
#[test]
fn no_refresh_extends_the_absolute_lifetime() {
    let policy = policy();
    let end = NOW.after(policy.absolute);
    let mut subject = alice();

    let week = Duration::from_hours(7 * 24);
    let mut now = NOW;
    for generation in STORED.. {
        now = now.after(week);
        let step = rotate(&subject, presented(generation), &policy, now);
        if step.answer == Rotation::Gone {
            break;
        }
        subject = step.subject.unwrap();
        let session = &subject.sessions[0];
        assert_eq!(session.expires_at, end);
        assert_eq!(session.idle_expires_at, now.after(policy.idle).min(end));
    }

    assert!(now >= end && now < end.after(week), "ended at {now}");
}

/// R11: a session that is not there, or is another subject's, is gone and nothing happens.
#[test]
fn an_unknown_session_is_gone() {
    let cases = [
        (
            "never opened",
            SessionId::new(SubjectKey::of("alice"), [9; 8]),
        ),
        (
            "of another subject",
            SessionId::new(SubjectKey::of("bob"), [1; 8]),
        ),
    ];
    for (name, session) in cases {
        let presented = Presented {
            session,
            generation: 0,
        };

        let step = rotate(&alice(), presented, &policy(), NOW);

        assert_eq!(step, Step::keep(Rotation::Gone), "{name}");
    }
}

fn policy() -> SessionPolicy {
    terms().session_policy()
}

fn back(secs: u64) -> Timestamp {
    NOW.before(Duration::from_secs(secs))
}

fn session(n: u8) -> SessionId {
    SessionId::new(SubjectKey::of("alice"), [n; 8])
}

const fn presented_of(session: SessionId, generation: u64) -> Presented {
    Presented {
        session,
        generation,
    }
}

fn presented(generation: u64) -> Presented {
    presented_of(session(1), generation)
}

/// Alice with two sessions, the first in generation 5, and two recalls.
fn alice() -> Subject {
    let mut alice = Subject::new(SubjectKey::of("alice"));
    alice.version = 2;
    for n in [1, 2] {
        let opening = Opening {
            random: [n; 8],
            device: None,
            client: "web".to_owned(),
            scope: Some("notes".to_owned()),
            claims: Map::from_iter([("role".to_owned(), "editor".into())]),
            amr: vec!["pwd".to_owned()],
        };
        alice = open(&alice, &opening, &policy(), NOW).subject.unwrap();
    }
    alice.sessions[0].generation = STORED;
    alice
}

/// A rotation's name, and the generation it granted.
fn told(rotation: &Rotation) -> (&'static str, u64) {
    match rotation {
        Rotation::Rotated(granted) => ("rotated", granted.session.generation),
        Rotation::Repeated(granted) => ("repeated", granted.session.generation),
        Rotation::Repaired(granted) => ("repaired", granted.session.generation),
        Rotation::Replayed => ("replayed", 0),
        Rotation::Gone => ("gone", 0),
    }
}

/// Whether the state changed, and how many revocations there were.
fn effect(step: &Step<Rotation>) -> (bool, usize) {
    (step.subject.is_some(), step.revocations.len())
}

fn expected_effect(told: &str) -> &'static (bool, usize) {
    match told {
        "rotated" | "repaired" => &(true, 0),
        "replayed" => &(true, 1),
        _ => &(false, 0),
    }
}
