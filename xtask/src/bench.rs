//! `cargo xtask bench`: the benchmarks, which are outside the workspace because their peers are.

use std::ffi::OsString;

use anyhow::Result;

use crate::process;
use crate::tools::{self, SystemProgram};
use crate::workspace::Workspace;

/// What a benchmark measures, or measures itself by.
const PROGRAMS: [(&str, &[&SystemProgram]); 3] = [
    ("check", &[&tools::WRK]),
    ("fleet", &[&tools::REDIS_SERVER, &tools::REDIS_BENCHMARK, &tools::POSTGRES]),
    ("memory", &[&tools::REDIS_SERVER]),
];

/// `peers …` is a crate of its own; everything else is for the one beside it.
pub(crate) fn run(workspace: &Workspace, arguments: &[OsString]) -> Result<()> {
    let (manifest, arguments) = match arguments.split_first() {
        Some((first, rest)) if first == "peers" => ("bench/peers/Cargo.toml", rest),
        _ => ("bench/Cargo.toml", arguments),
    };
    let needed = PROGRAMS.iter().filter(|(name, _)| arguments.first().is_some_and(|a| a == name));
    for (_, programs) in needed {
        tools::require(workspace, programs)?;
    }
    // All of it: the program that times the peers runs one that counts their allocations.
    process::run(&mut workspace.cargo(["build", "--release", "--manifest-path", manifest]))?;
    let mut command = workspace.cargo(["run", "--release", "--manifest-path", manifest]);
    command.arg("--").args(arguments);
    process::run(&mut command)
}
