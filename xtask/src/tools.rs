//! The programs the checks need: found, installed into the target folder, or asked for by name.

mod apt;
mod system;

use std::env;
use std::ffi::OsString;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

pub(crate) use self::system::{
    BASH, CADDY, CURL, CXX, GIT, JQ, NGINX, NODE, NPM, POSTGRES, PYTHON, REDIS_BENCHMARK,
    REDIS_CLI, REDIS_SENTINEL, REDIS_SERVER, SYSTEMD_ANALYZE, SystemProgram, TAR, WRK, provide,
    require,
};
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

/// Installs a cargo subcommand into the target folder, unless it is there or on the `PATH`.
///
/// Without optimisation, because it runs for seconds and would compile for minutes.
pub(crate) fn install(workspace: &Workspace, tool: &CargoTool) -> Result<()> {
    if system::is_found(workspace, tool.name) {
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

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace() -> Workspace {
        Workspace { root: PathBuf::from("/nowhere"), target: PathBuf::from("/nowhere/target") }
    }

    #[test]
    fn the_tools_of_the_target_folder_come_first() {
        let path = search_path(&workspace());

        let first = env::split_paths(&path).next();

        assert_eq!(first, Some(PathBuf::from("/nowhere/target/tools/bin")));
    }
}
