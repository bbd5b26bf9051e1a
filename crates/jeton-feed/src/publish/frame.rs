//! Events as bytes: encoded once, numbered for each connection.

use bytes::{BufMut as _, Bytes, BytesMut};
use serde::Serialize;

use crate::wire::{FeedCursor, WireEntry};

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

/// Entries as JSON, separated by commas, without brackets around them.
pub(super) fn entries(entries: &[impl Serialize]) -> Result<Bytes, serde_json::Error> {
    let mut json = Vec::with_capacity(entries.len() * 56);
    write_entries(&mut json, entries)?;
    Ok(json.into())
}

pub(super) fn write_entries(
    json: &mut Vec<u8>,
    entries: &[impl Serialize],
) -> Result<(), serde_json::Error> {
    for (index, entry) in entries.iter().enumerate() {
        if index > 0 {
            json.push(b',');
        }
        serde_json::to_writer(&mut *json, entry)?;
    }
    Ok(())
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

/// What refuses something, apart from the canaries.
pub(super) fn refusing(entries: &[WireEntry]) -> Vec<jeton::Entry> {
    let refused = entries.iter().filter_map(|entry| match entry {
        WireEntry::Refused(entry) => Some(entry.clone()),
        WireEntry::Canary { .. } => None,
    });
    refused.collect()
}
