//! `cargo xtask quickstart`: the walk a newcomer takes, each step of it asserted.

use anyhow::Result;

use crate::outcome::Outcome;
use crate::workspace::Workspace;
use crate::{process, tools};

pub(crate) fn check(workspace: &Workspace) -> Result<Outcome> {
    tools::require(workspace, &[&tools::BASH, &tools::CURL, &tools::JQ])?;
    let jeton = workspace.build_jeton()?;
    let mut command = workspace.command("bash");
    command.arg("examples/quickstart.sh").env("JETON_BIN", jeton);
    process::run(&mut command)?;
    Ok(Outcome::default())
}
