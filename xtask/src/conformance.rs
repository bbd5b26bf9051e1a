//! `cargo xtask conformance`: what this version claims, held against the tests that are said to
//! prove it.
//!
//! A test names what it proves by ids at the head of its doc comment, `/// V12, A11: …`; a row of
//! [`DOCUMENT`] says in words what such an id claims, and lists the tests. The words are people's.
//! The lists are the sources', so a claim can neither outlive its last test nor hide one. What
//! [`PROSE`] says of tests has to be true as well. Nothing is compiled: the sources are only split
//! into tokens.

mod compare;
mod document;
mod mention;
mod source;

use std::fs;

use anyhow::{Context as _, Result, bail};

use crate::conformance::document::Document;
use crate::files::{files_below, read, relative};
use crate::outcome::Outcome;
use crate::terminal::say;
use crate::workspace::Workspace;

const DOCUMENT: &str = "docs/conformance.md";

/// Documents that name tests in their text, all of it written by people.
const PROSE: [&str; 1] = ["docs/jwt-vulnerabilities.md"];

/// The folders whose tests count: what is outside them proves nothing about this version.
const SOURCES: [&str; 3] = ["crates", "examples", "xtask"];

/// Compares the document with the sources, after writing the lists of tests anew if asked to.
pub(crate) fn check(workspace: &Workspace, write: bool) -> Result<Outcome> {
    let tests = read_tests(workspace)?;
    let path = workspace.root.join(DOCUMENT);
    let mut document = Document::parse(&read(&path)?);
    if write {
        document.list(&tests);
        fs::write(&path, document.to_string())
            .with_context(|| format!("cannot write {DOCUMENT}"))?;
    }

    let mut findings = compare::findings(&document, &tests);
    for name in PROSE {
        findings.extend(mention::findings(name, &read(&workspace.root.join(name))?, &tests));
    }
    for finding in &findings {
        say(&format!("error: {finding}"));
    }
    if !findings.is_empty() {
        bail!("{} claims and tests disagree", findings.len());
    }
    let proving = tests.iter().filter(|test| !test.ids.is_empty()).count();
    let note = format!("{} claims, {proving} tests", document.rows().count());
    say(&format!("{DOCUMENT} and {} are true: {note}", PROSE.join(", ")));
    Ok(Outcome::with_note(note))
}

fn read_tests(workspace: &Workspace) -> Result<Vec<source::Item>> {
    let mut items = Vec::new();
    for folder in SOURCES {
        for path in files_below(&workspace.root.join(folder))? {
            let name = relative(workspace, &path);
            // The example programs of a library have no tests.
            let is_example = name.contains("/examples/");
            if path.extension().is_some_and(|extension| extension == "rs") && !is_example {
                items.extend(source::items(&name, &read(&path)?)?);
            }
        }
    }
    items.sort();
    Ok(items)
}
