//! Where things are, and how to run a program there.

use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result};
use serde::Deserialize;

use crate::{process, tools};

/// This repository on this machine.
#[derive(Debug)]
pub(crate) struct Workspace {
    pub(crate) root: PathBuf,
    /// Cargo's target folder; everything the commands here install or write is inside it.
    pub(crate) target: PathBuf,
}

impl Workspace {
    /// Asks cargo, because a configuration may put the target folder anywhere.
    pub(crate) fn find() -> Result<Self> {
        #[derive(Deserialize)]
        struct Found {
            workspace_root: PathBuf,
            target_directory: PathBuf,
        }

        let mut command = cargo_in(Path::new(env!("CARGO_MANIFEST_DIR")));
        command.args(["metadata", "--format-version", "1", "--no-deps"]);
        let answer = process::output(&mut command)?;
        let found: Found =
            serde_json::from_slice(&answer).context("cannot read `cargo metadata`")?;
        Ok(Self { root: found.workspace_root, target: found.target_directory })
    }

    /// A program that runs in the root and finds the tools installed into the target folder.
    pub(crate) fn command(&self, program: impl AsRef<OsStr>) -> Command {
        let mut command = Command::new(program);
        command.current_dir(&self.root).env("PATH", tools::search_path(self));
        command
    }

    /// `cargo` with its first arguments.
    pub(crate) fn cargo<const N: usize>(&self, arguments: [&str; N]) -> Command {
        let mut command = cargo_in(&self.root);
        command.env("PATH", tools::search_path(self)).args(arguments);
        command
    }

    /// Builds the service and returns the path of its binary.
    pub(crate) fn build_jeton(&self) -> Result<PathBuf> {
        process::run(&mut self.cargo(["build", "--package", "jeton-server"]))?;
        Ok(self.target.join("debug/jeton"))
    }

    /// Builds a package whose one program has its name, and answers where that is.
    pub(crate) fn build(&self, package: &str) -> Result<PathBuf> {
        process::run(&mut self.cargo(["build", "--package", package]))?;
        Ok(self.target.join("debug").join(package))
    }
}

/// The cargo that runs us, without what it tells its child about the package `xtask`: build scripts
/// of other packages would see it, and run again for nothing.
fn cargo_in(folder: &Path) -> Command {
    let cargo = process::environment("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command.current_dir(folder).env_remove("CARGO_MANIFEST_DIR").env_remove("CARGO_MANIFEST_PATH");
    for (name, _) in std::env::vars_os() {
        if name.to_string_lossy().starts_with("CARGO_PKG_") {
            command.env_remove(name);
        }
    }
    command
}
