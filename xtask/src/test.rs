//! `cargo xtask test`: every check in order, stopping at the first that fails.
//!
//! The cheap checks come first, so that a mistake is heard of soon. The last lines printed are the
//! test runner's own, after a table that says how long each check took and what was left out.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result};

use crate::outcome::Outcome;
use crate::terminal::{heading, readable, say};
use crate::workspace::Workspace;
use crate::{clients, conformance, deny, fuzz, interop, lint, loom, quickstart, suite, walls};

/// Seconds for each target of the fuzzer: enough to see that it works and to try every seed.
const FUZZING: u32 = 3;

pub(crate) fn every_check(workspace: &Workspace) -> Result<()> {
    let mut report = Report::default();
    report.check("fmt", || lint::fmt(workspace))?;
    report.check("walls", || walls::check(workspace))?;
    report.check("conformance", || conformance::check(workspace, false))?;
    report.check("clippy", || lint::clippy(workspace))?;
    report.check("nextest", || suite::nextest(workspace))?;
    report.check("docs", || lint::docs(workspace))?;
    report.check("doctests", || suite::doctests(workspace))?;
    report.check("loom", || loom::check(workspace))?;
    report.check("fuzz", || fuzz::check(workspace, FUZZING, &[]))?;
    report.check("interop", || interop::check(workspace))?;
    report.check("clients", || clients::check(workspace))?;
    report.check("quickstart", || quickstart::check(workspace))?;
    report.check("deny", || deny::check(workspace, None))?;

    heading("every check passed");
    for line in report.lines() {
        say(&line);
    }
    Ok(())
}

/// The checks that have passed so far.
#[derive(Debug, Default)]
struct Report {
    passed: Vec<(&'static str, Duration, Outcome)>,
}

impl Report {
    fn check(&mut self, name: &'static str, run: impl FnOnce() -> Result<Outcome>) -> Result<()> {
        heading(name);
        let start = Instant::now();
        let outcome = run();
        let took = start.elapsed();
        let outcome = outcome.with_context(|| format!("{name} failed after {}", readable(took)))?;
        say(&format!("{name} passed in {}", readable(took)));
        self.passed.push((name, took, outcome));
        Ok(())
    }

    /// One line per check and one for the whole, then the closing lines.
    fn lines(&self) -> Vec<String> {
        let row = |name: &str, took: Duration, note: &str| {
            format!("{name:<12}{:>12}  {note}", readable(took)).trim_end().to_owned()
        };
        let mut lines: Vec<_> = self
            .passed
            .iter()
            .map(|(name, took, outcome)| row(name, *took, outcome.note.as_deref().unwrap_or("")))
            .collect();
        lines.push(row("together", self.passed.iter().map(|(_, took, _)| *took).sum(), ""));
        lines.extend(self.passed.iter().flat_map(|(_, _, outcome)| outcome.closing.clone()));
        lines
    }
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    fn took(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn the_closing_lines_come_after_the_table() {
        let summary = Outcome { note: None, closing: vec!["Summary: 7 tests run".to_owned()] };
        let skipped = Outcome::with_note("skipped: advisories");
        let report =
            Report { passed: vec![("tests", took(65), summary), ("deny", took(5), skipped)] };

        let lines = report.lines();

        assert_eq!(
            lines,
            [
                "tests         1 min 05 s",
                "deny               5.0 s  skipped: advisories",
                "together      1 min 10 s",
                "Summary: 7 tests run",
            ]
        );
    }

    #[test]
    fn a_check_that_fails_is_named_and_its_cause_kept() {
        let mut report = Report::default();

        let error = report.check("walls", || bail!("an edge too many")).unwrap_err();

        assert!(error.to_string().starts_with("walls failed after"), "{error}");
        assert_eq!(error.root_cause().to_string(), "an edge too many");
    }
}
