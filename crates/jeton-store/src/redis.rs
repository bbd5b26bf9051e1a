//! Sessions of a fleet, in Redis.

mod accept;
mod answer;
mod bucket;
mod cfg;
mod check;
mod documents;
mod entry;
mod journal;
mod keys;
mod lineage;
mod link;
mod log;
mod lost;
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
mod settle;
mod state;
mod stats;
mod store;
mod sweep;
mod turns;
mod update;

pub use self::documents::{RedisDocument, RedisDocuments};
pub use self::open::OpenRedisError;
pub use self::settings::{Acknowledge, Deployment, RedisLogin, RedisSettings, RedisTls};
pub use self::stats::{Latency, RedisStats};
pub use self::store::RedisStore;
