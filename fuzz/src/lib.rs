//! What several targets need: one key and its verifiers, and a second opinion about everything that
//! jeton reads.

pub mod given;
pub mod keys;
pub mod second_base64url;
pub mod second_header;
pub mod second_parser;
pub mod second_thumbprint;
pub mod shapes;
