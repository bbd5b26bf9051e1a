//! The link against real servers.

mod cluster;
mod faults;
mod refusals;
mod replicas;
mod sentinel;
mod standalone;

#[path = "../../../tests/it/redis/certificates.rs"]
mod certificates;
#[path = "../../../tests/it/redis/cluster.rs"]
mod clusters;
#[path = "../../../tests/it/redis/proxy.rs"]
#[expect(dead_code, reason = "the integration tests use the rest")]
mod proxy;
#[path = "../../../tests/it/redis/sentinels.rs"]
#[expect(dead_code, reason = "the integration tests use the rest")]
mod sentinels;
#[path = "../../../tests/it/redis/servers.rs"]
mod servers;

use std::time::Duration;

use crate::redis::link::Link;
use crate::redis::settings::RedisSettings;
use crate::redis::settings::tests::standalone;

/// How long others may take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(30);

async fn open(settings: &RedisSettings) -> Link {
    Link::open(settings).await.unwrap()
}
