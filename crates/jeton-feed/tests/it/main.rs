//! The feed from outside: what is on the wire, and who publishes and follows it.

#[cfg(test)]
mod binary;
#[cfg(test)]
mod entries;
#[cfg(test)]
mod fleet;
#[cfg(test)]
mod following;
#[cfg(test)]
mod issuer;
#[cfg(test)]
mod listener;
#[cfg(test)]
mod publisher;
#[cfg(test)]
mod races;
#[cfg(test)]
mod snapshots;
#[cfg(test)]
mod subscriber;
#[cfg(test)]
mod vectors;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod world;
