//! The store in Redis, over real servers that the tests start.

mod contract;
mod fleet;
mod servers;
