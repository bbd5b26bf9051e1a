//! The store in Redis, over real servers that the tests start.

mod backups;
mod contract;
mod failover;
mod fleet;
mod outages;
mod pair;
mod proxy;
mod servers;
