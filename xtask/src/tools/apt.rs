//! Installing Debian's packages without starting the servers in them.
//!
//! A package of a server starts it when it is installed. The tests start their own, on ports of their
//! own, and stop them; so for the moment of the installation a `policy-rc.d` says no, which is how
//! Debian lets an administrator say it.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use super::system::is_found;
use crate::process;
use crate::workspace::Workspace;

/// Asked by every package before it starts anything; 101 means no.
const POLICY: &str = "/usr/sbin/policy-rc.d";
const NOTHING_STARTS: &[u8] = b"#!/bin/sh\nexit 101\n";

/// Whether nobody has to be asked: as root, on Debian.
pub(super) fn is_allowed(workspace: &Workspace) -> Result<bool> {
    Ok(is_found(workspace, "apt-get") && is_root(workspace)?)
}

fn is_root(workspace: &Workspace) -> Result<bool> {
    Ok(process::output(workspace.command("id").arg("-u"))?.trim_ascii() == b"0")
}

/// Installs these and what they cannot do without. None of their servers runs afterwards.
pub(super) fn install(workspace: &Workspace, packages: &[&str]) -> Result<()> {
    let apt = |arguments: &[&str]| {
        let mut command = workspace.command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        process::run(&mut command)
    };
    let _quiet = Quiet::at(Path::new(POLICY)).context("cannot keep new servers from starting")?;
    // Without it, a new machine knows no packages at all.
    apt(&["update", "--quiet=2"])?;
    let install = ["install", "--yes", "--quiet=2", "--no-install-recommends"];
    apt(&[&install, packages].concat())
}

/// As long as this lives, no package starts a server.
#[derive(Debug)]
struct Quiet {
    /// The policy that is ours to remove; none if the machine has its own, which stays.
    ours: Option<PathBuf>,
}

impl Quiet {
    fn at(path: &Path) -> io::Result<Self> {
        let mut options = OpenOptions::new();
        match options.write(true).create_new(true).mode(0o755).open(path) {
            Ok(mut file) => {
                let quiet = Self { ours: Some(path.to_owned()) };
                file.write_all(NOTHING_STARTS)?;
                Ok(quiet)
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(Self { ours: None }),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        // Whoever has removed it meanwhile has done what this is for.
        let _ = self.ours.take().map(fs::remove_file);
    }
}

#[cfg(test)]
mod tests {
    use std::env;
    use std::process::Command;

    use super::*;

    /// A file of this test's own that is not there yet.
    fn absent(name: &str) -> PathBuf {
        let path = env::temp_dir().join(format!("{name}-{}", std::process::id()));
        let _ = fs::remove_file(&path);
        path
    }

    #[test]
    fn while_packages_are_installed_the_policy_says_no_and_then_it_is_gone() {
        let path = absent("policy-of-ours");

        let quiet = Quiet::at(&path).unwrap();
        let answer =
            Command::new("sh").arg(&path).args(["redis-server", "start"]).status().unwrap();
        drop(quiet);

        assert_eq!(answer.code(), Some(101));
        assert!(!path.exists());
    }

    #[test]
    fn a_policy_of_the_machine_stays_as_it_is() {
        let path = absent("policy-of-the-machine");
        fs::write(&path, "exit 0").unwrap();

        drop(Quiet::at(&path).unwrap());

        assert_eq!(fs::read_to_string(&path).unwrap(), "exit 0");
        fs::remove_file(&path).unwrap();
    }
}
