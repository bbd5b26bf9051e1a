//! jeton beside other JWT libraries and the raw operation, on the same bytes.
//!
//! What always holds:
//!
//! 1. the contestants of a row do the same work on the same tokens, 1,024 different ones: a single
//!    hot token flatters parsers, caches and branch predictors;
//! 2. keys are prepared before the clock runs, as far as a library can prepare them;
//! 3. nobody is timed who was not checked: every claim of every token must come out right, and a
//!    token with one bit flipped must be refused;
//! 4. contestants take turns in short rounds, and ratios are taken within a round, because a shared
//!    machine changes its speed from one second to the next.

mod allocations;
mod claims;
mod contest;
mod jeton;
mod jsonwebtoken;
mod jwt_simple;
mod keys;
mod oxitoken;
mod pool;
mod raw;
mod rounds;
mod rows;
mod table;

pub use allocations::{Allocations, Counts};
pub use contest::{Contest, Contestant};
pub use rounds::{Timing, time};
pub use rows::{Row, matching};
pub use table::{Line, json, print};
