//! The link against real servers.

mod cluster;
#[path = "../../../tests/it/redis/cluster.rs"]
#[expect(dead_code, reason = "the integration tests use the rest")]
mod clusters;
mod sentinel;
#[path = "../../../tests/it/redis/sentinels.rs"]
#[expect(dead_code, reason = "the integration tests use the rest")]
mod sentinels;
#[path = "../../../tests/it/redis/servers.rs"]
#[expect(dead_code, reason = "the integration tests use the rest")]
mod servers;
mod standalone;

use std::time::Duration;

use crate::redis::link::Link;
use crate::redis::settings::RedisSettings;
use crate::redis::settings::tests::standalone;

/// How long others may take, on a machine that does much else.
const PATIENCE: Duration = Duration::from_secs(30);

async fn open(settings: &RedisSettings) -> Link {
    Link::open(settings).await.unwrap()
}
