//! How fast, beside what it cannot be faster than, in one run.
//!
//! Machines are shared and noisy: each figure is the median of rounds in which both sides take
//! turns, and the ratio is what to compare.

mod check;
mod feed;
mod fleet;
mod hello;
mod list;
mod memory;
mod refresh;
mod rounds;
mod service;
mod snapshot;

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
    /// From the answer to a revocation until every verifier refuses, and how many a second.
    Feed {
        /// Verifiers that follow the feed.
        #[arg(long, default_value_t = 1_000)]
        verifiers: usize,
        /// Sessions that are ended, one after the other.
        #[arg(long, default_value_t = 100)]
        revocations: usize,
        /// Seconds of as many recalls as the service takes.
        #[arg(long, default_value_t = 10)]
        seconds: u64,
        /// The binary; built from this checkout unless given.
        #[arg(long)]
        jeton: Option<PathBuf>,
    },
    /// A snapshot of a million revocations: served, read and merged.
    Snapshot {
        /// How many.
        #[arg(long, default_value_t = 1_000_000)]
        entries: u64,
        /// The binary; built from this checkout unless given.
        #[arg(long)]
        jeton: Option<PathBuf>,
    },
    /// Three nodes over Redis and PostgreSQL, beside the update script alone.
    Fleet {
        /// Verifiers that follow the nodes.
        #[arg(long, default_value_t = 100)]
        verifiers: usize,
        /// Sessions that are ended, one after the other.
        #[arg(long, default_value_t = 200)]
        revocations: usize,
        /// Seconds of mixed load; 0 measures the store alone.
        #[arg(long, default_value_t = 20)]
        seconds: u64,
        /// The binary; built from this checkout unless given.
        #[arg(long)]
        jeton: Option<PathBuf>,
    },
    /// What sessions and revocations take in Redis and in a node.
    Memory {
        /// How many.
        #[arg(long, default_value_t = 1_000_000)]
        count: u64,
        /// The binary; built from this checkout unless given.
        #[arg(long)]
        jeton: Option<PathBuf>,
    },
    /// The bare axum hello itself.
    Hello,
}

fn main() -> anyhow::Result<()> {
    match Bench::parse().what {
        Some(What::Refresh) => refresh::run(),
        Some(What::Check { jeton }) => check::run(jeton),
        Some(What::List) => list::run(),
        Some(What::Feed { verifiers, revocations, seconds, jeton }) => {
            feed::run(jeton, feed::Load { verifiers, revocations, seconds })
        }
        Some(What::Snapshot { entries, jeton }) => snapshot::run(jeton, entries),
        Some(What::Fleet { verifiers, revocations, seconds, jeton }) => {
            fleet::run(jeton, &fleet::Load { verifiers, revocations, seconds })
        }
        Some(What::Memory { count, jeton }) => fleet::memory(jeton, count),
        Some(What::Hello) => hello::run(),
        None => {
            refresh::run()?;
            check::run(None)
        }
    }
}
