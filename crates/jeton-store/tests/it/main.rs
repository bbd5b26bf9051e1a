//! The SQLite store, held against the contract and against the memory store.

#[cfg(test)]
mod contract;
#[cfg(test)]
mod durability;
#[cfg(test)]
mod model;
#[cfg(test)]
mod opening;
#[cfg(test)]
mod redis;
#[cfg(test)]
mod sweeping;
