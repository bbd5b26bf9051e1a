//! The store in Redis, over real servers that the tests start.

mod backups;
mod certificates;
mod cluster;
mod contract;
mod damage;
mod deployments;
mod documents;
mod expiry;
mod failover;
mod fleet;
mod heartbeats;
mod model;
mod nodes;
mod outages;
mod pair;
mod proxy;
mod sentinels;
mod servers;
mod start;
