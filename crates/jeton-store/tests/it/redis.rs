//! The store in Redis, over real servers that the tests start.

mod contract;
mod documents;
mod fleet;
mod servers;
