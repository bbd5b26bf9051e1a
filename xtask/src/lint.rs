//! `rustfmt`, clippy and rustdoc, over everything.

use anyhow::Result;

use crate::outcome::Outcome;
use crate::process;
use crate::workspace::Workspace;

/// Fails if a file is not formatted.
pub(crate) fn fmt(workspace: &Workspace) -> Result<Outcome> {
    process::run(&mut workspace.cargo(["fmt", "--all", "--check"]))?;
    for outside in ["fuzz/Cargo.toml", "crates/jeton/loom/Cargo.toml"] {
        process::run(&mut workspace.cargo(["fmt", "--manifest-path", outside, "--check"]))?;
    }
    Ok(Outcome::default())
}

/// Fails on any warning in any target.
pub(crate) fn clippy(workspace: &Workspace) -> Result<Outcome> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"];
    process::run(&mut workspace.cargo(arguments))?;
    Ok(Outcome::default())
}

/// Fails on a link that leads nowhere, and whatever else rustdoc warns of.
pub(crate) fn docs(workspace: &Workspace) -> Result<Outcome> {
    let mut command = workspace.cargo(["doc", "--workspace", "--no-deps"]);
    process::run(command.env("RUSTDOCFLAGS", "-D warnings"))?;
    Ok(Outcome::default())
}
