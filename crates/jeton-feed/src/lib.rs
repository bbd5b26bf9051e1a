//! The feed of revocations: what is on the wire, who publishes it, and who keeps a list fresh by it.
//!
//! `docs/feed.md` is the contract for every language.

pub mod clock;
mod file;
pub mod follow;
pub mod publish;
pub mod subscribe;
pub mod wire;
