//! `cargo xtask interop`: tokens and keys exchanged with the most used libraries of other languages.
//!
//! Python's go into a virtual environment, npm's into a `node_modules`, both inside the target
//! folder and both of the versions pinned in `interop/`. They are installed again when a pin changes.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};

use crate::outcome::Outcome;
use crate::process::{self, Keep};
use crate::tools;
use crate::workspace::Workspace;

const PYTHON_PINS: &str = "requirements.txt";
const NODE_PINS: [&str; 2] = ["package.json", "package-lock.json"];

pub(crate) fn check(workspace: &Workspace) -> Result<Outcome> {
    tools::require(workspace, &[&tools::PYTHON, &tools::NODE, &tools::NPM])?;
    let python = prepare_python(workspace)?;
    let node_modules = prepare_node(workspace)?;
    let jeton = workspace.build_jeton()?;

    let mut command = workspace.command(python);
    command.args(["-B", "interop/run.py", "--jeton"]).arg(jeton);
    command.arg("--node-modules").arg(node_modules);
    let lines = process::run_keeping(Keep::Stdout, &mut command)?;
    Ok(Outcome { note: lines.into_iter().last(), closing: Vec::new() })
}

/// The interpreter of a virtual environment that has what `requirements.txt` asks for.
fn prepare_python(workspace: &Workspace) -> Result<PathBuf> {
    let home = workspace.target.join("interop/python");
    let python = home.join("bin/python");
    let pins = workspace.root.join("interop").join(PYTHON_PINS);
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

/// A `node_modules` that has what `package-lock.json` asks for.
fn prepare_node(workspace: &Workspace) -> Result<PathBuf> {
    let home = workspace.target.join("interop/node");
    let node_modules = home.join("node_modules");
    let [_, lock] = NODE_PINS;
    let pins = workspace.root.join("interop");
    if is_copy(&home.join(lock), &pins.join(lock)) && node_modules.is_dir() {
        return Ok(node_modules);
    }
    fs::create_dir_all(&home)?;
    for file in NODE_PINS {
        fs::copy(pins.join(file), home.join(file))
            .with_context(|| format!("cannot copy interop/{file}"))?;
    }
    let mut npm = workspace.command("npm");
    npm.args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]);
    process::run(npm.current_dir(&home))?;
    Ok(node_modules)
}

fn is_copy(copy: &Path, original: &Path) -> bool {
    match (fs::read(copy), fs::read(original)) {
        (Ok(copy), Ok(original)) => copy == original,
        _ => false,
    }
}
