//! `cargo xtask bench`: the benchmarks, which are outside the workspace because their peers are.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::workspace::Workspace;

pub(crate) fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<()> {
    let mut command = workspace.cargo(["run", "--release", "--manifest-path", "bench/Cargo.toml"]);
    command.arg("--").args(arguments);
    process::run(&mut command)
}
