//! Compact JSON Web Signatures (RFC 7515 section 7.1).
//!
//! [`Compact::parse`] reads the shape and the header of a token and believes neither.
//! [`Compact::verify`] checks the signature; only then does [`Verified::payload`] exist. An
//! unverified token lends its header to choose a key by, and nothing else.

mod compact;
mod header;
mod sign;

pub use compact::{Compact, Verified};
pub use header::Header;
pub use sign::sign;
