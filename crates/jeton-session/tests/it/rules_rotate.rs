//! The rotation table, row by row.

use std::time::Duration;

use jeton::{Reason, Revocation, SessionId, SubjectKey, Target, Timestamp};
use jeton_session::rules::{Opening, Presented, Presenter, Rotation, open, rotate};
use jeton_session::{SessionPolicy, Step, Subject};
use serde_json::Map;

use crate::support::{NOW, at, terms};

const GRACE: u64 = 10;
/// The generation that is stored; it was rotated at [`NOW`].
const STORED: u64 = 5;

/// R1, R3: what a presented generation means, and when.
#[test]
fn each_generation_has_its_row() {
    let idle = policy().idle.as_secs();
    let cases = [
        // The current one, for as long as the session lives.
        (5, at(0), ("rotated", 6)),
        (5, at(3600), ("rotated", 6)),
        (5, at(idle - 1), ("rotated", 6)),
        (5, at(idle), ("gone", 0)),
        // The one before it: repeated until the grace is over, also where the clock was set back
        // by less than that.
        (4, at(0), ("repeated", 5)),
        (4, at(GRACE - 1), ("repeated", 5)),
        (4, at(GRACE), ("replayed", 0)),
        (4, at(GRACE + 1), ("replayed", 0)),
        (4, at(idle), ("gone", 0)),
        (4, back(1), ("repeated", 5)),
        (4, back(GRACE - 1), ("repeated", 5)),
        (4, back(GRACE), ("replayed", 0)),
        (4, back(3600), ("replayed", 0)),
        // Those before: replayed, however soon.
        (3, at(0), ("replayed", 0)),
        (0, at(0), ("replayed", 0)),
        (0, back(3600), ("replayed", 0)),
        // Those that the store has lost.
        (6, at(0), ("repaired", 7)),
        (99, at(3600), ("repaired", 100)),
        (u64::MAX, at(0), ("repaired", u64::MAX)),
    ];
    for (generation, now, expected) in cases {
        let name = format!("{generation} at {now}");

        let step = rotate(&alice(), presented(generation), &web(), &policy(), now);

        assert_eq!(told(&step.answer), expected, "{name}");
        assert_eq!(effect(&step), effect_of(expected.0), "{name}");
    }
}

/// R3: without a grace every spent token is a replay, whatever the clock says.
#[test]
fn a_grace_of_zero_repeats_nothing() {
    let policy = SessionPolicy { grace: Duration::ZERO, ..policy() };
    for now in [at(0), at(1), back(1), back(3600)] {
        let step = rotate(&alice(), presented(STORED - 1), &web(), &policy, now);

        assert_eq!(step.answer, Rotation::Replayed, "{now}");
    }
}

/// R6: within one second generations are told apart, not times.
#[test]
fn on_a_frozen_clock_the_first_of_two_rotations_is_a_replay() {
    let once = rotate(&alice(), presented(5), &web(), &policy(), NOW);
    let twice = rotate(&once.subject.unwrap(), presented(6), &web(), &policy(), NOW);
    let after_both = twice.subject.unwrap();

    let first = rotate(&after_both, presented(5), &web(), &policy(), NOW);
    let second = rotate(&after_both, presented(6), &web(), &policy(), NOW);

    assert_eq!(told(&first.answer), ("replayed", 0));
    assert_eq!(told(&second.answer), ("repeated", 7));
}

/// R1: a replay ends that session and no other, for as long as its access tokens may live.
#[test]
fn a_replay_ends_its_session_alone() {
    let subject = alice();

    let step = rotate(&subject, presented(0), &web(), &policy(), at(100));

    let revocation =
        Revocation { target: Target::Session(session(1), Reason::Replayed), until: at(100 + 690) };
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

    let step = rotate(&subject, presented(5), &web(), &policy(), at(100));

    assert_eq!(step.subject.as_ref(), Some(&expected));
    let Rotation::Rotated(granted) = step.answer else { panic!("{:?}", step.answer) };
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
        let step = rotate(&subject, presented(generation), &web(), &policy, now);
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
    let bobs = SessionId::new(SubjectKey::of("bob"), [1; 8]);
    for session in [session(9), bobs] {
        let presented = Presented { session, generation: 0 };

        let step = rotate(&alice(), presented, &web(), &policy(), NOW);

        assert_eq!(step, Step::keep(Rotation::Gone), "{session:?}");
    }
}

fn web() -> Presenter {
    Presenter::client("web")
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

fn presented(generation: u64) -> Presented {
    let session = session(1);
    Presented { session, generation }
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
        Rotation::Foreign => ("foreign", 0),
        Rotation::TooWide => ("too wide", 0),
    }
}

/// Whether the state changed, and how many revocations there were.
fn effect(step: &Step<Rotation>) -> (bool, usize) {
    (step.subject.is_some(), step.revocations.len())
}

fn effect_of(told: &str) -> (bool, usize) {
    match told {
        "rotated" | "repaired" => (true, 0),
        "replayed" => (true, 1),
        _ => (false, 0),
    }
}
