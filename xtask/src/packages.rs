//! Packages of other languages, of the versions that a folder of ours pins.
//!
//! Python's go into a virtual environment, npm's into a `node_modules`, both inside the target
//! folder, one for each folder of ours. They are installed again when a pin changes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::process;
use crate::workspace::Workspace;

const PYTHON_PINS: &str = "requirements.txt";
const NODE_PINS: [&str; 2] = ["package.json", "package-lock.json"];

/// The interpreter of a virtual environment that has what the folder's `requirements.txt` asks for.
pub(crate) fn python(workspace: &Workspace, folder: &str) -> Result<PathBuf> {
    let home = workspace.target.join(folder).join("python");
    let python = home.join("bin/python");
    let pins = workspace.root.join(folder).join(PYTHON_PINS);
    let installed = home.join(PYTHON_PINS);
    if is_copy(&installed, &pins) {
        return Ok(python);
    }
    process::run(workspace.command("python3").args(["-m", "venv", "--clear"]).arg(&home)).context(
        "python3 cannot make virtual environments; install with `apt-get install python3-venv`",
    )?;
    let mut pip = workspace.command(&python);
    pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"]);
    process::run(pip.arg("--requirement").arg(&pins))?;
    fs::copy(&pins, &installed)?;
    Ok(python)
}

/// A folder with a `node_modules` that has what the folder's `package-lock.json` asks for.
pub(crate) fn node(workspace: &Workspace, folder: &str) -> Result<PathBuf> {
    let home = workspace.target.join(folder).join("node");
    let [_, lock] = NODE_PINS;
    let pins = workspace.root.join(folder);
    if is_copy(&home.join(lock), &pins.join(lock)) && home.join("node_modules").is_dir() {
        return Ok(home);
    }
    fs::create_dir_all(&home)?;
    for file in NODE_PINS {
        fs::copy(pins.join(file), home.join(file))
            .with_context(|| format!("cannot copy {folder}/{file}"))?;
    }
    let mut npm = workspace.command("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    process::run(npm.current_dir(&home))?;
    Ok(home)
}

fn is_copy(copy: &Path, original: &Path) -> bool {
    match (fs::read(copy), fs::read(original)) {
        (Ok(copy), Ok(original)) => copy == original,
        _ => false,
    }
}
