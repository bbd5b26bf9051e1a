//! What the program is told.

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use clap::{Parser, ValueEnum};
use jeton::{StalePolicy, Staleness, Timestamp};
use jeton_feed::subscribe::{Credentials, Settings};

/// An API that verifies tokens by itself and hears of every logout.
#[derive(Debug, Parser)]
pub(crate) struct Arguments {
    /// Where the issuer is.
    #[arg(long, env = "ISSUER")]
    issuer: String,

    /// Where its feed is, if that is a relay.
    #[arg(long, env = "FEED")]
    feed: Option<String>,

    /// `iss` of its tokens, where that is another address.
    #[arg(long, env = "ISSUER_CLAIM")]
    issuer_claim: Option<String>,

    /// `aud` of the tokens that are meant for us.
    #[arg(long, env = "AUDIENCE")]
    pub(crate) audience: String,

    /// Our own name at the issuer.
    #[arg(long, env = "CLIENT_ID")]
    client_id: String,

    /// A file with our secret, that nobody else reads.
    #[arg(long, env = "CLIENT_SECRET_FILE")]
    client_secret_file: PathBuf,

    /// Where to listen.
    #[arg(long, env = "LISTEN", default_value = "127.0.0.1:3001")]
    pub(crate) listen: SocketAddr,

    /// What this process is called in reports.
    #[arg(long, env = "NAME", default_value = "resource-server")]
    name: String,

    /// A file to keep the list in, so that a restart begins with what was known.
    #[arg(long, env = "LIST_FILE")]
    list_file: Option<PathBuf>,

    /// How old the list may be, in milliseconds.
    #[arg(long, env = "MAX_STALENESS", default_value_t = 5_000)]
    max_staleness: u64,

    /// What to do about tokens when it is older.
    #[arg(long, env = "STALE", value_enum, default_value_t)]
    stale: Stale,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum Stale {
    /// Answer 503.
    Refuse,
    /// Ask the issuer about each.
    Ask,
    /// Accept those that were issued within that time, and answer 503 to others.
    #[default]
    AcceptRecent,
}

impl Arguments {
    pub(crate) fn issuer_claim(&self) -> &str {
        self.issuer_claim.as_deref().unwrap_or(&self.issuer)
    }

    pub(crate) fn settings(&self) -> anyhow::Result<Settings> {
        let secret = fs::read_to_string(&self.client_secret_file)
            .with_context(|| format!("cannot read {}", self.client_secret_file.display()))?;
        let client = Credentials::client(&self.client_id, secret.trim_end());
        let policy = match self.stale {
            Stale::Refuse => StalePolicy::Refuse,
            Stale::Ask => StalePolicy::Ask,
            Stale::AcceptRecent => StalePolicy::AcceptRecent,
        };
        let max = Duration::from_millis(self.max_staleness);
        let settings = Settings::new(&self.issuer, client, now)
            .with_name(&self.name)
            .with_staleness(Staleness { max, policy });
        let settings = match &self.feed {
            Some(relay) => settings.with_feed(relay),
            None => settings,
        };
        Ok(match &self.list_file {
            Some(path) => settings.with_file(path),
            None => settings,
        })
    }
}

#[expect(clippy::disallowed_methods, reason = "the program's one clock")]
fn now() -> Timestamp {
    Timestamp::from(SystemTime::now())
}
