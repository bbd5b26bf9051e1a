//! The store in Redis, over real servers that the tests start.

mod contract;
mod failover;
mod fleet;
mod pair;
mod proxy;
mod servers;
