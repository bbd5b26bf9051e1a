//! The link against real servers.

#[path = "../../../tests/it/redis/servers.rs"]
#[expect(dead_code, reason = "the integration tests use the rest")]
mod servers;
mod standalone;

use std::time::Duration;

use crate::redis::link::Link;
use crate::redis::settings::{Acknowledge, Deployment, RedisSettings};

/// Settings for one server.
fn standalone(server: &str) -> RedisSettings {
    settings(Deployment::Standalone { server: server.to_owned() })
}

fn settings(deployment: Deployment) -> RedisSettings {
    RedisSettings {
        deployment,
        login: None,
        tls: None,
        prefix: "jeton".to_owned(),
        deadline: Duration::from_secs(2),
        retention: Duration::from_secs(690),
        acknowledge: Acknowledge::Memory,
        folder: std::env::temp_dir(),
        accept_loss: false,
    }
}

async fn open(settings: &RedisSettings) -> Link {
    Link::open(settings).await.unwrap()
}
