//! `cargo xtask bench`: the benchmarks, which are outside the workspace because their peers are.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

/// `peers …` is a crate of its own; everything else is for the one beside it.
pub(crate) fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<()> {
    let (manifest, arguments) = match arguments.split_first() {
        Some((first, rest)) if first == "peers" => ("bench/peers/Cargo.toml", rest),
        _ => ("bench/Cargo.toml", arguments),
    };
    // All of it: the program that times the peers runs one that counts their allocations.
    process::run(&mut workspace.cargo(["build", "--release", "--manifest-path", manifest]))?;
    let mut command = workspace.cargo(["run", "--release", "--manifest-path", manifest]);
    command.arg("--").args(arguments);
    process::run(&mut command)
}
