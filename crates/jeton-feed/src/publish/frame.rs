//! Events as bytes: encoded once, numbered for each connection.

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::Serialize;
use tokio::sync::OwnedSemaphorePermit;

use crate::wire::{FeedCursor, WireEntry};

/// How long most entries are as JSON, and the comma behind.
pub(super) const USUAL: usize = 50;

/// An event without its number. Cheap to clone.
#[derive(Clone, Debug)]
pub(super) struct Frame {
    name: &'static str,
    /// What comes after `{"n":1`, to the end of the event.
    rest: Bytes,
}

impl Frame {
    /// An event of this name whose data is an object of these members, and its number.
    pub(super) fn new(
        name: &'static str,
        data: &impl Serialize,
    ) -> Result<Self, serde_json::Error> {
        let mut rest = serde_json::to_vec(data)?;
        // An object: its brace makes room for the comma behind the number.
        if let Some(brace) = rest.first_mut() {
            *brace = b',';
        }
        rest.extend_from_slice(b"\n\n");
        Ok(Self { name, rest: rest.into() })
    }

    /// A `rev` of these entries.
    pub(super) fn rev(after: FeedCursor, cursor: FeedCursor, entries: &[Bytes]) -> Self {
        let length: usize = entries.iter().map(|entries| entries.len() + 1).sum();
        let mut rest = Vec::with_capacity(128 + length);
        rest.extend_from_slice(
            format!(r#","after":"{after}","cursor":"{cursor}","e":["#).as_bytes(),
        );
        join(&mut rest, entries);
        rest.extend_from_slice(b"]}\n\n");
        Self { name: "rev", rest: rest.into() }
    }

    /// The same, which takes up this room as long as anybody holds it.
    pub(super) fn counting(self, room: Option<OwnedSemaphorePermit>) -> Self {
        Self { rest: counted(self.rest, room), ..self }
    }

    /// An event with nothing but its number.
    pub(super) const fn bare(name: &'static str) -> Self {
        Self { name, rest: Bytes::from_static(b"}\n\n") }
    }

    /// What comes before the rest, with this number.
    pub(super) fn begin(&self, n: u64, to: &mut BytesMut) {
        to.put_slice(b"event: ");
        to.put_slice(self.name.as_bytes());
        to.put_slice(b"\ndata: {\"n\":");
        to.put_slice(n.to_string().as_bytes());
    }

    pub(super) const fn rest(&self) -> &Bytes {
        &self.rest
    }
}

/// Bytes that take up this room as long as anybody holds them.
pub(super) fn counted(bytes: Bytes, room: Option<OwnedSemaphorePermit>) -> Bytes {
    struct Counted(Bytes, #[expect(dead_code, reason = "it is held")] OwnedSemaphorePermit);

    impl AsRef<[u8]> for Counted {
        fn as_ref(&self) -> &[u8] {
            &self.0
        }
    }

    match room {
        Some(room) => Bytes::from_owner(Counted(bytes, room)),
        None => bytes,
    }
}

/// Entries as JSON, separated by commas, without brackets around them.
pub(super) fn entries(entries: &[WireEntry]) -> Result<Bytes, serde_json::Error> {
    let mut json = Vec::with_capacity(entries.len() * USUAL);
    for entry in entries {
        write_entry(&mut json, entry)?;
    }
    Ok(json.into())
}

/// Writes an entry behind others, if there are any: they end where it begins.
pub(super) fn write_entry(
    json: &mut Vec<u8>,
    entry: &impl Serialize,
) -> Result<(), serde_json::Error> {
    if json.last() == Some(&b']') {
        json.push(b',');
    }
    serde_json::to_writer(json, entry)
}

/// Lists of entries as one.
pub(super) fn join(to: &mut Vec<u8>, lists: &[Bytes]) {
    for (index, list) in lists.iter().filter(|list| !list.is_empty()).enumerate() {
        if index > 0 {
            to.push(b',');
        }
        to.extend_from_slice(list);
    }
}
