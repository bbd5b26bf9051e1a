//! The feed from outside: what a follower makes of it, and what a subscriber does about it.

#[cfg(test)]
mod following;
#[cfg(test)]
mod world;
