//! `jeton config`: are the settings right, and what are there?

use clap::Subcommand;

use crate::cli::{Console, Failure, Place};
use crate::settings;

#[derive(Debug, Subcommand)]
pub(super) enum Config {
    /// Read the settings and say what is wrong with them.
    Check,
    /// Print every setting with its default and meaning, as a jeton.toml.
    Reference,
}

impl Config {
    pub(super) fn run(self, place: &Place, console: &mut Console<'_>) -> Result<(), Failure> {
        match self {
            Self::Check => {
                let settings = place.settings()?;
                let (issuer, listen) = (settings.issuer, settings.listen);
                console.line(format_args!("ok: {issuer} on {listen}"))
            }
            Self::Reference => console.line(settings::reference().trim()),
        }
    }
}
