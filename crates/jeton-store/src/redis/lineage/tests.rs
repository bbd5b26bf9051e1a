//! The state machine by itself, and in worlds where everything fails.

use jeton_session::Place;

use super::world::{Rules, World};
use super::*;

/// How long a world lives: its faults end within the first half.
const LIFE: u64 = 120_000;

/// How far Redis may go back in these tests.
const MEMORY: u64 = 630_000;

fn violations(seed: u64, rules: Rules) -> Vec<String> {
    let mut world = World::new(seed, rules);
    world.run(LIFE);
    world.check_end();
    world.run(LIFE).to_vec()
}

/// INV1, INV2, INV4, INV5, INV11: failovers that lose what was acknowledged, crashes, partitions,
/// clocks that disagree: no ended session gets tokens, no version falls, no place is used twice, and
/// whoever calls itself complete is.
#[test]
fn in_no_world_is_anything_forgotten() {
    for seed in 0..40 {
        let violations = violations(seed, Rules::AsTheyAre);

        assert!(violations.is_empty(), "seed {seed}: {violations:#?}");
    }
}

/// The same for longer: `cargo test -p jeton-store --release --lib worlds -- --ignored`.
#[test]
#[ignore = "half an hour"]
fn in_fifty_thousand_worlds_nothing_is_forgotten() {
    for seed in 0..50_000 {
        let violations = violations(seed, Rules::AsTheyAre);

        assert!(violations.is_empty(), "seed {seed}: {violations:#?}");
    }
}

/// A check that sees nothing when a rule is broken checks nothing. Each is looked for from a world on
/// in which it has shown, and which is a good one otherwise.
#[test]
fn each_rule_is_missed_where_it_is_broken() {
    let cases = [
        (Rules::RestoresNothing, 0),
        (Rules::WaitsForNobody, 0),
        (Rules::ForgetsFloors, 3),
        (Rules::DoesNotHold, 155),
        (Rules::RestoresBeforeAllAreHere, 6),
        (Rules::AcknowledgesAnything, 407),
        (Rules::KeepsNoJournal, 383),
    ];
    for (rules, first) in cases {
        let found = (first..first + 3_000).find(|seed| !violations(*seed, rules).is_empty());
        println!("{rules:?}: {found:?}");

        let found = found.unwrap_or_else(|| panic!("nobody misses {rules:?}"));
        assert!(violations(found, Rules::AsTheyAre).is_empty(), "{found} is wrong as it is");
    }
}

fn heard(lineage: &str, missing: u64, waiting: u64) -> Heard {
    Heard {
        lineage: Lineage::new(lineage),
        found: 1_000_000,
        known: 0,
        accepted: 0,
        clock: Place::at(1_000_500 << 22),
        missing,
        waiting,
    }
}

/// Hears this and answers the attempt that it asks for.
fn ordered(standing: &mut Standing, heard: &Heard) -> Option<Attempt> {
    match standing.hear(&standing.tell(), heard, MEMORY) {
        Order::Settle(attempt) => Some(attempt),
        Order::Rest => None,
    }
}

fn opened(lineage: &str) -> Standing {
    let mut standing = Standing::new(None);
    let attempt = ordered(&mut standing, &heard(lineage, 0, 1)).unwrap();
    assert!(standing.settled(&attempt));
    assert_eq!(ordered(&mut standing, &heard(lineage, 0, 0)), None);
    assert!(standing.open().is_some());
    standing
}

#[test]
fn a_bucket_opens_when_all_are_here_and_all_have_settled() {
    let mut standing = Standing::new(None);

    let attempt = ordered(&mut standing, &heard("a 1", 2, 3)).unwrap();
    assert_eq!(standing.may_restore(&attempt), Some(false), "two are missing");
    assert!(!standing.settled(&attempt), "too early");
    assert_eq!(ordered(&mut standing, &heard("a 1", 0, 2)), None, "it is on its way");
    assert_eq!(standing.may_restore(&attempt), Some(true));
    assert_eq!(standing.tell().settled, None);
    assert!(standing.settled(&attempt));
    assert_eq!(standing.tell().settled, Some(Lineage::new("a 1")));
    ordered(&mut standing, &heard("a 1", 0, 1));
    assert_eq!(standing.open(), None, "somebody has not settled");
    ordered(&mut standing, &heard("a 1", 0, 0));
    assert_eq!(standing.open(), Some(&Lineage::new("a 1")));
    ordered(&mut standing, &heard("a 1", 1, 1));
    assert!(standing.open().is_some(), "who joins later stops nobody");
}

#[test]
fn another_lineage_closes_at_once_and_takes_no_acknowledgement_of_the_one_before() {
    let (old, new) = (Lineage::new("a 1"), Lineage::new("b 2"));
    let mut standing = opened("a 1");
    assert!(standing.acknowledges(&old));

    let attempt = ordered(&mut standing, &heard("b 2", 0, 1)).unwrap();

    assert_eq!(standing.open(), None);
    assert!(!standing.acknowledges(&old));
    assert!(standing.acknowledges(&new), "what it brings back itself");
    standing.leave(&old);
    assert!(standing.settled(&attempt), "an answer of the old one does not disturb");
}

#[test]
fn a_late_answer_of_a_lineage_that_was_left_changes_nothing() {
    let mut standing = opened("a 1");
    let before = standing.tell();
    let attempt = ordered(&mut standing, &heard("b 2", 0, 1)).unwrap();
    standing.settled(&attempt);

    let order = standing.hear(&before, &heard("a 1", 0, 0), MEMORY);

    assert_eq!((order, standing.tell().settled), (Order::Rest, Some(Lineage::new("b 2"))));
}

#[test]
fn an_attempt_that_failed_is_followed_by_another_and_means_nothing_more() {
    let mut standing = Standing::new(None);
    let first = ordered(&mut standing, &heard("a 1", 0, 1)).unwrap();
    standing.leave(&first.lineage);

    let second = ordered(&mut standing, &heard("a 1", 0, 1)).unwrap();

    assert_eq!(standing.may_restore(&first), None);
    assert!(!standing.settled(&first));
    assert!(standing.settled(&second));
}

/// INV1: what is older than anybody remembers stays closed, whatever else is heard, until the
/// operator has accepted it or the right data is back.
#[test]
fn an_old_backup_stays_closed() {
    let old = Heard { known: 1_000_000 + MEMORY + 1, ..heard("b 2", 0, 0) };
    let cases = [
        ("accepted", Heard { accepted: old.known, ..old.clone() }, true),
        ("accepted once before", Heard { accepted: old.known - 1, ..old.clone() }, false),
        ("restarted", Heard { lineage: Lineage::new("c 3"), ..old.clone() }, false),
        ("another primary with all of it", heard("d 4", 0, 1), true),
    ];
    for (name, next, goes_on) in cases {
        let mut standing = opened("a 1");
        assert_eq!(ordered(&mut standing, &old), None);
        assert!(standing.is_rolled_back() && standing.open().is_none());

        assert_eq!(ordered(&mut standing, &next).is_some(), goes_on, "{name}");
        assert_eq!(standing.is_rolled_back(), !goes_on, "{name}");
    }
}

/// Whoever starts again tells what it knew, so that another primary counts on from there.
#[test]
fn a_node_tells_what_it_knew_before() {
    let known = Known { lineage: Lineage::new("a 1"), clock: 1_000_400 };
    let mut standing = Standing::new(Some(known.clone()));
    assert_eq!(standing.tell().floor, Place::at(1_000_400 << 22));

    standing.raise(Place::at(7));
    assert!(!standing.prove(&standing.tell(), &heard("b 2", 0, 0)));

    assert_eq!(standing.tell().known, Some(known), "nothing is proved in a closed bucket");
    let mut standing = opened("b 2");
    let earlier = Heard { clock: Place::at(1_000_100 << 22), ..heard("b 2", 0, 0) };
    assert!(standing.prove(&standing.tell(), &heard("b 2", 0, 0)));
    assert!(standing.prove(&standing.tell(), &earlier));
    assert_eq!(standing.known().map(|known| known.clock), Some(1_000_500), "it never goes back");
}

/// INV5: what others bring back comes after a heartbeat that was sent before all had settled. Its
/// answer proves nothing, however late it comes.
#[test]
fn a_heartbeat_of_before_the_bucket_opened_proves_nothing() {
    let mut standing = Standing::new(None);
    let unsettled = standing.tell();
    let attempt = ordered(&mut standing, &heard("a 1", 0, 2)).unwrap();
    assert!(standing.settled(&attempt));
    let settled = standing.tell();
    assert_eq!(standing.hear(&settled, &heard("a 1", 0, 0), MEMORY), Order::Rest);

    assert!(!standing.prove(&unsettled, &heard("a 1", 0, 0)));
    assert!(!standing.prove(&settled, &heard("a 1", 0, 1)), "somebody had yet to bring back");
    assert!(standing.prove(&settled, &heard("a 1", 0, 0)), "the one that opened it");
    assert!(standing.prove(&standing.tell(), &heard("a 1", 0, 1)), "somebody has joined");
}
