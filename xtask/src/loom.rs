//! `cargo xtask loom`: the revocation list under every order in which threads can meet in it.

use anyhow::Result;

use crate::outcome::Outcome;
use crate::process::{self, Keep};
use crate::workspace::Workspace;

/// Runs the models of `crates/jeton/loom`, which is outside the workspace.
pub(crate) fn check(workspace: &Workspace) -> Result<Outcome> {
    let manifest = "crates/jeton/loom/Cargo.toml";
    let mut command = workspace.cargo(["test", "--release", "--lib", "--manifest-path", manifest]);
    command.arg("--target-dir").arg(workspace.target.join("loom"));
    let lines = process::run_keeping(Keep::Stdout, &mut command)?;
    Ok(Outcome::with_note(format!("{} models", models(&lines))))
}

fn models(lines: &[String]) -> usize {
    lines.iter().filter(|line| line.starts_with("test ") && line.ends_with(" ... ok")).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_that_passed_are_counted() {
        let lines = ["running 2 tests", "test a::b ... ok", "test c ... ok", "test result: ok. 2"];

        assert_eq!(models(&lines.map(String::from)), 2);
    }
}
