//! Sessions of a fleet, in Redis.

mod lineage;
mod lost;
mod settings;

pub use self::settings::{Acknowledge, Deployment, RedisLogin, RedisSettings, RedisTls};
