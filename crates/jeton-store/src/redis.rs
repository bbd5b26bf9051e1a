//! Sessions of a fleet, in Redis.

mod answer;
mod bucket;
mod cfg;
mod check;
mod entry;
mod keys;
mod link;
mod log;
mod node;
mod open;
mod pages;
mod place;
mod random;
mod reader;
mod record;
mod rounds;
mod scripts;
mod settings;
mod state;
mod store;
mod update;

pub use self::open::OpenRedisError;
pub use self::settings::{Acknowledge, Deployment, RedisLogin, RedisSettings, RedisTls};
pub use self::store::RedisStore;
