//! `cargo xtask deny`: what our dependencies are, where they come from, and what is known of them.
//!
//! Bans, licences and sources need nothing but the lock file. Advisories need the `RustSec`
//! database: a copy named on the command line or by `XTASK_ADVISORY_DB`, or else the network. Where
//! there is neither they are skipped, loudly, because a test run must not depend on the weather.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};

use crate::outcome::Outcome;
use crate::process::{self, environment};
use crate::workspace::Workspace;
use crate::{terminal, tools};

const SKIPPED: &str = "skipped: advisories, no advisory database";

/// Where cargo-deny looks for the database: `db-path` in `deny.toml`, and a name it derives from
/// the address of the `RustSec` repository.
const DATABASE: &str = "target/advisory-dbs/advisory-db-3157b0e258782691";

pub(crate) fn check(workspace: &Workspace, advisory_db: Option<PathBuf>) -> Result<Outcome> {
    tools::install(workspace, &tools::DENY)?;
    let mut command =
        workspace.cargo(["deny", "check", "--hide-inclusion-graph", "bans", "licenses", "sources"]);
    process::run(&mut command)?;

    if !has_database(workspace, advisory_db)? {
        terminal::say(SKIPPED);
        return Ok(Outcome::with_note(SKIPPED));
    }
    process::run(&mut workspace.cargo(["deny", "--offline", "check", "advisories"]))?;
    Ok(Outcome::default())
}

/// Brings the database to where cargo-deny looks for it, if there is one to be had.
fn has_database(workspace: &Workspace, named: Option<PathBuf>) -> Result<bool> {
    tools::require(workspace, &[&tools::GIT])?;
    let Some(copy) = named.or_else(|| environment("XTASK_ADVISORY_DB").map(PathBuf::from)) else {
        let mut fetch = workspace.cargo(["deny", "fetch", "db"]);
        return process::succeeds(fetch.env("GIT_TERMINAL_PROMPT", "0"));
    };
    import(workspace, &copy)
        .with_context(|| format!("cannot use the advisory database {}", copy.display()))?;
    Ok(true)
}

/// Puts a copy where cargo-deny would have cloned it, as the clone it expects to find.
fn import(workspace: &Workspace, copy: &Path) -> Result<()> {
    let database = workspace.root.join(DATABASE);
    if database.exists() {
        fs::remove_dir_all(&database)?;
    }
    fs::create_dir_all(&database)?;
    if copy.is_dir() {
        let contents = copy.canonicalize()?.join(".");
        process::run(workspace.command("cp").arg("-R").arg(contents).arg(&database))?;
    } else if copy.is_file() {
        tools::require(workspace, &[&tools::TAR])?;
        let mut tar = workspace.command("tar");
        tar.arg("-xzf").arg(copy.canonicalize()?).arg("-C").arg(&database);
        process::run(&mut tar)?;
    } else {
        bail!("no such folder or archive");
    }

    let git = |arguments: &[&str]| {
        process::run(workspace.command("git").current_dir(&database).args(arguments))
    };
    if !database.join(".git").exists() {
        git(&["init", "--quiet"])?;
        git(&["add", "--all"])?;
        let identity = ["-c", "user.name=xtask", "-c", "user.email=xtask@localhost"];
        git(&[&identity[..], &["commit", "--quiet", "--message", "imported"]].concat())?;
    }
    // Its date is when the database was fetched; cargo-deny refuses one that never was.
    fs::write(database.join(".git/FETCH_HEAD"), "")?;
    Ok(())
}
