//! Sessions of a fleet, in Redis.

mod bucket;
mod documents;
mod link;
mod open;
mod settings;

pub use self::documents::{RedisDocument, RedisDocuments};
pub use self::open::OpenRedisError;
pub use self::settings::{Acknowledge, Deployment, RedisLogin, RedisSettings, RedisTls};
