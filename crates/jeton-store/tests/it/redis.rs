//! The store in Redis, over real servers that the tests start.

mod certificates;
mod cluster;
mod contract;
mod damage;
mod deployments;
mod documents;
mod expiry;
mod fleet;
mod heartbeats;
mod model;
mod nodes;
mod sentinels;
mod servers;
mod start;
