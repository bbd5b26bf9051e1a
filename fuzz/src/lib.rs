//! What several targets need: one key, one verifier of it, and a second opinion about JSON.

pub mod given;
pub mod second_parser;
