//! What `INFO` says, as far as it matters.

use crate::redis::check::versions::Version;

/// One primary.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a line of its own, which says yes or no"
)]
pub(super) struct Facts {
    /// `host:port`.
    pub(super) server: String,
    /// Which version; `None` if it does not say.
    pub(super) version: Option<Version>,
    /// Whether it still reads its data, after its start.
    pub(super) is_loading: bool,
    /// `false` for a replica.
    pub(super) is_primary: bool,
    /// Whether it is a node of a Cluster.
    pub(super) is_cluster: bool,
    /// What goes when memory is full; `None` if it does not say.
    pub(super) policy: Option<String>,
    /// Whether it writes what it does to a file (AOF).
    pub(super) has_log: bool,
    /// How many replicas follow it.
    pub(super) replicas: u32,
    /// Whether it refuses writes that too few replicas would get.
    pub(super) waits_for_replicas: bool,
}

impl Facts {
    /// Reads all of `INFO`. What is not there counts as what it is in a new installation.
    pub(super) fn read(server: String, info: &str) -> Self {
        let value = |name: &str| {
            info.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':').map(str::trim))
        };
        Self {
            server,
            version: Version::read(value),
            is_loading: value("loading") == Some("1"),
            is_primary: value("role") == Some("master"),
            is_cluster: value("cluster_enabled") == Some("1"),
            policy: value("maxmemory_policy").map(str::to_owned),
            has_log: value("aof_enabled") == Some("1"),
            replicas: value("connected_slaves").and_then(|count| count.parse().ok()).unwrap_or(0),
            // Shown only where `min-replicas-to-write` is set.
            waits_for_replicas: value("min_slaves_good_slaves").is_some(),
        }
    }
}
