//! What libFuzzer writes, as far as anybody wants to know.

use anyhow::{Context as _, Result};

/// What a run without a finding has done.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Run {
    pub(super) executions: u64,
    /// How many edges of the control flow graph some input has reached.
    pub(super) edges: u64,
}

/// Reads the end of a log: `#4096 DONE cov: 345 ft: 678 …` and `stat::number_of_executed_units: …`.
pub(super) fn run(log: &str) -> Result<Run> {
    let last = |name: &str| -> Option<u64> {
        let (_, behind) = log.rsplit_once(name)?;
        behind.split_whitespace().next()?.parse().ok()
    };
    Ok(Run {
        executions: last("stat::number_of_executed_units:").context("no count of executions")?,
        edges: last(" cov: ").context("no coverage: not built with instrumentation?")?,
    })
}

/// The file with the input that failed.
pub(super) fn finding(log: &str) -> Option<&str> {
    let (_, behind) = log.rsplit_once("Test unit written to ")?;
    behind.lines().next().map(str::trim_end)
}

/// The log without the line for each input that was kept.
pub(super) fn without_progress(log: &str) -> String {
    let lines: Vec<_> = log.lines().filter(|line| !line.starts_with('#')).collect();
    lines.join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = "INFO: Seed: 1\n#2\tINITED cov: 4 ft: 5 corp: 1/1b\n\
                       #8192\tDONE   cov: 1234 ft: 5678 corp: 99/9Kb lim: 64\n\
                       stat::number_of_executed_units: 8192\nstat::peak_rss_mb: 29\n";

    #[test]
    fn executions_and_edges_are_those_of_the_end() {
        assert_eq!(run(LOG).unwrap(), Run { executions: 8192, edges: 1234 });
    }

    #[test]
    fn a_program_that_is_not_instrumented_is_no_success() {
        let error = run("stat::number_of_executed_units: 8192\n").unwrap_err();

        assert_eq!(error.to_string(), "no coverage: not built with instrumentation?");
    }

    #[test]
    fn a_finding_is_named_by_its_file() {
        let log = "thread panicked\n#7\tNEW\nartifact_prefix='/t/'; Test unit written to /t/crash-1\nBase64: AA\n";

        assert_eq!(finding(log), Some("/t/crash-1"));
        assert_eq!(finding(LOG), None);
        assert!(!without_progress(log).contains("NEW"));
    }
}
