//! Somebody begins to wait while what he waits for is added.

use std::sync::Arc as Shared;
use std::task::{Wake, Waker};

use loom::sync::Arc;
use loom::sync::atomic::{AtomicBool, Ordering};
use loom::thread;

use crate::table::Table;
use crate::waiting::Waiting;
use crate::{explore, key, term};

/// Remembers that it was woken.
struct Bell(AtomicBool);

impl Wake for Bell {
    fn wake(self: Shared<Self>) {
        self.0.store(true, Ordering::Release);
    }
}

struct Model {
    table: Table,
    waiting: Waiting,
}

impl Model {
    fn new() -> Arc<Self> {
        Arc::new(Self { table: Table::with_room(1, false), waiting: Waiting::default() })
    }

    fn add(&self) {
        self.table.put(key(1), term(100, 1), 0);
        if self.waiting.len() > 0 {
            self.waiting.wake([1].into_iter());
        }
    }
}

/// Whoever does not find it is woken for it.
#[test]
fn nobody_sleeps_through_an_end() {
    explore(5, || {
        let model = Model::new();
        let adding = {
            let model = Arc::clone(&model);
            thread::spawn(move || model.add())
        };
        let bell = Shared::new(Bell(AtomicBool::new(false)));
        let ticket = model.waiting.enter([1, 2].into_iter(), &Waker::from(Shared::clone(&bell)));
        let found = model.table.get(key(1)).is_some();

        adding.join().unwrap();
        assert!(found || bell.0.load(Ordering::Acquire), "neither found nor woken");
        model.waiting.leave(ticket, [1, 2].into_iter());
        assert_eq!(model.waiting.len(), 0);
    });
}

/// A task that has moved is woken where it is now, or finds it there.
#[test]
fn a_task_that_moves_sleeps_through_nothing() {
    explore(5, || {
        let model = Model::new();
        let [old, new] = [(); 2].map(|()| Shared::new(Bell(AtomicBool::new(false))));
        let ticket = model.waiting.enter([1].into_iter(), &Waker::from(old));
        let adding = {
            let model = Arc::clone(&model);
            thread::spawn(move || model.add())
        };
        model.waiting.renew(ticket, &Waker::from(Shared::clone(&new)));
        let found = model.table.get(key(1)).is_some();

        adding.join().unwrap();
        assert!(found || new.0.load(Ordering::Acquire), "neither found nor woken");
        model.waiting.leave(ticket, [1].into_iter());
    });
}
