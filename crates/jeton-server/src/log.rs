//! Structured logs on standard error. Secrets never get here: no type that holds one prints it, and
//! requests are logged by route.

use std::io::{self, IsTerminal as _};

use tracing::Level;
use tracing::level_filters::LevelFilter;

use crate::settings::Log;

/// Starts logging. Before this, and without it, nothing is logged.
pub fn start(log: &Log) {
    let level = log.level.parse().unwrap_or(Level::INFO);
    let json = match log.format.as_str() {
        "json" => true,
        "text" => false,
        _ => !io::stderr().is_terminal(),
    };
    let builder = tracing_subscriber::fmt()
        .with_max_level(LevelFilter::from_level(level))
        .with_writer(io::stderr)
        .with_target(false);
    if json {
        builder.json().flatten_event(true).init();
    } else {
        builder.with_ansi(io::stderr().is_terminal()).init();
    }
}
