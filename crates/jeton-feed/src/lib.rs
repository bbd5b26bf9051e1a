//! The feed of revocations: what is on the wire, who publishes it, and who keeps a list fresh by it.
//!
//! A service that verifies access tokens by itself starts a [`Subscriber`](subscribe::Subscriber). It
//! follows its issuer's feed, and gives [guards](subscribe::Subscriber::guard) that refuse what was
//! revoked within milliseconds, and ask nobody while a request waits.
//!
//! # What has to be there
//!
//! - An issuer: `jeton serve`, at `https`, or at `http` on this machine.
//! - A client of the issuer's, with the scope `revocations:read`: `jeton client secret` makes a
//!   secret, and its hash goes into the issuer's settings (`[[clients]]`).
//! - What the issuer writes into `iss` and `aud`: its settings `issuer` and `audience`. A policy asks
//!   for these, to the letter; the address that one subscribes at may be another.
//!
//! # Examples
//!
//! What a service starts with. `jeton-tower` makes a gate for axum and tower of the two:
//! `Gate::new(guard, Transport::bearer(), clock)`.
//!
//! ```no_run
//! use std::sync::Arc;
//! use std::time::{Duration, SystemTime};
//! use jeton::{Guard, Moment, Policy};
//! use jeton_feed::subscribe::{Credentials, Settings, Subscriber};
//!
//! async fn start() -> Result<(Arc<Guard>, impl Fn() -> Moment), Box<dyn std::error::Error>> {
//!     let secret = std::fs::read_to_string("/etc/orders/jeton-secret")?;
//!     let client = Credentials::client("orders", secret.trim_end());
//!     let settings = Settings::new("http://localhost:8080", client, || SystemTime::now().into());
//!     let subscriber = Subscriber::start(settings)?;
//!     subscriber.wait_ready(Duration::from_secs(30)).await?;
//!
//!     let guard = subscriber.guard(Policy::access_token("http://localhost:8080", "api"));
//!     Ok((guard, subscriber.clock())) // which keeps the subscriber going
//! }
//! ```
//!
//! # Modules
//!
//! [`subscribe`] keeps a list fresh over HTTP, [`follow`] is the rules of that without any I/O,
//! [`publish`] is the other side, and [`wire`] what is said between them. `docs/feed.md` is the
//! contract for every language.

pub mod clock;
mod file;
pub mod follow;
pub mod publish;
pub mod subscribe;
pub mod wire;
