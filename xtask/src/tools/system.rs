//! Programs of the operating system: where they are, and what to install where they are not.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use super::{apt, search_path};
use crate::terminal;
use crate::workspace::Workspace;

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
/// Debian names its folder by the version, and puts it on nobody's `PATH`.
pub(crate) const POSTGRES: SystemProgram =
    SystemProgram { name: "postgres", packages: "postgresql" };
pub(crate) const PYTHON: SystemProgram =
    SystemProgram { name: "python3", packages: "python3 python3-venv" };
pub(crate) const REDIS_BENCHMARK: SystemProgram =
    SystemProgram { name: "redis-benchmark", packages: "redis-tools" };
pub(crate) const REDIS_CLI: SystemProgram =
    SystemProgram { name: "redis-cli", packages: "redis-tools" };
pub(crate) const REDIS_SENTINEL: SystemProgram =
    SystemProgram { name: "redis-sentinel", packages: "redis-sentinel" };
pub(crate) const REDIS_SERVER: SystemProgram =
    SystemProgram { name: "redis-server", packages: "redis-server" };
pub(crate) const SYSTEMD_ANALYZE: SystemProgram =
    SystemProgram { name: "systemd-analyze", packages: "systemd" };
pub(crate) const TAR: SystemProgram = SystemProgram { name: "tar", packages: "tar" };
pub(crate) const WRK: SystemProgram = SystemProgram { name: "wrk", packages: "wrk" };

/// Where Debian keeps servers, which is not on everybody's `PATH`.
const SERVERS: &str = "/usr/sbin";

/// Where Debian keeps those of `PostgreSQL`: in `VERSION/bin`.
const DATABASES: &str = "/usr/lib/postgresql";

/// Installs the programs that are missing where nobody has to be asked: as root, on Debian, which is
/// what a machine for continuous integration is. Elsewhere fails as [`require`] does.
pub(crate) fn provide(workspace: &Workspace, programs: &[&SystemProgram]) -> Result<()> {
    let missing = missing(workspace, programs);
    if missing.is_empty() || !apt::is_allowed(workspace)? {
        return require(workspace, programs);
    }
    let packages = packages(&missing);
    terminal::say(&format!("installing {} with apt-get", packages.join(", ")));
    apt::install(workspace, &packages)?;
    require(workspace, programs)
}

/// What to install for these programs, each package once.
fn packages(programs: &[&SystemProgram]) -> Vec<&'static str> {
    let mut packages: Vec<_> = programs.iter().flat_map(|p| p.packages.split(' ')).collect();
    packages.sort_unstable();
    packages.dedup();
    packages
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
    let packages = packages(&missing).join(" ");
    bail!("{} not found; install with `apt-get install {packages}`", names.join(", "));
}

pub(super) fn is_found(workspace: &Workspace, program: &str) -> bool {
    let path = search_path(workspace);
    let folders = env::split_paths(&path).chain([PathBuf::from(SERVERS)]);
    folders.chain(databases(Path::new(DATABASES))).any(|folder| folder.join(program).is_file())
}

/// The folders with the programs of each version of `PostgreSQL`.
fn databases(home: &Path) -> Vec<PathBuf> {
    let versions = fs::read_dir(home).into_iter().flatten().flatten();
    versions.map(|version| version.path().join("bin")).collect()
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
            "no-such-program, nor-this-one not found; install with `apt-get install one three two`"
        );
    }

    #[test]
    fn what_is_there_is_not_installed_again() {
        provide(&workspace(), &[&BASH]).unwrap();
    }

    #[test]
    fn a_package_that_several_programs_come_from_is_named_once() {
        assert_eq!(packages(&[&REDIS_CLI, &BASH, &REDIS_BENCHMARK]), ["bash", "redis-tools"]);
    }

    #[test]
    fn every_version_of_a_database_is_looked_at() {
        let home = Path::new(env!("CARGO_MANIFEST_DIR"));

        let folders = databases(home);

        assert!(folders.contains(&home.join("src/bin")), "{folders:?}");
        assert_eq!(databases(Path::new("/nowhere")), Vec::<PathBuf>::new());
    }
}
