//! Where Redis is, and how it is spoken to.

use std::fmt;
use std::path::PathBuf;
use std::time::Duration;

use zeroize::Zeroizing;

/// How a `RedisStore` finds Redis, and what it promises.
#[derive(Clone, Debug)]
pub struct RedisSettings {
    /// Which servers, as `host:port`.
    pub deployment: Deployment,
    /// Who we are to them; `None` where everybody may do everything.
    pub login: Option<RedisLogin>,
    /// TLS to all of them, Sentinels included; `None` for none.
    pub tls: Option<RedisTls>,
    /// What every key begins with, so that several services share one Redis.
    pub prefix: String,
    /// How long one call may take. Whatever takes longer is unknown, and its connection is dropped.
    pub deadline: Duration,
    /// R: how long revocations are remembered. The same for every node of a fleet.
    pub retention: Duration,
    /// When a revocation counts as made.
    pub acknowledge: Acknowledge,
    /// Folder of this node's journal. No other process may use it.
    pub folder: PathBuf,
    /// Whether to start although Redis may lose what it has acknowledged.
    pub accept_loss: bool,
}

/// Which servers there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Deployment {
    /// One primary, that is always the same.
    Standalone {
        /// `host:port`.
        server: String,
    },
    /// One primary, that Sentinels know.
    Sentinel {
        /// `host:port` of each Sentinel.
        sentinels: Vec<String>,
        /// What they call it.
        primary: String,
        /// Who we are to the Sentinels.
        login: Option<RedisLogin>,
    },
    /// A Cluster.
    Cluster {
        /// `host:port` of some of its nodes.
        nodes: Vec<String>,
    },
}

/// A user of Redis (ACL).
#[derive(Clone, PartialEq, Eq)]
pub struct RedisLogin {
    /// The user; `default` where Redis has only a password.
    pub user: String,
    /// Its password.
    pub password: Zeroizing<String>,
}

impl fmt::Debug for RedisLogin {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("RedisLogin").field("user", &self.user).finish_non_exhaustive()
    }
}

/// How the servers prove who they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RedisTls {
    /// A PEM file of the authorities that are trusted; `None` for the system's.
    pub authorities: Option<PathBuf>,
}

/// When a revocation counts as made.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acknowledge {
    /// When the primary has it. If that is lost before a replica has it, every node that has read it
    /// brings it back; where none had, it is lost.
    Memory,
    /// When it is in this node's journal as well, synced: after a failover, or after a restart of this
    /// node, it is brought back.
    #[default]
    Journal,
    /// When a replica has it as well as the journal.
    Replica,
}
