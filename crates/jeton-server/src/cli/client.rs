//! `jeton client`: secrets for programs that authenticate with one.

use clap::Subcommand;
use serde_json::json;
use zeroize::Zeroizing;

use crate::app::random;
use crate::cli::{Console, Failure};
use crate::clients::ClientSecret;

#[derive(Debug, Subcommand)]
pub(super) enum Client {
    /// Make a secret. Shown this once; its hash goes into the settings.
    Secret {
        /// As JSON.
        #[arg(long)]
        json: bool,
    },
}

impl Client {
    pub(super) fn run(self, console: &mut Console<'_>) -> Result<(), Failure> {
        let Self::Secret { json } = self;
        let mut bytes = Zeroizing::new([0; 32]);
        random(&mut *bytes).map_err(Failure::unavailable)?;
        let secret = ClientSecret::from_bytes(*bytes);
        let (text, hash) = (secret.expose(), secret.hash());
        if json {
            return console.line(json!({ "secret": text, "hash": hash.to_string() }));
        }
        console.line(format_args!("secret  {text}"))?;
        console.line(format_args!("hash    {hash}"))
    }
}
