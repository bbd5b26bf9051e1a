//! Opening what the service is made of: the store and the keyring, alone or in a fleet.

use jeton::{Bound, RevocationList};
use jeton_session::{Keyring, Knowledge, Terms};
use jeton_store::{RedisDocuments, RedisStore, SqliteStore};

use tracing::warn;

use crate::app::keys::FleetKeys;
use crate::app::{AppError, lifetime};
use crate::clock::Clock;
use crate::keys::seal::Seal;
use crate::keys::shared::{Habits, Held, SharedKeys};
use crate::keys::{self, KeyFileError};
use crate::settings::Settings;
use crate::store::Store;

/// What sessions are kept in, signed with and issued on.
pub(super) struct Opened {
    pub(super) store: Store,
    pub(super) keyring: Keyring,
    /// Where the keyring is shared.
    pub(super) keys: Option<FleetKeys>,
    pub(super) terms: Terms,
}

/// Opens them, alone or in a fleet.
pub(super) async fn open(settings: &Settings, now: Clock) -> Result<Opened, AppError> {
    if settings.fleet.is_on() { join(settings, now).await } else { alone(settings, now) }
}

fn alone(settings: &Settings, now: Clock) -> Result<Opened, AppError> {
    let keyring = keys::read_or_generate(settings, now())?;
    let store = Store::Sqlite(Box::new(SqliteStore::open(&settings.database())?));
    let remembered = settings.data.join("lifetime.json");
    let terms = lifetime::follow(&remembered, settings.terms(), now())
        .map_err(|error| AppError::Lifetime(remembered, error))?;
    Ok(Opened { store, keyring, keys: None, terms })
}

async fn join(settings: &Settings, now: Clock) -> Result<Opened, AppError> {
    let shared = shared_keys(settings).await?;
    keys::make_data_folder(settings)?;
    let store = RedisStore::connect(redis(settings)?).await?;
    for warning in store.warnings() {
        warn!(event = "store_warning", "{warning}");
    }
    // The keyring comes last: whoever may not join the fleet must not change it either.
    let held = match take_keys(settings, &shared, now).await {
        Ok(held) => held,
        Err(error) => {
            // Nobody shall wait for a node that never was one.
            store.close().await;
            return Err(error.into());
        }
    };
    let terms = lifetime::with_retention(settings.terms(), store.retention());
    Ok(Opened {
        store: Store::Redis(Box::new(store)),
        keyring: Keyring::clone(&held.keyring),
        keys: Some(FleetKeys::new(shared, &held)),
        terms,
    })
}

/// The shared keyring as it is now, with a copy of it in the data folder.
async fn take_keys(
    settings: &Settings,
    shared: &SharedKeys<RedisDocuments>,
    now: Clock,
) -> Result<Held, KeyFileError> {
    let held = shared.start(keys::read_copy(settings)?, now()).await?;
    keys::write_copy(settings, &held.keyring)?;
    Ok(held)
}

/// The shared keyring of these settings, for the service and the command line.
///
/// # Errors
///
/// [`AppError`]
pub async fn shared_keys(settings: &Settings) -> Result<SharedKeys<RedisDocuments>, AppError> {
    let seal = Seal::read(&settings.fleet.key_file, &settings.fleet.prefix)?;
    let documents = RedisDocuments::open(&redis(settings)?).await?;
    let algorithm = settings.algorithm().unwrap_or(jeton::Algorithm::Es256);
    let habits = Habits { algorithm, times: settings.terms().key_times() };
    Ok(SharedKeys::new(documents, seal, habits))
}

/// How Redis is spoken to.
///
/// # Errors
///
/// [`AppError::Setting`]
pub fn redis(settings: &Settings) -> Result<jeton_store::RedisSettings, AppError> {
    settings.fleet.redis(settings).map_err(|error| AppError::Setting(error.to_string()))
}

/// What the guard of this process refuses by. Alone it hears of everything as it happens; in a fleet
/// it follows.
pub(super) fn knowledge(
    store: &Store,
    terms: &Terms,
    settings: &Settings,
) -> Result<Knowledge, AppError> {
    let bound = Bound { entries: settings.feed.max_entries, retention: terms.retention() };
    if store.redis().is_none() {
        return Ok(RevocationList::new().with_bound(bound).into());
    }
    let staleness = settings.fleet.staleness(settings);
    let staleness = staleness.map_err(|error| AppError::Setting(error.to_string()))?;
    Ok(Knowledge { list: RevocationList::following().with_bound(bound), staleness })
}
