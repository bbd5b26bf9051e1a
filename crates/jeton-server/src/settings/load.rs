//! Reading settings, and saying what is wrong with them.

use std::net::SocketAddr;
use std::path::PathBuf;

use figment2::providers::{Format as _, Serialized, Toml};
use figment2::{Figment, Profile};
use http::{HeaderName, HeaderValue, header};
use jeton_account::{HashingCost, PostgresSettings};

use crate::clients::Clients;
use crate::settings::{Accounts, Settings, algorithms, environment, issuer};

/// Most connections that may be asked for.
const CONNECTIONS: usize = 1_000_000;

/// Most connections to PostgreSQL that may be asked for.
const DATABASE_CONNECTIONS: usize = 1_000;

/// Fewest revocations that a list has room for: fewer are full at the first attack.
const ENTRIES: usize = 64;

/// Longest time between two canaries, in seconds.
const CANARY: u64 = 3_600;

/// Headers that mean something else to whoever reads a request or an answer.
const STANDARD: [HeaderName; 15] = [
    header::ACCEPT,
    header::AUTHORIZATION,
    header::CACHE_CONTROL,
    header::CONNECTION,
    header::CONTENT_LENGTH,
    header::CONTENT_TYPE,
    header::COOKIE,
    header::DATE,
    header::HOST,
    header::ORIGIN,
    header::PROXY_AUTHORIZATION,
    header::SET_COOKIE,
    header::TRANSFER_ENCODING,
    header::UPGRADE,
    header::WWW_AUTHENTICATE,
];

/// What flags say.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The file, which must be there; without it `jeton.toml`, which need not.
    pub config: Option<PathBuf>,
    /// See [`Settings::data`].
    pub data: Option<PathBuf>,
    /// See [`Settings::listen`].
    pub listen: Option<SocketAddr>,
}

/// What is wrong with the settings, and where.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SettingsError(pub(super) String);

/// Reads the file, the environment and the flags, in this order, and checks the outcome.
///
/// # Errors
///
/// [`SettingsError`] names the setting and, where there is one, its source.
pub fn load(overrides: &Overrides) -> Result<Settings, SettingsError> {
    let file = match &overrides.config {
        Some(path) if !path.is_file() => {
            return Err(SettingsError(format!("{}: no such file", path.display())));
        }
        Some(path) => Toml::file(path).search(false),
        None => Toml::file("jeton.toml").search(false),
    };
    let mut figment = Figment::from(Serialized::defaults(Settings::default()))
        .merge(file)
        .merge(Serialized::from(environment::read(std::env::vars_os())?, Profile::Default));
    if let Some(data) = &overrides.data {
        figment = figment.merge(Serialized::default("data", data));
    }
    if let Some(listen) = &overrides.listen {
        figment = figment.merge(Serialized::default("listen", listen));
    }
    let settings: Settings = figment.extract().map_err(|error| SettingsError(error.to_string()))?;
    check(&settings)?;
    Ok(settings)
}

fn check(settings: &Settings) -> Result<(), SettingsError> {
    let fail = |text: String| Err(SettingsError(text));
    if let Err(error) = settings.terms().check() {
        return fail(error.to_string());
    }
    if let Err(wrong) = issuer::check(&settings.issuer) {
        return fail(format!("issuer: {wrong}"));
    }
    if let Err(wrong) = Clients::new(&settings.clients) {
        return fail(wrong);
    }
    if settings.algorithm().is_none() {
        let name = &settings.tokens.algorithm;
        return fail(format!("tokens.algorithm: {name:?} is not one of {}", algorithms()));
    }
    check_accounts(&settings.accounts)?;
    if let Err(error) = HashingCost::new(settings.password.memory, settings.password.passes) {
        return fail(format!("password: {error}"));
    }
    let response_header = Some(&settings.tokens.response_header).filter(|name| !name.is_empty());
    for name in settings.tokens.headers.iter().chain(response_header) {
        if !HeaderName::try_from(name).is_ok_and(|name| !STANDARD.contains(&name)) {
            return fail(format!("tokens: {name:?} cannot be the name of a token header"));
        }
        let same = |other: &&String| other.eq_ignore_ascii_case(name);
        if settings.tokens.headers.iter().filter(same).count() > 1 {
            return fail(format!("tokens.headers: {name:?} is there twice"));
        }
    }
    for origin in &settings.http.origins {
        let has_path = origin.split("://").nth(1).is_none_or(|rest| rest.contains('/'));
        if HeaderValue::try_from(origin).is_err() || (has_path && origin != "*") {
            return fail(format!(
                "http.origins: {origin:?} is not an origin like https://app.example"
            ));
        }
    }
    if !matches!(settings.log.format.as_str(), "auto" | "json" | "text") {
        return fail(format!("log.format: {:?} is not auto, json or text", settings.log.format));
    }
    if settings.log.level.parse::<tracing::Level>().is_err() {
        return fail(format!("log.level: {:?} is not a level", settings.log.level));
    }
    if !(1..=CONNECTIONS).contains(&settings.http.connections) {
        return fail(format!("http.connections must be from 1 to {CONNECTIONS}"));
    }
    if settings.feed.connections == 0 {
        return fail("feed.connections must be at least 1".to_owned());
    }
    if settings.feed.canary > CANARY {
        return fail(format!("feed.canary must be at most {CANARY}"));
    }
    if settings.feed.max_entries < ENTRIES {
        return fail(format!("feed.max_entries must be at least {ENTRIES}"));
    }
    settings.fleet.check(settings)?;
    if settings.http.timeout == 0 {
        return fail("http.timeout must be at least 1".to_owned());
    }
    Ok(())
}

fn check_accounts(accounts: &Accounts) -> Result<(), SettingsError> {
    let fail = |text: String| Err(SettingsError(text));
    if !(1..=DATABASE_CONNECTIONS).contains(&accounts.connections) {
        return fail(format!("accounts.connections must be from 1 to {DATABASE_CONNECTIONS}"));
    }
    if accounts.postgres.is_empty() {
        let files = [&accounts.password_file, &accounts.authorities];
        if files.iter().any(|file| !file.as_os_str().is_empty()) {
            return fail("accounts: there are files for it, but no accounts.postgres".to_owned());
        }
    } else if let Err(error) = PostgresSettings::parse(&accounts.postgres) {
        return fail(format!("accounts.postgres: {error}"));
    }
    Ok(())
}
