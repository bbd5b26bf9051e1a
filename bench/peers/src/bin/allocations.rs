//! Counts what every contestant takes from the heap, for `peers`, as JSON.

use std::alloc::System;

use anyhow::Result;
use jeton_peers::{Counts, matching};
use stats_alloc::{INSTRUMENTED_SYSTEM, Region, StatsAlloc};

#[global_allocator]
static ALLOCATOR: &StatsAlloc<System> = &INSTRUMENTED_SYSTEM;

fn main() -> Result<()> {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let mut counts = Counts::default();
    for row in matching(&wanted)? {
        counts.count(&row, measure)?;
    }
    println!("{}", serde_json::to_string(&counts)?);
    Ok(())
}

fn measure(run: &mut dyn FnMut()) -> (usize, usize) {
    let region = Region::new(ALLOCATOR);
    run();
    let change = region.change();
    (change.allocations + change.reallocations, change.bytes_allocated)
}
