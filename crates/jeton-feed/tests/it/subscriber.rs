//! A subscriber against a small issuer, over real sockets.

mod given;

mod file;
mod following;
mod keys;
mod outages;
mod telling;
mod tls;
mod tokens;
