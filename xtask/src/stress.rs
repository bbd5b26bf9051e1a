//! `cargo xtask crash`, `race` and `chaos`: the tests that find more the longer they run.
//!
//! They are part of every test run with few rounds. Here they get as many as asked for, and as much
//! time as they need: the profile `stress` of nextest ends no test for being slow.

use anyhow::Result;

use crate::workspace::Workspace;
use crate::{process, tools};

/// Kills the server in the middle of its work, again and again.
pub(crate) fn crash(workspace: &Workspace, rounds: u32) -> Result<()> {
    run(workspace, "crash", ("JETON_CRASH_ROUNDS", rounds))
}

/// Sends requests that get in each other's way, again and again.
pub(crate) fn race(workspace: &Workspace, rounds: u32) -> Result<()> {
    run(workspace, "race", ("JETON_RACE_ROUNDS", rounds))
}

/// Fails whatever is between verifiers and their service, again and again.
pub(crate) fn chaos(workspace: &Workspace, seconds: u32) -> Result<()> {
    run(workspace, "chaos", ("JETON_CHAOS_SECONDS", seconds))
}

/// Runs the tests with this word in their path; a word, so that `race` does not mean `grace`.
fn run(workspace: &Workspace, word: &str, (variable, rounds): (&str, u32)) -> Result<()> {
    tools::install(workspace, &tools::NEXTEST)?;
    let filter = format!("test(/(^|:|_){word}/)");
    let mut command = workspace.cargo(["nextest", "run", "--package", "jeton-server"]);
    command.args(["--profile", "stress", "--no-capture", "--filterset", &filter]);
    process::run(command.env(variable, rounds.to_string()))
}
