//! Sessions of a fleet, in Redis.

mod bucket;
mod link;
mod open;
mod settings;

pub use self::open::OpenRedisError;
pub use self::settings::{Acknowledge, Deployment, RedisLogin, RedisSettings, RedisTls};
