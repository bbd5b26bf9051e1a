//! `cargo xtask walls`: what keeps the crates apart and the files small.
//!
//! A crate is a dependency wall. Cargo holds nobody to that, so this does: [`edges`] has the table
//! of who may use whom. [`sources`] and [`manifests`] hold the rules for files. Each rule is a pure
//! function that returns what it found, as sentences; this file only reads the disk and reports.

mod edges;
mod graph;
mod manifests;
mod sources;

use std::path::Path;

use anyhow::{Result, bail};

use crate::files::{files_below, read, relative};
use crate::outcome::Outcome;
use crate::terminal::say;
use crate::walls::sources::Length;
use crate::workspace::Workspace;

pub(crate) fn check(workspace: &Workspace) -> Result<Outcome> {
    let graph = graph::Graph::read(workspace)?;
    let mut findings = Findings::default();
    findings.broken.extend(edges::violations(&graph.direct, &graph.reached));
    for path in files_below(&workspace.root)? {
        findings.check_file(&relative(workspace, &path), &path)?;
    }
    for manifest in &graph.manifests {
        let name = relative(workspace, manifest);
        findings.broken.extend(manifests::missing_lints(&name, &read(manifest)?));
    }

    for warning in &findings.warnings {
        say(&format!("warning: {warning}"));
    }
    for violation in &findings.broken {
        say(&format!("error: {violation}"));
    }
    if !findings.broken.is_empty() {
        bail!("{} broken rules", findings.broken.len());
    }
    let Findings { sources, manifests, .. } = findings;
    say(&format!("the walls stand: {sources} sources, {manifests} manifests"));
    Ok(Outcome::default())
}

/// What the files of the repository have shown.
#[derive(Debug, Default)]
struct Findings {
    sources: usize,
    manifests: usize,
    warnings: Vec<String>,
    broken: Vec<String>,
}

impl Findings {
    /// Applies the rules for its kind to a file; `name` is its path from the root.
    fn check_file(&mut self, name: &str, path: &Path) -> Result<()> {
        self.broken.extend(sources::forbidden_name(name));
        if path.extension().is_some_and(|extension| extension == "rs") {
            self.sources += 1;
            match sources::length(name, &read(path)?) {
                Length::Fine => {}
                Length::Long(warning) => self.warnings.push(warning),
                Length::TooLong(violation) => self.broken.push(violation),
            }
        }
        if path.file_name().is_some_and(|file| file == "Cargo.toml") {
            self.manifests += 1;
            self.broken.extend(manifests::escaping_paths(name, &read(path)?));
        }
        Ok(())
    }
}
