//! Guards tower and axum services: who sends a request, what it may, and what a refusal is called.
//!
//! A [`Transport`] finds the one token of a request and a [`Gate`] has it checked. Ask for the result
//! where it is needed, with the axum extractors [`Identity`] and [`User`], or in front of any tower
//! service, with a [layer](Gate::layer) that can ask for scopes as well. A refusal becomes the answer
//! that RFC 6750 section 3 asks for; what nobody knows right now is a 503, and never a 401.
//!
//! A [`Guard`](jeton::Guard) comes from where the sessions are: in the process that keeps them, from
//! `jeton_session::Sessions::guard`; elsewhere, from `jeton_feed::subscribe::Subscriber::guard`, with
//! the clock of that subscriber.
//!
//! # Examples
//!
//! A gate as the state of an axum service:
//!
//! ```
//! use axum::Router;
//! use axum::routing::get;
//! use jeton_tower::{Gate, Identity};
//!
//! fn service(gate: Gate) -> Router {
//!     let hello = get(|identity: Identity| async move { format!("hello, {}", identity.subject()) });
//!     Router::new().route("/hello", hello).with_state(gate)
//! }
//! ```
//!
//! And what it does:
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
//! assert_eq!(gate.deny(rejection).into_http::<String>().status(), 401);
//! ```

mod confirm;
mod cookie;
mod denied;
mod extract;
mod gate;
mod head;
mod identity;
mod layer;
mod origin;
mod realm;
mod rejection;
mod scopes;
mod transport;
mod until_ended;

pub use confirm::{Confirm, Outage};
pub use cookie::InvalidCookieName;
pub use denied::Denied;
pub use gate::Gate;
pub use head::Head;
pub use identity::{Identity, User};
pub use layer::{GuardLayer, Guarded, GuardedFuture};
pub use origin::InvalidOrigin;
pub use realm::{InvalidRealm, Realm};
pub use rejection::Rejection;
pub use scopes::Scopes;
pub use transport::Transport;
pub use until_ended::UntilEnded;
