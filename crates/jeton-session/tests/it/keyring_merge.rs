//! Copies of one keyring that went on apart, and come together again.

use jeton::{Algorithm, KeyId, Timestamp};
use jeton_session::{KeyTimes, Keyring, KeyringError};
use proptest::prelude::*;

use crate::support::{NOW, at, terms};

fn times() -> KeyTimes {
    terms().key_times()
}

fn ids(ring: &Keyring) -> Vec<KeyId> {
    ring.summary().into_iter().map(|key| key.id).collect()
}

fn merged(one: &Keyring, other: &Keyring, now: Timestamp) -> Keyring {
    one.merge(other, times(), now).unwrap()
}

/// I8: whatever two copies did on their own, both have all of it afterwards.
#[test]
fn copies_that_rotated_apart_have_the_keys_of_both() {
    let start = Keyring::generate(Algorithm::EdDsa, NOW).unwrap();
    let one = start.rotate(Algorithm::EdDsa, times(), at(1)).unwrap();
    let other = start.rotate(Algorithm::EdDsa, times(), at(2)).unwrap();

    let both = merged(&one, &other, at(3));

    assert!(ids(&one).iter().chain(&ids(&other)).all(|id| both.has(id)));
    assert_eq!(ids(&both).len(), 6, "three access keys and three refresh keys");
    assert!(both.is_alike(&merged(&other, &one, at(3))), "in either order");
    assert!(!one.is_alike(&other) && !both.is_alike(&one));
}

/// I8: a copy of before a theft does not bring the stolen key back, access or refresh key.
#[test]
fn what_was_withdrawn_stays_out_whatever_copy_comes_back() {
    let old = Keyring::generate(Algorithm::EdDsa, NOW).unwrap();
    for stolen in ids(&old) {
        let mut new = old.withdraw(&stolen, at(1)).unwrap();
        // Long enough for `withdrawn` to forget it.
        for day in 1..20 {
            let now = at(day * 86_400);
            new = new.rotate(Algorithm::EdDsa, times(), now).unwrap();
            let read = Keyring::from_document(&new.to_document()).unwrap();

            let both = merged(&old, &read, now);

            assert!(!both.has(&stolen), "day {day}");
            assert!(both.is_alike(&merged(&read, &old, now)), "day {day}");
        }
    }
}

/// I8: a key that alone signs gets a successor first, which signs the moment it is withdrawn.
#[test]
fn a_successor_is_known_before_it_has_to_sign() {
    let start = Keyring::generate(Algorithm::EdDsa, NOW).unwrap();
    let stolen = ids(&start)[0].clone();

    let prepared = start.with_successor_of(&stolen, times(), at(1)).unwrap();
    let withdrawn = prepared.withdraw(&stolen, at(2)).unwrap();

    assert_eq!(prepared.access_key(at(1)).id(), Some(&stolen), "nothing changes yet");
    let signing = withdrawn.access_key(at(2)).id().unwrap();
    assert!(prepared.has(signing) && *signing != stolen);
    let again = prepared.with_successor_of(&stolen, times(), at(1)).unwrap();
    assert!(again.is_alike(&prepared), "one is enough");
    let unknown = KeyId::new("unknown").unwrap();
    let refused = start.with_successor_of(&unknown, times(), at(1));
    assert_eq!(refused.unwrap_err(), KeyringError::NoSuchKey);
}

#[derive(Clone, Copy, Debug)]
enum Act {
    Rotate,
    Withdraw(usize),
    Merge(usize),
}

fn acts() -> impl Strategy<Value = Vec<(usize, Act)>> {
    let act = prop_oneof![
        2 => Just(Act::Rotate),
        1 => (0_usize..8).prop_map(Act::Withdraw),
        2 => (0_usize..3).prop_map(Act::Merge),
    ];
    prop::collection::vec((0_usize..3, act), 1..16)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// I8: three nodes do anything, in any order, and merge: they end up alike, nothing that was
    /// withdrawn is left, and no living key of anybody is missing.
    #[test]
    fn copies_end_up_alike_and_lose_nothing_but_what_was_withdrawn(acts in acts()) {
        let start = Keyring::generate(Algorithm::EdDsa, NOW).unwrap();
        let mut copies = [start.clone(), start.clone(), start];
        let (mut made, mut gone) = (ids(&copies[0]), Vec::new());
        for (second, (node, act)) in acts.into_iter().enumerate() {
            let now = at(u64::try_from(second).unwrap());
            let copy = &copies[node];
            let next = match act {
                Act::Rotate => copy.rotate(Algorithm::EdDsa, times(), now).ok(),
                Act::Withdraw(nth) => {
                    let keys = ids(copy);
                    let id = keys[nth % keys.len()].clone();
                    let withdrawn = copy.withdraw(&id, now).unwrap();
                    gone.push(id);
                    Some(withdrawn)
                }
                Act::Merge(other) => Some(merged(copy, &copies[other], now)),
            };
            copies[node] = next.unwrap_or_else(|| copies[node].clone());
            made.extend(ids(&copies[node]));
        }

        let now = at(60);
        let first = merged(&merged(&copies[0], &copies[1], now), &copies[2], now);
        let last = merged(&copies[2], &merged(&copies[1], &copies[0], now), now);
        let again = merged(&first, &copies[1], now);

        prop_assert!(gone.iter().all(|id| !first.has(id)));
        prop_assert!(made.iter().filter(|id| !gone.contains(id)).all(|id| first.has(id)));
        // Where every copy has lost its last key, each merge has to make one.
        let is_new = |ring: &Keyring| ids(ring).iter().any(|id| !made.contains(id));
        if !is_new(&first) && !is_new(&last) {
            prop_assert!(first.is_alike(&last));
        }
        prop_assert!(first.is_alike(&again));
    }
}
