//! The publishing side: one hub that every connection of a feed listens to.
//!
//! It knows nothing of stores or of HTTP. Whoever follows a store hands over what was revoked, and
//! says up to which place and as of when that is complete; whoever answers requests takes streams of
//! bytes. Several processes that follow one store publish one feed, and a cursor of one is good at all
//! of them (`docs/adr/0022`).
//!
//! ```text
//! publish ─▶ RevocationList ─▶ ring (to resume by) ─▶ broadcast ─▶ Subscription, one a connection
//!                  └▶ snapshot                └▶ poll
//! ```
//!
//! Always true:
//!
//! 1. who has been told a cursor has everything up to it, and nothing more will come there: what it
//!    names is on the list before the cursor is told to anybody, and a snapshot reads the cursor first
//!    and the list then. So a snapshot holds everything up to its cursor, and a subscription goes on
//!    behind it: between the two nothing can be lost. It may hold more, and merging the same twice
//!    changes nothing;
//! 2. position, ring and broadcast change under one lock, and a subscription begins under it: what
//!    it catches up with ends exactly where its live events begin;
//! 3. a heartbeat never claims more than was proven: `t - age_ms` is rounded down;
//! 4. an event is encoded once, whoever listens. Nothing grows with a reader's slowness: a reader
//!    that lags is closed, and comes back with its cursor.

mod clock;
mod frame;
mod hub;
mod publisher;
mod ring;
mod snapshots;
mod stats;
mod subscription;

pub use self::publisher::{Origin, Publisher, Reset};
pub use self::snapshots::{Form, NoSnapshot};
pub use self::stats::Stats;
pub use self::subscription::Subscription;
