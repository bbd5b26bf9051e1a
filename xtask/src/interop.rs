//! `cargo xtask interop`: tokens and keys exchanged with the most used libraries of other
//! languages.

use anyhow::Result;

use crate::outcome::Outcome;
use crate::process::{self, Keep};
use crate::workspace::Workspace;
use crate::{packages, tools};

/// Holds the cases and the pins.
const FOLDER: &str = "interop";

pub(crate) fn check(workspace: &Workspace) -> Result<Outcome> {
    tools::require(workspace, &[&tools::PYTHON, &tools::NODE, &tools::NPM])?;
    let python = packages::python(workspace, FOLDER)?;
    let node = packages::node(workspace, FOLDER)?;
    let jeton = workspace.build_jeton()?;

    let mut command = workspace.command(python);
    command.args(["-B", "interop/run.py", "--jeton"]).arg(jeton);
    command.arg("--node-modules").arg(node.join("node_modules"));
    let lines = process::run_keeping(Keep::Stdout, &mut command)?;
    Ok(Outcome { note: lines.into_iter().last(), closing: Vec::new() })
}
