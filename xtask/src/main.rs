//! Everything automatic about this repository, one file per command.
//!
//! `cargo xtask test` is what continuous integration runs, and nothing else is: whoever passes it
//! at home passes it there. A command installs what it can into `target/`, and says exactly what to
//! install where it cannot.

mod bench;
mod clients;
mod conformance;
mod deny;
mod files;
mod fuzz;
mod interop;
mod lint;
mod loom;
mod outcome;
mod packages;
mod process;
mod quickstart;
mod stress;
mod suite;
mod terminal;
mod test;
mod tools;
mod walls;
mod workspace;

use std::ffi::OsString;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Parser, Subcommand};

use crate::workspace::Workspace;

#[derive(Debug, Parser)]
#[command(name = "cargo xtask", about = "Everything automatic about this repository")]
struct Arguments {
    #[command(subcommand)]
    command: Task,
}

#[derive(Debug, Subcommand)]
enum Task {
    /// Every check in order, as continuous integration runs them
    Test,
    /// The dependency walls between crates, and the rules for files and manifests
    Walls,
    /// The claims of docs/conformance.md against the tests that name them
    Conformance {
        /// Lists the tests anew; the words stay as they are
        #[arg(long)]
        write: bool,
    },
    /// Tokens and keys exchanged with Python's and npm's libraries
    Interop,
    /// The verifiers in `clients/`, by `feed-vectors/`, tests of their own and the service itself
    Clients,
    /// The walk through the service in examples/quickstart.sh
    Quickstart,
    /// Licences, bans and sources of all dependencies, and known vulnerabilities
    Deny {
        /// A checkout or an archive (.tar.gz) of the `RustSec` advisory database, for machines
        /// without a network; `XTASK_ADVISORY_DB` names it too
        #[arg(long, value_name = "PATH")]
        advisory_db: Option<PathBuf>,
    },
    /// The crash tests: the server is killed and must remember what it acknowledged
    Crash {
        #[arg(long, default_value_t = 100)]
        rounds: u32,
    },
    /// The race tests: parallel requests must leave one valid refresh token
    Race {
        #[arg(long, default_value_t = 1_000)]
        rounds: u32,
    },
    /// The chaos test: networks fail and the server is killed, and no verifier that calls itself fresh
    /// accepts what was revoked
    Chaos {
        #[arg(long, default_value_t = 120)]
        seconds: u32,
    },
    /// Any input against the parsers and verifiers, on stable Rust: the targets in fuzz/
    Fuzz {
        /// How long each target runs
        #[arg(long, default_value_t = 60)]
        seconds: u32,
        /// All of them if none is named
        #[arg(value_name = "TARGET")]
        targets: Vec<String>,
    },
    /// The revocation list under every order in which threads can meet: crates/jeton/loom
    Loom,
    /// The benchmarks in bench/, with further arguments passed on; `peers` is jeton beside others
    Bench {
        #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
        arguments: Vec<OsString>,
    },
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            terminal::complain(&error);
            ExitCode::FAILURE
        }
    }
}

fn run(task: Task) -> Result<()> {
    let workspace = Workspace::find()?;
    match task {
        Task::Test => test::every_check(&workspace),
        Task::Walls => walls::check(&workspace).map(drop),
        Task::Conformance { write } => conformance::check(&workspace, write).map(drop),
        Task::Interop => interop::check(&workspace).map(drop),
        Task::Clients => clients::check(&workspace).map(drop),
        Task::Quickstart => quickstart::check(&workspace).map(drop),
        Task::Deny { advisory_db } => deny::check(&workspace, advisory_db).map(drop),
        Task::Crash { rounds } => stress::crash(&workspace, rounds),
        Task::Race { rounds } => stress::race(&workspace, rounds),
        Task::Chaos { seconds } => stress::chaos(&workspace, seconds),
        Task::Fuzz { seconds, targets } => fuzz::check(&workspace, seconds, &targets).map(drop),
        Task::Loom => loom::check(&workspace).map(drop),
        Task::Bench { arguments } => bench::run(&workspace, &arguments),
    }
}
