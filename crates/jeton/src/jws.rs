//! Compact JSON Web Signatures (RFC 7515 section 7.1).
//!
//! [`Compact::parse`] reads the shape and the header of a token and believes neither.
//! [`Compact::verify`] checks the signature; only then does [`Verified::payload`] exist. An
//! unverified token lends its header to choose a key by, and nothing else.

mod compact;
mod detached;
mod header;
mod sign;

pub(crate) use compact::Parts;
pub use compact::{Compact, Verified};
pub use detached::{attach, detach};
pub use header::Header;
pub(crate) use sign::{encoded_header, sign_encoded, sign_within};
pub use sign::{sign, sign_under};
