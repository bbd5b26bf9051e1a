//! The programs the checks need: found, installed into the target folder, or asked for by name.

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};

use crate::workspace::Workspace;
use crate::{process, terminal};

/// A cargo subcommand that `cargo install` can bring.
#[derive(Debug)]
pub(crate) struct CargoTool {
    name: &'static str,
    version: &'static str,
}

pub(crate) const NEXTEST: CargoTool = CargoTool { name: "cargo-nextest", version: "0.9.143" };
pub(crate) const DENY: CargoTool = CargoTool { name: "cargo-deny", version: "0.20.2" };

/// A program that comes from the operating system.
#[derive(Debug)]
pub(crate) struct SystemProgram {
    name: &'static str,
    /// What to tell `apt-get install`.
    packages: &'static str,
}

pub(crate) const BASH: SystemProgram = SystemProgram { name: "bash", packages: "bash" };
pub(crate) const CADDY: SystemProgram = SystemProgram { name: "caddy", packages: "caddy" };
pub(crate) const CURL: SystemProgram = SystemProgram { name: "curl", packages: "curl" };
pub(crate) const CXX: SystemProgram = SystemProgram { name: "c++", packages: "g++" };
pub(crate) const GIT: SystemProgram = SystemProgram { name: "git", packages: "git" };
pub(crate) const JQ: SystemProgram = SystemProgram { name: "jq", packages: "jq" };
pub(crate) const NGINX: SystemProgram = SystemProgram { name: "nginx", packages: "nginx-light" };
pub(crate) const NODE: SystemProgram = SystemProgram { name: "node", packages: "nodejs" };
pub(crate) const NPM: SystemProgram = SystemProgram { name: "npm", packages: "npm" };
pub(crate) const PYTHON: SystemProgram =
    SystemProgram { name: "python3", packages: "python3 python3-venv" };
pub(crate) const TAR: SystemProgram = SystemProgram { name: "tar", packages: "tar" };

/// Where Debian keeps servers, which is not on everybody's `PATH`.
const SERVERS: &str = "/usr/sbin";

/// Installs the programs that are missing where nobody has to be asked: as root, on Debian, which is
/// what a machine for continuous integration is. Elsewhere fails as [`require`] does.
pub(crate) fn provide(workspace: &Workspace, programs: &[&SystemProgram]) -> Result<()> {
    let missing = missing(workspace, programs);
    if missing.is_empty() || !(is_found(workspace, "apt-get") && is_root(workspace)?) {
        return require(workspace, programs);
    }
    let packages = missing.iter().flat_map(|program| program.packages.split(' '));
    let packages: Vec<_> = packages.collect();
    terminal::say(&format!("installing {} with apt-get", packages.join(", ")));
    let apt = |arguments: &[&str]| {
        let mut command = workspace.command("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive").args(arguments);
        process::run(&mut command)
    };
    // Without it, a new machine knows no packages at all.
    apt(&["update", "--quiet=2"])?;
    let install = ["install", "--yes", "--quiet=2", "--no-install-recommends"];
    apt(&[&install, &*packages].concat())?;
    require(workspace, programs)
}

fn is_root(workspace: &Workspace) -> Result<bool> {
    Ok(process::output(workspace.command("id").arg("-u"))?.trim_ascii() == b"0")
}

fn missing<'p>(workspace: &Workspace, programs: &[&'p SystemProgram]) -> Vec<&'p SystemProgram> {
    let is_missing = |program: &&SystemProgram| !is_found(workspace, program.name);
    programs.iter().copied().filter(is_missing).collect()
}

/// Fails unless every program is there, naming all that are missing in one command to copy.
pub(crate) fn require(workspace: &Workspace, programs: &[&SystemProgram]) -> Result<()> {
    let missing = missing(workspace, programs);
    if missing.is_empty() {
        return Ok(());
    }
    let names: Vec<_> = missing.iter().map(|program| program.name).collect();
    let packages: Vec<_> = missing.iter().map(|program| program.packages).collect();
    bail!("{} not found; install with `apt-get install {}`", names.join(", "), packages.join(" "));
}

/// Installs a cargo subcommand into the target folder, unless it is there or on the `PATH`.
///
/// Without optimisation, because it runs for seconds and would compile for minutes.
pub(crate) fn install(workspace: &Workspace, tool: &CargoTool) -> Result<()> {
    if is_found(workspace, tool.name) {
        return Ok(());
    }
    terminal::say(&format!("installing {} {} into target/tools", tool.name, tool.version));
    let mut command =
        workspace.cargo(["install", "--locked", tool.name, "--version", tool.version, "--root"]);
    command.arg(home(workspace)).env("CARGO_PROFILE_RELEASE_OPT_LEVEL", "0");
    process::run(&mut command).with_context(|| {
        format!("{0} is missing; `cargo install --locked {0}` brings it", tool.name)
    })
}

/// The `PATH` for child processes: our own tools first.
pub(crate) fn search_path(workspace: &Workspace) -> OsString {
    let path = process::environment("PATH").unwrap_or_default();
    let folders = std::iter::once(home(workspace).join("bin")).chain(env::split_paths(&path));
    env::join_paths(folders).unwrap_or(path)
}

fn home(workspace: &Workspace) -> PathBuf {
    workspace.target.join("tools")
}

fn is_found(workspace: &Workspace, program: &str) -> bool {
    let path = search_path(workspace);
    let mut folders = env::split_paths(&path).chain([PathBuf::from(SERVERS)]);
    folders.any(|folder| folder.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> Workspace {
        Workspace { root: PathBuf::from("/nowhere"), target: PathBuf::from("/nowhere/target") }
    }

    #[test]
    fn missing_programs_are_named_with_the_command_that_installs_them() {
        let absent = SystemProgram { name: "no-such-program", packages: "one two" };
        let other = SystemProgram { name: "nor-this-one", packages: "three" };

        let error = require(&workspace(), &[&absent, &other]).unwrap_err();

        assert_eq!(
            error.to_string(),
            "no-such-program, nor-this-one not found; install with `apt-get install one two three`"
        );
    }

    #[test]
    fn what_is_there_is_not_installed_again() {
        provide(&workspace(), &[&BASH]).unwrap();
    }

    #[test]
    fn the_tools_of_the_target_folder_come_first() {
        let path = search_path(&workspace());

        let first = env::split_paths(&path).next();

        assert_eq!(first, Some(PathBuf::from("/nowhere/target/tools/bin")));
    }
}
