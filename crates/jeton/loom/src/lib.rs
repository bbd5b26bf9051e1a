//! Every order in which threads can meet in a revocation list.
//!
//! The files are those of `jeton`, word by word; only their atomics are others. Each model is run once
//! for every order of its steps and every value that a load may return. The larger ones are bounded
//! in how often a thread is interrupted: three times finds what there is to find.
//!
//! Loom does not see that a store meets another's load if the storing thread has loaded the same place
//! before. So the thread of a model that was there first writes, and those that it starts read.

#![cfg(test)]

/// What the files below are made of, from loom instead of the standard library.
mod sync {
    pub(super) use loom::sync::atomic::{AtomicU64, AtomicUsize, Ordering, fence};
    pub(super) use loom::sync::{Mutex, MutexGuard};
}

#[expect(dead_code, reason = "no model needs all of it")]
#[path = "../../src/revocation/table.rs"]
mod table;
#[expect(dead_code, reason = "no model needs all of it")]
#[path = "../../src/revocation/waiting.rs"]
mod waiting;

mod published;
mod read_while_written;
mod woken;

use std::num::NonZeroU8;

use crate::table::{Key, Spread, Term};

/// Puts every id into the slot of its own last bits, so that 1 and 9 are in each other's way.
const SPREAD: Spread = Spread::new(0, 0);

fn key(id: u64) -> Key {
    SPREAD.key(id)
}

fn term(until: u64, tag: u8) -> Term {
    Term::new(until, NonZeroU8::new(tag).unwrap())
}

/// Tries every order with so many interruptions of each thread.
fn explore(interruptions: usize, model: impl Fn() + Sync + Send + 'static) {
    let mut builder = loom::model::Builder::new();
    builder.preemption_bound = Some(interruptions);
    builder.check(model);
}
