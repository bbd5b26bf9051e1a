//! Why a store in Redis was not opened.

use jeton_session::StoreError;

use crate::OpenStoreError;
use crate::redis::link::{Address, DialError};

/// Why a store in Redis was not opened: what is wrong, and what to do.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenRedisError {
    /// An address that is none.
    #[error("`{0}` is no address of a server; write `host:port`")]
    Address(String),
    /// The authorities of TLS cannot be read.
    #[error(
        "cannot read the authorities of TLS: {0}; name a PEM file of those that have issued the \
         certificates of Redis"
    )]
    Authorities(String),
    /// Nothing listens there, there is no way to it, or it does not answer.
    #[error("{server} {cause}; check the address, the firewall and that Redis runs there")]
    Unreachable {
        /// `host:port`.
        server: String,
        /// What happened.
        cause: String,
    },
    /// No TLS, or a certificate that proves nothing.
    #[error(
        "TLS with {server} failed: {cause}; check that the port is the one of TLS, that the \
         certificate is for this name, and the file of authorities"
    )]
    Tls {
        /// `host:port`.
        server: String,
        /// What happened.
        cause: String,
    },
    /// User and password were refused, or were needed and not given.
    #[error("{server} refuses our user or password; set both as its ACL file has them")]
    Login {
        /// `host:port`.
        server: String,
    },
    /// The user may not do what we do.
    #[error(
        "{server} does not permit what the service does ({cause}); give its user the commands of \
         `deploy/redis/users.acl`, and the keys that begin with our prefix"
    )]
    Permission {
        /// `host:port`.
        server: String,
        /// What was refused.
        cause: String,
    },
    /// It reads its data.
    #[error("{server} is still starting ({cause}); start again once it has read its data")]
    Starting {
        /// `host:port`.
        server: String,
        /// What it says.
        cause: String,
    },
    /// It is a server of Redis, and another one than is looked for.
    #[error(
        "{server} is {role}; name primaries as servers and as nodes of a Cluster, and Sentinels as \
         Sentinels"
    )]
    Role {
        /// `host:port`.
        server: String,
        /// What it is.
        role: &'static str,
    },
    /// Something else answers there.
    #[error("{server} is no Redis ({cause}); check the address, and whether it wants TLS")]
    Foreign {
        /// `host:port`.
        server: String,
        /// What it says.
        cause: String,
    },
    /// The Sentinels do not watch such a primary.
    #[error("the Sentinels know no primary `{0}`; name one that they monitor")]
    UnknownPrimary(String),
    /// What the Sentinels call primary is none, or they have not elected one.
    #[error("the Sentinels have no primary at the moment ({0}); wait for their election")]
    NoPrimary(String),
    /// The Cluster does not serve all slots.
    #[error("the Cluster does not work ({0}); ask `redis-cli --cluster check` what it misses")]
    ClusterDown(String),
    /// Redis is not set up so that it keeps what it acknowledges. Each reason is a sentence.
    #[error("{}", .0.join("; "))]
    Unsuitable(Vec<String>),
    /// Every change is to wait for a replica, and there is none, or it was lost a moment ago.
    #[error(
        "{0} has no replica, and every change is to wait for one; add a replica, or acknowledge by \
         the journal"
    )]
    NoReplica(String),
    /// The data is of another version of jeton.
    #[error(
        "the data in Redis has format {found}, and this program knows format {known}; use a newer \
         jeton, or another prefix"
    )]
    Format {
        /// What Redis has.
        found: String,
        /// What this program knows.
        known: u32,
    },
    /// Revocations are not remembered for as long as this node needs.
    #[error(
        "the fleet remembers revocations for {stored} s, and this node's tokens need {needed} s; \
         run `jeton store retention {needed}` once, then start the nodes again"
    )]
    Retention {
        /// What Redis has, in seconds.
        stored: u64,
        /// What these settings need, in seconds.
        needed: u64,
    },
    /// The journal cannot be opened.
    #[error("cannot open the journal of this node: {0}")]
    Journal(OpenStoreError),
    /// Redis failed while the store was opened.
    #[error(transparent)]
    Unavailable(#[from] StoreError),
}

impl OpenRedisError {
    /// Why there is no connection to this server.
    pub(crate) fn of_server(server: &Address, error: DialError) -> Self {
        let server = server.to_string();
        match error {
            DialError::Unreachable(_) | DialError::Silent => {
                Self::Unreachable { server, cause: error.to_string() }
            }
            DialError::Tls(cause) => Self::Tls { server, cause },
            DialError::Login => Self::Login { server },
            DialError::Permission(cause) => Self::Permission { server, cause },
            DialError::Starting(cause) => Self::Starting { server, cause },
            DialError::Role(role) => Self::Role { server, role },
            DialError::Foreign(cause) => Self::Foreign { server, cause },
        }
    }
}
