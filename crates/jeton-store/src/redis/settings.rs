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

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Settings of which a test changes what it is about.
    pub(crate) fn standalone(server: &str) -> RedisSettings {
        RedisSettings {
            deployment: Deployment::Standalone { server: server.to_owned() },
            login: None,
            tls: None,
            prefix: "jeton".to_owned(),
            deadline: Duration::from_secs(2),
            retention: Duration::from_secs(690),
            acknowledge: Acknowledge::Memory,
            folder: PathBuf::new(),
            accept_loss: false,
        }
    }

    #[test]
    fn a_password_is_not_shown() {
        let password = Zeroizing::new("swordfish".to_owned());
        let login = Some(RedisLogin { user: "jeton".to_owned(), password });

        let shown = format!("{:?}", RedisSettings { login, ..standalone("a:1") });

        assert!(shown.contains("jeton") && !shown.contains("swordfish"), "{shown}");
    }
}
