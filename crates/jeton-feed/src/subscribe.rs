//! Keeps a resource server's list fresh, by the feed of its issuer.
//!
//! A [`Subscriber`] takes the snapshot, follows the feed from there, and starts again wherever
//! something is lost: what is true of the list then is the [`Follower`](crate::follow::Follower)'s
//! business. It gets the issuer's keys by the same way, so no request of anybody's ever makes it
//! fetch a key. Its guards are ordinary ones: a check does no I/O.
//!
//! ```no_run
//! # async fn run() -> Result<(), Box<dyn std::error::Error>> {
//! use std::time::SystemTime;
//! use jeton::Policy;
//! use jeton_feed::subscribe::{Credentials, Settings, Subscriber};
//!
//! let secret = std::fs::read_to_string("/etc/orders/jeton-secret")?;
//! let client = Credentials::client("orders-api", secret.trim_end());
//! let settings = Settings::new("https://login.example", client, || SystemTime::now().into());
//! let subscriber = Subscriber::start(settings)?;
//!
//! let policy = Policy::access_token("https://login.example", "https://orders.example");
//! let guard = subscriber.guard(policy);
//! let clock = subscriber.clock();
//! subscriber.ready().await; // serve from now on
//!
//! let identity = guard.check("ey…", clock())?;
//! # let _ = identity;
//! # Ok(())
//! # }
//! ```

mod address;
mod backoff;
mod credentials;
mod form;
mod http;
mod introspect;
mod keep;
mod poll;
mod report;
mod run;
mod settings;
mod shared;
mod snapshot;
mod sse;
mod status;
mod stream;
mod token;

use std::sync::Arc;
use std::time::Duration;

use jeton::{Guard, Moment, Policy, RevocationList, Staleness};
use serde_json::Value;
use tokio::task::JoinSet;
use tokio::time::timeout;

pub use self::address::AddressError;
pub use self::credentials::{BearerToken, Credentials, NoToken};
use self::introspect::Introspector;
pub use self::introspect::NotIntrospected;
pub use self::settings::{Settings, WallClock};
use self::shared::Shared;
pub use self::status::Status;

/// Why a subscriber cannot start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The address of the issuer.
    #[error("the issuer's address: {0}")]
    Address(#[from] AddressError),
    /// The name for reports is not 1 to 64 letters, digits or `._:/@-`.
    #[error("the name for reports is not 1 to 64 letters, digits or `._:/@-`")]
    Name,
    /// TLS cannot be set up.
    #[error("TLS: {0}")]
    Tls(String),
}

/// The issuer was not heard in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the issuer was not heard in time")]
pub struct NotReady;

/// Keeps one list fresh. Cheap to clone; it ends when the last clone and the last
/// [clock](Self::clock) are dropped. A guard alone does not keep it going.
#[derive(Clone, Debug)]
pub struct Subscriber {
    running: Arc<Running>,
}

#[derive(Debug)]
struct Running {
    shared: Arc<Shared>,
    introspector: Introspector,
    /// Dropped, they end.
    _tasks: JoinSet<()>,
}

impl Subscriber {
    /// Starts to keep a list fresh, in the tokio runtime of the caller. An issuer that is away is
    /// no error: it is tried until it is there. If there is a file of the list, it is read before
    /// this returns; one that cannot be read is logged and is no error either.
    ///
    /// # Errors
    ///
    /// [`StartError`]
    ///
    /// # Panics
    ///
    /// Outside of a tokio runtime.
    pub fn start(settings: Settings) -> Result<Self, StartError> {
        if !report::is_name(&settings.name) {
            return Err(StartError::Name);
        }
        let shared = Arc::new(Shared::new(&settings)?);
        let mut tasks = JoinSet::new();
        let keeper = keep::Keeper::start(&shared, &settings);
        tasks.spawn(run::Runner::new(Arc::clone(&shared), settings.snapshot_limit).run());
        tasks.spawn(keeper.keep());
        tasks.spawn(report::report(Arc::clone(&shared), settings.name));
        let introspector = Introspector::new(Arc::clone(&shared));
        Ok(Self { running: Arc::new(Running { shared, introspector, _tasks: tasks }) })
    }

    /// A guard with the list, with the issuer's keys, now and whenever they change, and with the
    /// staleness of the settings. The policy says which issuer and which audience.
    ///
    /// Give it the time of [`clock`](Self::clock).
    #[must_use]
    pub fn guard(&self, policy: Policy) -> Arc<Guard> {
        self.guard_with(policy, self.running.shared.staleness)
    }

    /// The same with a staleness of its own.
    #[must_use]
    pub fn guard_with(&self, policy: Policy, staleness: Staleness) -> Arc<Guard> {
        self.running.shared.guard(policy, staleness)
    }

    /// The clock to judge tokens by: the later of one's own time of day and the issuer's, less 30
    /// seconds, so that a clock which is set back revives no token; and the clock that nobody sets,
    /// which here goes on while the machine sleeps: a list is stale as soon as it wakes up.
    ///
    /// Whoever holds it keeps the subscriber going: where tokens are checked, the list is fresh.
    pub fn clock(&self) -> impl Fn() -> Moment + Clone + Send + Sync + use<> {
        let running = Arc::clone(&self.running);
        move || running.shared.now()
    }

    /// Resolves when there is a snapshot and a fresh heartbeat after it: serve from then on. Before
    /// that there may be no keys, and good tokens are refused.
    pub async fn ready(&self) {
        self.running.shared.ready().await;
    }

    /// The same, for no longer than this.
    ///
    /// # Errors
    ///
    /// [`NotReady`] after that time. The subscriber goes on trying.
    pub async fn wait_ready(&self, most: Duration) -> Result<(), NotReady> {
        timeout(most, self.ready()).await.map_err(|_| NotReady)
    }

    /// How it is doing.
    #[must_use]
    pub fn status(&self) -> Status {
        self.running.shared.status()
    }

    /// The list that it keeps.
    #[must_use]
    pub fn list(&self) -> &Arc<RevocationList> {
        &self.running.shared.list
    }

    /// The issuer's JWK Set, once there is one.
    #[must_use]
    pub fn jwks(&self) -> Option<Value> {
        self.running.shared.jwks()
    }

    /// Asks the issuer whether a token is active (RFC 7662): what to do about a
    /// [`Verdict::Unconfirmed`](jeton::Verdict::Unconfirmed).
    ///
    /// At most 64 at once and 200 milliseconds each; after 5 failures in a row it asks nobody for a
    /// second.
    ///
    /// # Errors
    ///
    /// [`NotIntrospected`] if the issuer cannot tell. Answer 503 then, never 401.
    pub async fn introspect(&self, token: &str) -> Result<bool, NotIntrospected> {
        self.running.introspector.ask(token).await
    }
}
