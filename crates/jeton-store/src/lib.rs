//! Stores that keep sessions through crashes and restarts.
//!
//! [`SqliteStore`] keeps them in one file, for one process. It implements
//! [`SessionStore`](jeton_session::SessionStore) and decides nothing: the rules are
//! `jeton-session`'s.

mod redis;
mod sqlite;

pub use redis::{
    Acknowledge, Agreed, Deployment, InspectedBucket, InspectedServer, Inspection, Latency,
    OpenRedisError, RedisDocument, RedisDocuments, RedisLogin, RedisSettings, RedisStats,
    RedisStore, RedisTls,
};
pub use sqlite::{OpenStoreError, SqliteStore};
