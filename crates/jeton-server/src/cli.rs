//! The command line: `jeton serve`, and what an operator does beside it.
//!
//! A subcommand takes its input, its output and the time as arguments. Tokens and passwords are
//! read from standard input: arguments show in process lists and shell histories.

mod account;
mod client;
mod config;
mod console;
mod keys;
mod relay;
mod serve;
mod store;
mod token;

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};

pub use console::{Console, Failure};

use crate::clock;
use crate::settings::{self, Overrides, Settings};

#[derive(Debug, Parser)]
#[command(name = "jeton", version, about = "JSON Web Tokens that can be taken back")]
#[command(after_help = "Exit codes: 0 yes, 1 no (refused), 2 wrong usage, 3 unavailable.")]
struct Cli {
    #[command(flatten)]
    place: Place,
    #[command(subcommand)]
    command: Command,
}

/// Where the settings come from.
#[derive(Clone, Debug, Default, Args)]
pub(crate) struct Place {
    /// Settings file; by default jeton.toml, if it is there.
    #[arg(long, global = true, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Folder of the database and the keys.
    #[arg(long, global = true, value_name = "FOLDER")]
    data: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the service.
    Serve(serve::Serve),
    /// Follow a service's feed of revocations, and serve it again.
    Relay(relay::Relay),
    /// Sign, verify and decode tokens.
    #[command(subcommand)]
    Token(token::Token),
    /// List, generate, rotate and withdraw the service's keys.
    #[command(subcommand)]
    Keys(keys::Keys),
    /// Add and list accounts, set passwords.
    #[command(subcommand)]
    Account(account::Account),
    /// Make secrets for clients.
    #[command(subcommand)]
    Client(client::Client),
    /// Check the Redis of a fleet, and decide what only an operator can.
    #[command(subcommand)]
    Store(store::Store),
    /// Check the settings, or print all there are.
    #[command(subcommand)]
    Config(config::Config),
}

/// Runs the command of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = Cli::parse();
    let (mut input, mut output) = (io::stdin().lock(), io::stdout());
    let mut console = Console { input: &mut input, output: &mut output };
    match run(cli, &mut console) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(&mut io::stderr()),
    }
}

fn run(cli: Cli, console: &mut Console<'_>) -> Result<(), Failure> {
    let Cli { place, command } = cli;
    match command {
        Command::Serve(serve) => serve.run(&place, console),
        Command::Relay(relay) => relay.run(&place, console),
        Command::Token(token) => token.run(&place, console, clock::system()),
        Command::Keys(keys) => keys.run(&place, console, clock::system()),
        Command::Account(account) => account.run(&place, console, clock::system()),
        Command::Client(client) => client.run(console),
        Command::Store(store) => store.run(&place, console),
        Command::Config(config) => config.run(&place, console),
    }
}

/// Waits for what a command has to ask of others.
fn block_on<T>(work: impl Future<Output = T>) -> Result<T, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    Ok(runtime.block_on(work))
}

impl Place {
    fn settings(&self) -> Result<Settings, Failure> {
        self.settings_with(None)
    }

    fn settings_with(&self, listen: Option<SocketAddr>) -> Result<Settings, Failure> {
        let (config, data) = (self.config.clone(), self.data.clone());
        settings::load(&Overrides { config, data, listen }).map_err(Failure::usage)
    }
}
