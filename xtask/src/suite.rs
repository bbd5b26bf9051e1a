//! The workspace's own tests: nextest runs the tests, cargo the examples in the documentation.

use anyhow::Result;

use crate::outcome::Outcome;
use crate::process::{self, Keep};
use crate::tools::{self, SystemProgram};
use crate::workspace::Workspace;

/// What the tests start: gateways, the servers of a fleet, and the judge of its unit files.
const SERVERS: [&SystemProgram; 7] = [
    &tools::NGINX,
    &tools::CADDY,
    &tools::REDIS_SERVER,
    &tools::REDIS_SENTINEL,
    &tools::REDIS_CLI,
    &tools::POSTGRES,
    &tools::SYSTEMD_ANALYZE,
];

/// Runs every test of every crate. Some start real servers.
pub(crate) fn nextest(workspace: &Workspace) -> Result<Outcome> {
    tools::provide(workspace, &SERVERS)?;
    tools::install(workspace, &tools::NEXTEST)?;
    let mut command = workspace.cargo(["nextest", "run", "--workspace"]);
    let lines = process::run_keeping(Keep::Stderr, &mut command)?;
    Ok(Outcome { note: None, closing: closing_lines(&lines) })
}

/// Runs every example of the documentation.
pub(crate) fn doctests(workspace: &Workspace) -> Result<Outcome> {
    process::run(&mut workspace.cargo(["test", "--workspace", "--doc"]))?;
    Ok(Outcome::default())
}

/// What nextest says at its end: from its line `Summary […] 12 tests run: …` on.
fn closing_lines(lines: &[String]) -> Vec<String> {
    let start = lines.iter().rposition(|line| line.contains("Summary ["));
    lines.iter().skip(start.unwrap_or(lines.len())).cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_closing_lines_begin_at_the_last_summary() {
        let lines = ["a test printed Summary [", "PASS", "  Summary [ 1.0s] 3 tests run", "done"];

        let closing = closing_lines(&lines.map(String::from));

        assert_eq!(closing, ["  Summary [ 1.0s] 3 tests run", "done"]);
    }

    #[test]
    fn a_run_without_a_summary_has_no_closing_lines() {
        assert_eq!(closing_lines(&["PASS".to_owned()]), Vec::<String>::new());
    }
}
