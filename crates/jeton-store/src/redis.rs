//! Sessions of a fleet, in Redis.

mod settings;

pub use self::settings::{Acknowledge, Deployment, RedisLogin, RedisSettings, RedisTls};
