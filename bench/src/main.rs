//! How fast, beside what it cannot be faster than, in one run.
//!
//! Machines are shared and noisy: each figure is the median of rounds in which both sides take
//! turns, and the ratio is what to compare.

mod check;
mod hello;
mod list;
mod memory;
mod refresh;
mod rounds;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

#[derive(Parser)]
struct Bench {
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(Subcommand)]
enum What {
    /// Durable refreshes in this process, beside bare synced appends.
    Refresh,
    /// `/v1/check` of the real binary, beside a bare axum hello; needs wrk.
    Check {
        /// The binary; built from this checkout unless given.
        #[arg(long)]
        jeton: Option<PathBuf>,
    },
    /// The revocation list with a million entries.
    List,
    /// The bare axum hello itself.
    Hello,
}

fn main() -> anyhow::Result<()> {
    match Bench::parse().what {
        Some(What::Refresh) => refresh::run(),
        Some(What::Check { jeton }) => check::run(jeton),
        Some(What::List) => list::run(),
        Some(What::Hello) => hello::run(),
        None => {
            refresh::run()?;
            check::run(None)
        }
    }
}
