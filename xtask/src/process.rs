//! Running other programs: each failure names the whole command line.

use std::env;
use std::ffi::OsString;
use std::io::{self, BufRead as _, BufReader, Read, Write};
use std::process::{Command, Output, Stdio};

use anyhow::{Context as _, Result, bail};

/// A variable of our own environment, if it is set and not empty.
pub(crate) fn environment(name: &str) -> Option<OsString> {
    env::var_os(name).filter(|value| !value.is_empty())
}

/// The command, run to its end with our own input and output.
///
/// # Errors
///
/// It cannot be started, or it ends with anything but success.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let line = command_line(command);
    let status = command.status().with_context(|| format!("cannot start `{line}`"))?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(())
}

/// Like [`run`], but says whether the command succeeded and shows nothing of it.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool> {
    Ok(finish(command.stdin(Stdio::null()))?.status.success())
}

/// What the command writes to its standard output.
///
/// # Errors
///
/// As for [`run`], with the command's own words.
pub(crate) fn output(command: &mut Command) -> Result<Vec<u8>> {
    let line = command_line(command);
    let output = finish(command)?;
    if !output.status.success() {
        let stderr = String::from_utf8_lossy(&output.stderr);
        bail!("`{line}` failed ({}):\n{stderr}", output.status);
    }
    Ok(output.stdout)
}

/// Everything the command has to say, whether it succeeds or not.
pub(crate) fn finish(command: &mut Command) -> Result<Output> {
    let line = command_line(command);
    command.output().with_context(|| format!("cannot start `{line}`"))
}

/// Which of a command's two outputs to keep.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Keep {
    Stdout,
    Stderr,
}

/// Like [`run`], and returns the lines of one output, which are also passed on as they come.
pub(crate) fn run_keeping(keep: Keep, command: &mut Command) -> Result<Vec<String>> {
    let line = command_line(command);
    match keep {
        Keep::Stdout => command.stdout(Stdio::piped()),
        Keep::Stderr => command.stderr(Stdio::piped()),
    };
    let mut child = command.spawn().with_context(|| format!("cannot start `{line}`"))?;
    let lines = match (child.stdout.take(), child.stderr.take()) {
        (Some(stdout), _) => pass_on(stdout, io::stdout())?,
        (None, Some(stderr)) => pass_on(stderr, io::stderr())?,
        (None, None) => Vec::new(),
    };
    let status = child.wait()?;
    if !status.success() {
        bail!("`{line}` failed ({status})");
    }
    Ok(lines)
}

fn pass_on(from: impl Read, mut to: impl Write) -> Result<Vec<String>> {
    let mut kept = Vec::new();
    for line in BufReader::new(from).split(b'\n') {
        let line = String::from_utf8_lossy(&line?).into_owned();
        writeln!(to, "{line}")?;
        kept.push(line);
    }
    Ok(kept)
}

fn command_line(command: &Command) -> String {
    let mut line = command.get_program().to_string_lossy().into_owned();
    for argument in command.get_args() {
        line.push(' ');
        line.push_str(&argument.to_string_lossy());
    }
    line
}
