//! What `deploy/` tells an operator to start: read as its reader reads it, and tried where the reader is
//! here. Docker is not.

mod composition;
mod health;
mod redis;
mod settings;
mod units;

use std::fs;
use std::path::{Path, PathBuf};

/// A file of `deploy/`, as it is delivered.
fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy").join(name)
}

#[track_caller]
fn text(name: &str) -> String {
    fs::read_to_string(path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}
