//! A subscriber against a small issuer, over real sockets.

pub(crate) mod given;

mod file;
mod following;
mod keys;
mod outages;
mod sleep;
mod telling;
mod tls;
mod tokens;
