//! `jeton token verify`: what is asked of the token.

use std::time::Duration;

use clap::Args;
use jeton::{ACCESS_TOKEN, Claims, KeySet, Policy, Timestamp, Verifier, limits};
use serde_json::Value;

use super::{KeyOptions, StandardInput};
use crate::cli::{Console, Failure, Place};
use crate::keys;

/// Keys and a policy. Without a key, the service's own.
#[derive(Debug, Args)]
pub(in crate::cli) struct Verify {
    #[command(flatten)]
    key: KeyOptions,
    /// Accept this `iss` only.
    #[arg(long)]
    issuer: Option<String>,
    /// Accept this `aud` only.
    #[arg(long)]
    audience: Option<String>,
    /// Accept this `sub` only.
    #[arg(long)]
    subject: Option<String>,
    /// Accept this `typ` only.
    #[arg(long)]
    typ: Option<String>,
    /// Ask for this claim, with any value but null. May be given several times.
    #[arg(long, value_name = "CLAIM")]
    require: Vec<String>,
    /// By how much clocks may differ, 60 at most; 30 unless the service's settings say otherwise.
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(..=limits::LEEWAY))]
    leeway: Option<u64>,
    /// Ask for an `iat` that is at most this long ago.
    #[arg(long, value_name = "SECONDS")]
    max_age: Option<u64>,
    /// Accept a token that has expired.
    #[arg(long)]
    ignore_expiry: bool,
    #[command(flatten)]
    input: StandardInput,
}

impl Verify {
    pub(super) fn run(
        self,
        place: &Place,
        console: &mut Console<'_>,
        now: Timestamp,
    ) -> Result<(), Failure> {
        self.input.check()?;
        let (keys, policy) = match self.key.verifying()? {
            Some((file, keys)) => {
                let keys = KeySet::new(keys).map_err(|error| file.wrong(error))?;
                (keys, Policy::signature_and_time_only())
            }
            None => own(place)?,
        };
        let verifier = Verifier::new(keys, self.asks(policy));
        let token = console.read_all()?;
        let claims = verifier.verify::<Claims>(&token, now).map_err(|error| {
            Failure::refused(format_args!("refused ({}): {error}", error.code()))
        })?;
        console.line(Value::Object(claims.members().clone()))
    }

    fn asks(self, mut policy: Policy) -> Policy {
        if let Some(issuer) = self.issuer {
            policy = policy.with_issuer(issuer);
        }
        if let Some(audience) = self.audience {
            policy = policy.with_audience(audience);
        }
        if let Some(subject) = self.subject {
            policy = policy.with_subject(subject);
        }
        if let Some(typ) = self.typ {
            policy = policy.with_type(typ);
        }
        for claim in self.require {
            // A policy names claims for as long as the program runs, which is one token.
            policy = policy.with_required(claim.leak());
        }
        if let Some(leeway) = self.leeway {
            policy = policy.with_leeway(Duration::from_secs(leeway));
        }
        if let Some(age) = self.max_age {
            policy = policy.with_max_age(Duration::from_secs(age));
        }
        if self.ignore_expiry { policy.ignore_expiry() } else { policy }
    }
}

/// The service's own keys, and what it asks of an access token.
fn own(place: &Place) -> Result<(KeySet, Policy), Failure> {
    let settings = place.settings()?;
    let keyring = keys::read(&settings).map_err(|error| {
        Failure::usage(format_args!("give --key FILE or --secret-file FILE, or --data: {error}"))
    })?;
    let keys = keyring.access_keys().map_err(Failure::unavailable)?;
    Ok((keys, settings.terms().access_policy().with_type(ACCESS_TOKEN)))
}
