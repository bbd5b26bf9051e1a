//! What contestants take from the heap.
//!
//! Counting slows every allocation down, so it is done by a program of its own, `allocations`, with
//! an allocator of its own; `peers`, which times, runs it.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde::{Deserialize, Serialize};

use crate::rows::Row;

/// What one contestant takes for one operation, on average over the pool.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
pub struct Allocations {
    /// Allocations, those to grow included.
    pub count: f64,
    /// Bytes asked for.
    pub bytes: f64,
}

/// By row, then in the order of its contestants.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Counts(BTreeMap<String, Vec<Allocations>>);

impl Counts {
    /// Has the program beside this one count.
    pub fn from_program(rows: &[Row]) -> Result<Self> {
        let program = std::env::current_exe()?.with_file_name("allocations");
        let missing = || format!("{}: build it with `cargo build --release`", program.display());
        let output = Command::new(&program)
            .args(rows.iter().map(|row| row.name))
            .stderr(Stdio::inherit())
            .output()
            .with_context(missing)?;
        ensure!(output.status.success(), "{} failed", Path::new(&program).display());
        serde_json::from_slice(&output.stdout).context("counts of allocations")
    }

    /// Counts a row. `measure` says how many allocations and bytes a run took.
    pub fn count(
        &mut self,
        row: &Row,
        mut measure: impl FnMut(&mut dyn FnMut()) -> (usize, usize),
    ) -> Result<()> {
        let mut contest = row.prepare()?;
        let (pool, contestants) = contest.parts();
        let count = |contestant: &mut crate::Contestant| {
            let (count, bytes) = measure(&mut || _ = contestant.run(pool));
            let operations = pool.len() as f64;
            Allocations { count: count as f64 / operations, bytes: bytes as f64 / operations }
        };
        let counts = contestants.iter_mut().map(count).collect();
        self.0.insert(row.name.into(), counts);
        Ok(())
    }

    /// What this contestant of a row takes.
    #[must_use]
    pub fn of(&self, row: &Row, contestant: usize) -> Allocations {
        let counts = self.0.get(row.name).and_then(|row| row.get(contestant));
        counts.copied().unwrap_or_default()
    }
}
