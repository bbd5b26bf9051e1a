//! `cargo xtask clients`: the verifiers of other languages, by the feed vectors, by tests of their
//! own, and against the service itself.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};

use crate::outcome::Outcome;
use crate::workspace::Workspace;
use crate::{files, packages, process, tools};

const VECTORS: &str = "feed-vectors";
const NODE: &str = "clients/verifier-node";
const PYTHON: &str = "clients/verifier-python";

pub(crate) fn check(workspace: &Workspace) -> Result<Outcome> {
    tools::require(workspace, &[&tools::PYTHON, &tools::NODE, &tools::NPM])?;
    let python = packages::python(workspace, PYTHON)?;
    let node = copy_beside_packages(workspace)?;

    process::run(workspace.command(&python).args(["-B", "feed-vectors/make.py", "--check"]))?;
    let mut tests = workspace.command(&python);
    tests.args(["-B", "-W", "error", "-m", "unittest", "discover", "--quiet"]);
    tests.args(["--start-directory", "tests", "--top-level-directory", "."]);
    process::run(tests.current_dir(workspace.root.join(PYTHON)))?;
    let mut tests = workspace.command("node");
    tests.args(["--test", "--test-reporter=dot"]).args(node_tests(&node)?);
    process::run(tests.current_dir(&node))?;
    let (jeton, rust) = (workspace.build_jeton()?, workspace.build("resource-server")?);
    let mut live = workspace.command(&python);
    live.args(["-B", "clients/live.py", "--jeton"]).arg(jeton);
    live.arg("--rust").arg(rust).arg("--node").arg(&node);
    process::run(&mut live)?;
    Ok(Outcome::default())
}

/// Node.js looks for packages in the folders above a file that imports one, and nowhere else: so
/// the verifier is copied to where its packages are, with the vectors at the same distance as here.
fn copy_beside_packages(workspace: &Workspace) -> Result<PathBuf> {
    let home = packages::node(workspace, NODE)?;
    for folder in [VECTORS, NODE] {
        let copy = home.join(folder);
        if copy.exists() {
            fs::remove_dir_all(&copy)
                .with_context(|| format!("cannot empty {}", copy.display()))?;
        }
        copy_files(&workspace.root.join(folder), &copy)?;
    }
    Ok(home.join(NODE))
}

fn copy_files(from: &Path, to: &Path) -> Result<()> {
    for file in files::files_below(from)? {
        let copy = to.join(file.strip_prefix(from)?);
        if let Some(folder) = copy.parent() {
            fs::create_dir_all(folder)?;
        }
        fs::copy(&file, &copy).with_context(|| format!("cannot copy {}", file.display()))?;
    }
    Ok(())
}

/// Named one by one: of a folder without tests Node.js says that all of them passed.
fn node_tests(folder: &Path) -> Result<Vec<PathBuf>> {
    let is_test = |file: &PathBuf| file.to_string_lossy().ends_with(".test.mjs");
    let tests: Vec<_> = files::files_below(folder)?.into_iter().filter(is_test).collect();
    ensure!(!tests.is_empty(), "no tests in {}", folder.display());
    Ok(tests)
}
