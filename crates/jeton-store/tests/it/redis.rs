//! What is kept in Redis, on real servers.

mod documents;
mod servers;
