//! What is on the wire: `docs/feed.md` in types.
//!
//! JSON goes by `serde`, events by [`Event::to_sse`] and [`Event::parse`], snapshots also by
//! [`Snapshot::to_binary`] and [`Snapshot::from_binary`]. Whatever arrives is checked whole before
//! anything is made of it, and never makes more of itself than its length justifies.

mod binary;
mod cursor;
mod entry;
mod event;
mod reader;
mod snapshot;

pub(crate) use self::binary::BinaryWriter;
pub use self::binary::{MEDIA_TYPE, NotASnapshot};
pub use self::cursor::{FeedCursor, NotACursor};
pub use self::entry::WireEntry;
pub use self::event::{Event, Heartbeat, Keys, NotAnEvent, Revocations};
pub use self::snapshot::{Complete, Polled, Snapshot};
