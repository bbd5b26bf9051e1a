//! The store in Redis, over real servers that the tests start.

mod contract;
mod damage;
mod documents;
mod expiry;
mod fleet;
mod heartbeats;
mod model;
mod nodes;
mod servers;
