//! Every setting: its name, type, default and meaning, in this one table.
//!
//! `jeton.toml` < environment `JETON_…` < flags. Unknown names are refused. In the environment a
//! section is joined by two underscores: `JETON_SESSION__GRACE=5`; a list is separated by commas.

mod environment;
mod issuer;
mod load;
mod reference;

pub use load::{Overrides, SettingsError, load};
pub use reference::reference;

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use jeton::Algorithm;
use jeton_session::Terms;
use serde::{Deserialize, Serialize};

/// Defines a section: a struct with defaults, and the meaning of each field as text.
macro_rules! section {
    (
        $(#[doc = $about:literal])*
        $name:ident {
            $($(#[doc = $meaning:literal])+ $field:ident: $type:ty = $default:expr;)*
        }
    ) => {
        $(#[doc = $about])*
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $($(#[doc = $meaning])+ pub $field: $type,)*
        }

        impl Default for $name {
            fn default() -> Self {
                Self { $($field: $default,)* }
            }
        }

        impl $name {
            /// Each field with its meaning, in order.
            pub(crate) const MEANINGS: &[(&'static str, &'static str)] =
                &[$((stringify!($field), concat!($($meaning, "\n"),+)),)*];
        }
    };
}

// After the macro that it uses.
mod fleet;

pub use fleet::Fleet;

section! {
    /// All settings.
    Settings {
        /// Address and port to listen on. Use port 0 for any free one. There is no TLS here: put a
        /// proxy in front before you listen on anything but loopback.
        listen: SocketAddr = SocketAddr::from(([127, 0, 0, 1], 8080));
        /// Folder of the database and the keys. Made at the first start, for its owner alone.
        data: PathBuf = PathBuf::from("data");
        /// `iss` of every token: the public URL of this service. Changing it ends every session.
        issuer: String = "http://localhost:8080".to_owned();
        /// `aud` of access tokens: what your services call themselves together.
        audience: String = "api".to_owned();
        /// Access tokens and how they travel.
        tokens: Tokens = Tokens::default();
        /// Sessions and their refresh tokens.
        session: Session = Session::default();
        /// Where accounts are.
        accounts: Accounts = Accounts::default();
        /// Password hashing.
        password: Password = Password::default();
        /// The HTTP service.
        http: Http = Http::default();
        /// The feed of revocations, for services that verify by themselves.
        feed: Feed = Feed::default();
        /// Several nodes that share their sessions: one `jeton serve` each, with the same settings.
        fleet: Fleet = Fleet::default();
        /// Where `jeton relay` takes its feed from; `jeton serve` needs none of it.
        relay: Relay = Relay::default();
        /// What is logged, to standard error.
        log: Log = Log::default();
        /// Programs with a secret of their own: what they are called, the hash of that secret, and
        /// the scopes they may ask for.
        clients: Vec<ClientSettings> = Vec::new();
    }
}

section! {
    /// Access tokens and how they travel.
    Tokens {
        /// Signature algorithm of new keys, from the first start or the next `jeton keys rotate` on.
        /// Everybody can verify `ES256`. With an `HS` nothing is published: one party signs and
        /// verifies.
        algorithm: String = "ES256".to_owned();
        /// Seconds an access token lives; 3600 at most.
        access_lifetime: u64 = defaults().access_lifetime.as_secs();
        /// Seconds by which clocks may differ; 60 at most.
        leeway: u64 = defaults().leeway.as_secs();
        /// More headers that may carry an access token, without a prefix; for example
        /// `access_token`. `Authorization: Bearer` always may.
        headers: Vec<String> = Vec::new();
        /// A response header that carries a new access token as well as the body, and is named in
        /// Access-Control-Expose-Headers; for example `walle-token`. Empty for none.
        response_header: String = String::new();
    }
}

section! {
    /// Sessions and their refresh tokens.
    Session {
        /// Seconds without a refresh after which a session ends: 14 days.
        idle_lifetime: u64 = defaults().idle_lifetime.as_secs();
        /// Seconds after its login at which a session ends, refreshed or not: 90 days.
        absolute_lifetime: u64 = defaults().absolute_lifetime.as_secs();
        /// Seconds in which a spent refresh token gets the same answer again, for lost responses and
        /// parallel tabs; 60 at most, 0 turns it off.
        grace: u64 = defaults().grace.as_secs();
        /// Most sessions of one subject; 1000 at most.
        max_sessions: usize = defaults().max_sessions;
        /// At that limit, refuse a login rather than end the oldest session.
        refuse_over_limit: bool = defaults().refuse_over_limit;
        /// A login ends the subject's session on the same kind of device.
        one_per_device_kind: bool = defaults().one_per_device_kind;
    }
}

section! {
    /// Where accounts are.
    Accounts {
        /// Connection string of a PostgreSQL for the accounts, without a password:
        /// `host=db.example user=jeton dbname=jeton`, or `postgresql://jeton@db.example/jeton`. TLS
        /// unless it is on this machine or says `sslmode=disable`. Empty for the database in the data
        /// folder; needed by several nodes that share sessions, and only by them.
        postgres: String = String::new();
        /// A file with the password, that nobody else reads. Empty for none.
        password_file: PathBuf = PathBuf::new();
        /// A PEM file of the authorities that PostgreSQL's certificate must be of. Empty for those of
        /// this machine.
        authorities: PathBuf = PathBuf::new();
        /// Most connections of this node to PostgreSQL; 1000 at most.
        connections: usize = 8;
    }
}

section! {
    /// Password hashing with Argon2id.
    Password {
        /// KiB of memory of one hash; 19456 at least.
        memory: u32 = 19_456;
        /// Passes of one hash; 2 at least.
        passes: u32 = 2;
        /// MiB of memory for all hashes together. Logins beyond it wait, then hear 503.
        total_memory: u64 = 64;
    }
}

section! {
    /// The HTTP service.
    Http {
        /// Origins whose pages may call this service (CORS), such as
        /// `https://app.example`. `*` is any.
        origins: Vec<String> = Vec::new();
        /// Most connections at a time; more wait.
        connections: usize = 4_096;
        /// Seconds to answer a request before it is given up with 503.
        timeout: u64 = 10;
        /// Seconds that the service goes on after it was told to stop, but says that it is not ready:
        /// as long as whoever routes requests to it needs to notice.
        notice: u64 = 0;
        /// Seconds that open requests get when the service is told to stop, after that.
        drain: u64 = 10;
    }
}

section! {
    /// The feed of revocations, for services that verify by themselves.
    Feed {
        /// Most connections that read the feed at a time, out of `http.connections` and never more
        /// than half of them; more are answered 503.
        connections: usize = 2_048;
        /// Seconds between two revocations of nothing, by which verifiers measure how long one is
        /// under way; 0 sends none.
        canary: u64 = 10;
        /// Most revocations that are remembered one by one; 40 bytes of memory each. A list that is
        /// full refuses more than it was told to, never less.
        max_entries: usize = 4_194_304;
    }
}

section! {
    /// Where `jeton relay` takes its feed from; `jeton serve` needs none of it.
    Relay {
        /// Address of the issuer, or of another relay: https, or http on this machine.
        upstream: String = String::new();
        /// Address of the issuer, which has tokens, where upstream is another relay.
        tokens_from: String = String::new();
        /// What this relay is called there, as a client with the scope `revocations:read`.
        client_id: String = String::new();
        /// A file with its secret, that nobody else reads.
        client_secret_file: PathBuf = PathBuf::new();
        /// A file to keep the list in, so that a restart begins with what was known. Empty for none.
        file: PathBuf = PathBuf::new();
        /// What it is called in reports; another name for each process.
        name: String = "relay".to_owned();
    }
}

section! {
    /// What is logged, to standard error.
    Log {
        /// `json`, `text`, or `auto`: text on a terminal, else JSON.
        format: String = "auto".to_owned();
        /// `error`, `warn`, `info` (security events), `debug` (every request) or `trace`.
        level: String = "info".to_owned();
    }
}

/// One of `clients`: only the file can say them, the environment cannot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientSettings {
    /// `client_id`.
    pub id: String,
    /// One hash that `jeton client secret` has printed, or two while a secret is exchanged.
    pub secret_hashes: Vec<String>,
    /// What it may ask for, of the service's scopes and of the application's.
    #[serde(default)]
    pub scopes: Vec<String>,
}

/// The library's own, so that they stand in one place.
fn defaults() -> Terms {
    Terms::new("", "")
}

/// What `tokens.algorithm` may be.
fn algorithms() -> String {
    Algorithm::ALL.map(Algorithm::name).join(", ")
}

impl Settings {
    /// On what terms tokens are issued.
    #[must_use]
    pub fn terms(&self) -> Terms {
        let Session { idle_lifetime, absolute_lifetime, grace, .. } = self.session;
        Terms {
            access_lifetime: Duration::from_secs(self.tokens.access_lifetime),
            leeway: Duration::from_secs(self.tokens.leeway),
            idle_lifetime: Duration::from_secs(idle_lifetime),
            absolute_lifetime: Duration::from_secs(absolute_lifetime),
            grace: Duration::from_secs(grace),
            max_sessions: self.session.max_sessions,
            refuse_over_limit: self.session.refuse_over_limit,
            one_per_device_kind: self.session.one_per_device_kind,
            ..Terms::new(&self.issuer, &self.audience)
        }
    }

    /// The algorithm of new access keys, if its name is one.
    #[must_use]
    pub fn algorithm(&self) -> Option<Algorithm> {
        Algorithm::from_name(&self.tokens.algorithm)
    }

    /// Where the database is.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.join("jeton.db")
    }

    /// Where the keyring is.
    #[must_use]
    pub fn keyring(&self) -> PathBuf {
        self.data.join("keys.json")
    }
}
