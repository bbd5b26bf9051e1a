//! Sessions of a fleet, in Redis.
//!
//! ```text
//! update ─▶ read, rule, compare and swap: record, index, entry of a stream ─▶ log ─▶ answer
//! reader ─▶ what others append ─▶ log                         (makes the log early)
//! rounds ─▶ a heartbeat in every bucket ─▶ what is missing ─▶ log, and a mark (makes it complete)
//! ```
//!
//! Always true:
//!
//! 1. a bucket is read and written in one lineage, and only after all of that lineage was read;
//! 2. a change and its revocations are one script: both are there or neither;
//! 3. what is claimed complete was read, whatever other nodes do meanwhile;
//! 4. a primary that takes no writes any more is not believed either.

mod accept;
mod answer;
mod bucket;
mod cfg;
mod check;
mod documents;
mod entry;
mod inspect;
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
pub use self::inspect::{Agreed, InspectedBucket, InspectedServer, Inspection};
pub use self::open::OpenRedisError;
pub use self::settings::{Acknowledge, Deployment, RedisLogin, RedisSettings, RedisTls};
pub use self::stats::{Latency, RedisStats};
pub use self::store::RedisStore;
