//! Readers while a table is replaced: as `ArcSwap` does it, a pointer that is loaded and stored.

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use loom::thread;

use crate::table::{Put, Table};
use crate::{SPREAD, explore, key, term};

/// A list of one part: the tables that there will be, and which one is in use.
struct Model {
    tables: [Table; 2],
    current: AtomicUsize,
    acknowledged: AtomicBool,
}

impl Model {
    fn new() -> Arc<Self> {
        let tables = [Table::with_room(2, false), Table::with_room(4, false)];
        tables[0].put(key(1), term(100, 1), 0);
        tables[0].put(key(9), term(10, 2), 0);
        let (current, acknowledged) = (AtomicUsize::new(0), AtomicBool::new(false));
        Arc::new(Self { tables, current, acknowledged })
    }

    fn finds(&self, id: u64) -> bool {
        self.tables[self.current.load(Ordering::Acquire)].get(key(id)).is_some()
    }

    /// Fills the second table from the first, publishes it, and adds to it.
    fn replace(&self, now: Option<u64>) {
        let [old, new] = &self.tables;
        new.fill_from(old, SPREAD, now);
        self.current.store(1, Ordering::Release);
        assert_eq!(new.put(key(17), term(100, 3), 0), Put::Added);
        self.acknowledged.store(true, Ordering::Release);
    }
}

/// What was there before is found at any moment; what is new, once it was acknowledged.
#[test]
fn a_look_meets_growth() {
    explore(4, || {
        let model = Model::new();
        let old = {
            let model = Arc::clone(&model);
            thread::spawn(move || assert!(model.finds(1) && model.finds(9)))
        };
        let new = {
            let model = Arc::clone(&model);
            thread::spawn(move || {
                let must = model.acknowledged.load(Ordering::Acquire);
                assert!(model.finds(17) || !must);
                assert!(model.finds(1));
            })
        };

        model.replace(None);

        old.join().unwrap();
        new.join().unwrap();
        assert!(model.finds(9) && model.finds(17));
    });
}

/// What has not expired is found at any moment, and what has is gone afterwards.
#[test]
fn a_look_meets_a_sweep() {
    explore(4, || {
        let model = Model::new();
        let reader = {
            let model = Arc::clone(&model);
            thread::spawn(move || {
                let gone = !model.finds(9);
                assert!(model.finds(1));
                assert!(!gone || !model.finds(9), "what has expired came back");
            })
        };

        model.replace(Some(10));

        reader.join().unwrap();
        assert!(model.finds(1) && !model.finds(9));
    });
}
