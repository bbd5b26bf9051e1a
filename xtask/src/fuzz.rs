//! `cargo xtask fuzz`: what any input does to the parsers and verifiers.
//!
//! The targets are the files of `fuzz/fuzz_targets`. Each is a program of libFuzzer, which changes
//! inputs at random and keeps those that reach new code. Any panic, and any input that takes
//! seconds or gigabytes, is a finding: the run fails and names the file that repeats it. Such a
//! file belongs into `fuzz/seeds`, from where every later run starts.

mod build;
mod report;

use std::path::PathBuf;

use anyhow::{Result, bail};

use crate::files::files_below;
use crate::outcome::Outcome;
use crate::process;
use crate::terminal::say;
use crate::tools;
use crate::workspace::Workspace;

/// Limits for one input: twice the longest token, and far more time and memory than it needs.
const LIMITS: [&str; 3] = ["-max_len=16384", "-timeout=10", "-rss_limit_mb=2048"];

/// Runs each target this long; all of them if none is named.
pub(crate) fn check(workspace: &Workspace, seconds: u32, named: &[String]) -> Result<Outcome> {
    let targets = chosen(&targets(workspace)?, named)?;
    tools::require(workspace, &[&tools::CXX])?;
    let programs = build::programs(workspace)?;
    let mut executions = 0;
    for target in &targets {
        let run = run(workspace, &programs.join(target), target, seconds)?;
        say(&format!("{target:<14}{:>12} executions{:>8} edges", run.executions, run.edges));
        executions += run.executions;
    }
    Ok(Outcome::with_note(format!("{} targets, {executions} executions", targets.len())))
}

/// The names of the files in `fuzz/fuzz_targets`.
fn targets(workspace: &Workspace) -> Result<Vec<String>> {
    let files = files_below(&workspace.root.join("fuzz/fuzz_targets"))?;
    Ok(files.iter().filter_map(|file| Some(file.file_stem()?.to_str()?.to_owned())).collect())
}

fn chosen(targets: &[String], named: &[String]) -> Result<Vec<String>> {
    if let Some(unknown) = named.iter().find(|name| !targets.contains(name)) {
        bail!("there is no target `{unknown}`; there are {}", targets.join(", "));
    }
    Ok(if named.is_empty() { targets.to_vec() } else { named.to_vec() })
}

fn run(
    workspace: &Workspace,
    program: &PathBuf,
    target: &str,
    seconds: u32,
) -> Result<report::Run> {
    let found = workspace.target.join("fuzz/findings").join(target);
    let corpus = workspace.target.join("fuzz/corpus").join(target);
    for folder in [&found, &corpus] {
        std::fs::create_dir_all(folder)?;
    }
    let mut command = workspace.command(program);
    command
        .args(LIMITS)
        .args(["-print_final_stats=1", "-print_funcs=0"])
        .arg(format!("-max_total_time={seconds}"));
    command.arg(format!("-artifact_prefix={}/", found.display())).arg("-dict=fuzz/jose.dict");
    command.arg(corpus).arg(format!("fuzz/seeds/{target}"));
    let output = process::finish(&mut command)?;

    let log = String::from_utf8_lossy(&output.stderr);
    if !output.status.success() {
        say(&report::without_progress(&log));
        match report::finding(&log) {
            Some(file) => {
                bail!("{target} has a finding; `{} {file}` repeats it", program.display())
            }
            None => bail!("{target} failed ({})", output.status),
        }
    }
    report::run(&log)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_targets_run_unless_some_are_named() {
        let targets = ["claims", "jwk"].map(String::from);

        assert_eq!(chosen(&targets, &[]).unwrap(), targets);
        assert_eq!(chosen(&targets, &["jwk".to_owned()]).unwrap(), ["jwk"]);
    }

    #[test]
    fn an_unknown_target_is_answered_with_those_there_are() {
        let targets = ["claims", "jwk"].map(String::from);

        let error = chosen(&targets, &["jwt".to_owned()]).unwrap_err();

        assert_eq!(error.to_string(), "there is no target `jwt`; there are claims, jwk");
    }
}
