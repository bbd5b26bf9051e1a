//! The jeton service: logs in, refreshes, revokes, and answers gateways.
//!
//! ```text
//! listen ─▶ http (routes, envelope, transport) ─▶ app (acts) ─▶ Sessions ─▶ SQLite
//!                                                    │            └▶ Guard, RevocationList
//!                                                    └▶ Accounts ─▶ SQLite or PostgreSQL
//! ```
//!
//! A handler parses, calls one method and maps the answer. Rules are in `jeton-session`, passwords
//! in `jeton-account`; here are translation, configuration and the order of things.

pub mod accounts;
pub mod app;
pub mod cli;
pub mod clients;
pub mod clock;
pub mod feed;
mod file;
pub mod housekeeping;
pub mod http;
pub mod keys;
pub mod listen;
pub mod log;
pub mod metrics;
pub mod relay;
pub mod scope;
pub mod settings;
pub mod store;
pub mod throttle;
