//! What the service is made of, and the acts that need more than one part of it.

mod keys;
mod lifetime;
mod login;
mod open;
mod password;
pub(crate) mod state;
mod withdrawal;

pub use login::LoginError;
pub use open::{redis, shared_keys};

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::time::Instant;

use aws_lc_rs::rand;
use http::HeaderName;
use jeton::{Guard, Moment, Timestamp};
use jeton_account::{AccountError, OpenPostgresError, RandomError};
use jeton_session::{Sessions, StartError};
use jeton_store::{OpenRedisError, OpenStoreError};
use jeton_tower::{Gate, Transport};
use tokio::sync::Semaphore;

use crate::accounts::{self, Accounts};
use crate::app::keys::FleetKeys;
use crate::app::open::Opened;
use crate::clients::{self, Clients, ClientsError};
use crate::clock::Clock;
use crate::feed::Feed;
use crate::keys::KeyFileError;
use crate::settings::Settings;
use crate::store::Store;
use crate::throttle::Throttle;

/// The parts of the service. Cheap to clone.
#[derive(Clone, Debug)]
pub struct App {
    parts: Arc<Parts>,
}

#[derive(Debug)]
struct Parts {
    settings: Settings,
    sessions: Sessions<Store>,
    /// Where the keyring is shared.
    keys: Option<FleetKeys>,
    accounts: Accounts,
    gate: Gate,
    clients: Clients,
    throttle: Throttle,
    feed: Feed,
    /// Whether it was told to stop.
    stopping: AtomicBool,
    /// Refreshes that moved a session forward to what the store had lost.
    repaired: AtomicU64,
    /// Acts that have begun and may outlive their requests.
    acts: Arc<Semaphore>,
    now: Clock,
}

/// Why the service did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppError {
    /// The keys.
    #[error(transparent)]
    Keys(#[from] KeyFileError),
    /// The database.
    #[error(transparent)]
    Store(#[from] OpenStoreError),
    /// The Redis of the fleet.
    #[error(transparent)]
    Redis(#[from] OpenRedisError),
    /// The accounts, and where they are.
    #[error("{0}: {1}")]
    Accounts(String, AccountError),
    /// The accounts in PostgreSQL.
    #[error(transparent)]
    Postgres(#[from] OpenPostgresError),
    /// The sessions in it.
    #[error(transparent)]
    Sessions(#[from] StartError),
    /// The clients of the last start.
    #[error(transparent)]
    Clients(#[from] ClientsError),
    /// How long tokens lived at the last start.
    #[error("{path}: {error}", path = .0.display(), error = .1)]
    Lifetime(PathBuf, io::Error),
    /// The system's randomness.
    #[error(transparent)]
    Random(#[from] RandomError),
    /// A setting that [`load`](crate::settings::load) would have refused.
    #[error("{0}")]
    Setting(String),
}

impl App {
    /// Opens the data folder, and fills it at the first start. Finishes what a crash interrupted:
    /// sessions whose password was changed end before anybody is answered.
    ///
    /// # Errors
    ///
    /// [`AppError`]
    pub async fn start(settings: Settings, now: Clock) -> Result<Self, AppError> {
        let Opened { store, keyring, keys, terms } = open::open(&settings, now).await?;
        let accounts = accounts::open(&settings).await?;
        let knowledge = open::knowledge(&store, &terms, &settings)?;
        let withdrawn = keyring.withdrawn().to_vec();
        let sessions = Sessions::start_with(store, terms, keyring, knowledge).await?;
        let clients = Clients::new(&settings.clients).map_err(AppError::Setting)?;
        let remembered = settings.data.join("clients.json");
        clients::follow(&remembered, &clients, &sessions, now()).await?;
        let feed = Feed::new(&sessions, &settings, now).await?;
        let gate = Gate::new(Arc::clone(sessions.guard()), transport(&settings)?, move || {
            Moment::new(now(), Instant::now())
        });
        let acts = Arc::new(Semaphore::new(settings.http.connections));
        let parts = Parts {
            settings,
            sessions,
            keys,
            accounts,
            gate,
            clients,
            feed,
            throttle: Throttle::default(),
            stopping: AtomicBool::default(),
            repaired: AtomicU64::default(),
            acts,
            now,
        };
        let app = Self { parts: Arc::new(parts) };
        app.withdraw_keys(&withdrawn).await.map_err(StartError::from)?;
        app.settle_password_changes()
            .await
            .map_err(|error| AppError::Accounts(accounts::place(app.settings()), error))?;
        Ok(app)
    }

    /// The settings it was started with.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.parts.settings
    }

    /// Sessions and tokens.
    #[must_use]
    pub fn sessions(&self) -> &Sessions<Store> {
        &self.parts.sessions
    }

    /// Accounts and passwords.
    #[must_use]
    pub fn accounts(&self) -> &Accounts {
        &self.parts.accounts
    }

    /// What finds and checks the token of a request.
    #[must_use]
    pub fn gate(&self) -> &Gate {
        &self.parts.gate
    }

    /// Who may authenticate as a client.
    #[must_use]
    pub fn clients(&self) -> &Clients {
        &self.parts.clients
    }

    /// How often clients may do what costs much.
    #[must_use]
    pub fn throttle(&self) -> &Throttle {
        &self.parts.throttle
    }

    /// What tells others of revocations.
    #[must_use]
    pub fn feed(&self) -> &Feed {
        &self.parts.feed
    }

    /// What guards, with the revocations it knows.
    #[must_use]
    pub fn guard(&self) -> &Guard {
        self.parts.sessions.guard()
    }

    /// Places for acts that have begun and may outlive their requests: as many as connections.
    #[must_use]
    pub fn acts(&self) -> &Arc<Semaphore> {
        &self.parts.acts
    }

    /// Where the time comes from.
    #[must_use]
    pub fn clock(&self) -> Clock {
        self.parts.now
    }

    /// The time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        (self.parts.now)()
    }
}

/// The system's randomness.
///
/// # Errors
///
/// [`RandomError`] if it has none to give.
pub fn random(bytes: &mut [u8]) -> Result<(), RandomError> {
    rand::fill(bytes).map_err(|_| RandomError)
}

/// Where requests keep their tokens, by these settings.
pub(crate) fn transport(settings: &Settings) -> Result<Transport, AppError> {
    let mut transport = Transport::bearer();
    for name in &settings.tokens.headers {
        let header = HeaderName::try_from(name);
        let header = header.map_err(|_| AppError::Setting(format!("tokens.headers: {name:?}")))?;
        transport = transport.with_header(header);
    }
    Ok(transport)
}
