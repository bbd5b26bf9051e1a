//! Guards tower and axum services: where a request's token is, and what its absence is called.
//!
//! A [`Transport`] finds the one token of a request, a [`Gate`] has it checked, and
//! [`Authenticated`] is the axum extractor of both. A refusal becomes the answer that RFC 6750
//! section 3 asks for.
//!
//! # Examples
//!
//! ```
//! use std::sync::Arc;
//! use http::HeaderMap;
//! use jeton::{Guard, KeySet, Policy, RevocationList, Timestamp};
//! use jeton_tower::{Gate, Transport};
//!
//! let policy = Policy::access_token("https://login.example", "https://api.example");
//! let guard = Guard::new(KeySet::default(), policy, Arc::new(RevocationList::new()));
//! let gate = Gate::new(Arc::new(guard), Transport::bearer(), || Timestamp::from_secs(0));
//!
//! let rejection = gate.check(&HeaderMap::new()).unwrap_err();
//! assert_eq!(rejection.code(), "token_missing");
//! assert_eq!(rejection.challenge(), "Bearer realm=\"jeton\"");
//! ```

mod gate;
mod rejection;
mod transport;

pub use gate::{Authenticated, Gate};
pub use rejection::Rejection;
pub use transport::Transport;
