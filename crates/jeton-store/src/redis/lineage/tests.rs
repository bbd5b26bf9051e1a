//! The state machine by itself, and in worlds where everything fails.

use super::world::{Rules, World};

/// How long a world lives: its faults end within the first half.
const LIFE: u64 = 120_000;

fn violations(seed: u64, rules: Rules) -> Vec<String> {
    let mut world = World::new(seed, rules);
    world.run(LIFE);
    world.check_end();
    world.run(LIFE).to_vec()
}

/// The first world in which it shows.
fn found_in(worlds: u64, rules: Rules) -> Option<u64> {
    (0..worlds).find(|seed| !violations(*seed, rules).is_empty())
}

/// INV2, INV4: failovers that lose what was acknowledged, crashes, partitions, clocks that disagree:
/// no ended session gets tokens, no place is used twice, and whoever calls itself complete is.
#[test]
fn in_no_world_is_anything_forgotten() {
    for seed in 0..200 {
        let violations = violations(seed, Rules::default());

        assert!(violations.is_empty(), "seed {seed}: {violations:#?}");
    }
}

/// The same for longer: `cargo test -p jeton-store --release --lib worlds -- --ignored`.
#[test]
#[ignore = "minutes"]
fn in_fifty_thousand_worlds_nothing_is_forgotten() {
    for seed in 0..50_000 {
        let violations = violations(seed, Rules::default());

        assert!(violations.is_empty(), "seed {seed}: {violations:#?}");
    }
}

/// A check that sees nothing when a rule is broken checks nothing.
#[test]
fn each_rule_is_missed_where_it_is_broken() {
    let cases = [
        ("nothing is brought back", Rules { restores_nothing: true, ..Rules::default() }),
        ("nobody waits", Rules { waits_for_nobody: true, ..Rules::default() }),
        ("no floors", Rules { forgets_floors: true, ..Rules::default() }),
        ("who has just joined", Rules { does_not_hold: true, ..Rules::default() }),
        ("too early", Rules { restores_before_all_are_here: true, ..Rules::default() }),
        ("too late", Rules { acknowledges_anything: true, ..Rules::default() }),
        ("no journal", Rules { keeps_no_journal: true, ..Rules::default() }),
    ];
    for (name, rules) in cases {
        let found = found_in(3_000, rules);
        println!("{name}: {found:?}");

        assert!(found.is_some(), "{name}");
    }
}
