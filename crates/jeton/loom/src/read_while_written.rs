//! Readers in a table that is written to.

use loom::sync::atomic::{AtomicBool, Ordering};
use loom::sync::{Arc, Mutex};
use loom::thread;

use crate::table::{Held, Put, Table};
use crate::{explore, key, term};

/// Two ids that begin their search at the same slot, and what belongs to each.
fn held(id: u64) -> Held {
    Held { id, term: term(id * 10, id as u8), number: id * 100 }
}

fn put(table: &Table, held: Held) -> Put {
    table.put(key(held.id), held.term, held.number)
}

/// Nobody sees an id with the end, the reason or the number of another, and what was acknowledged
/// before a look began is found by it.
#[test]
fn two_readers_meet_two_writers() {
    explore(3, || {
        let table = Arc::new(Table::with_room(2, true));
        let turn = Arc::new(Mutex::new(()));
        let acknowledged = Arc::new([AtomicBool::new(false), AtomicBool::new(false)]);

        for (place, id) in [1, 9].into_iter().enumerate() {
            let (table, acknowledged) = (Arc::clone(&table), Arc::clone(&acknowledged));
            let turn = Arc::clone(&turn);
            thread::spawn(move || {
                let taken = turn.lock().unwrap();
                assert_eq!(put(&table, held(id)), Put::Added);
                drop(taken);
                acknowledged[place].store(true, Ordering::Release);
            });
        }
        let look = move |table: &Table, place: usize, id| {
            let must = acknowledged[place].load(Ordering::Acquire);
            match table.get(key(id)) {
                Some(found) => assert_eq!(found, held(id)),
                None => assert!(!must, "{id} was acknowledged and is not found"),
            }
        };
        let reader = {
            let (table, look) = (Arc::clone(&table), look.clone());
            thread::spawn(move || look(&table, 0, 1))
        };
        look(&table, 1, 9);
        reader.join().unwrap();
    });
}

/// What is said again only grows, and a new number never goes with an end before it.
#[test]
fn an_export_meets_a_writer() {
    explore(5, || {
        let table = Arc::new(Table::with_room(1, true));
        table.put(key(1), term(10, 1), 3);
        let exporter = {
            let table = Arc::clone(&table);
            thread::spawn(move || {
                let mut seen = Vec::new();
                table.for_each(|held| seen.push((held.term.until(), held.number)));
                assert!([(10, 3), (20, 3), (20, 4)].contains(&seen[0]), "{seen:?}");
                let checked = table.get(key(1)).unwrap();
                assert!(checked.number >= seen[0].1, "a version fell");
            })
        };

        assert_eq!(table.put(key(1), term(20, 1), 4), Put::Merged);

        exporter.join().unwrap();
        assert_eq!(table.get(key(1)).unwrap().number, 4);
    });
}
