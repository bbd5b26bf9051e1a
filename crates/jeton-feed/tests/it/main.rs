//! The feed from outside: what is on the wire, and what a follower and a subscriber make of it.

#[cfg(test)]
mod binary;
#[cfg(test)]
mod entries;
#[cfg(test)]
mod following;
#[cfg(test)]
mod wire;
#[cfg(test)]
mod world;
