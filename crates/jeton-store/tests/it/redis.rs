//! The store in Redis, over real servers that the tests start.

mod backups;
mod certificates;
#[expect(dead_code, reason = "the tests of the link use the rest")]
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
#[expect(dead_code, reason = "the tests of the link use the rest")]
mod proxy;
mod repeats;
#[expect(dead_code, reason = "the tests of the link use the rest")]
mod sentinels;
mod servers;
mod start;
