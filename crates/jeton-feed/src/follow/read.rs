//! Reads what arrived, and saves the entries of what cannot be read whole.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::wire::WireEntry;

/// What was read.
pub(crate) struct Read<T> {
    /// All of it, but for entries that are not known.
    pub(crate) whole: Option<T>,
    /// The entries of what could not be read whole.
    pub(crate) salvaged: Vec<WireEntry>,
    /// There is an entry of a kind or form that is not known: this version is too old for the feed.
    pub(crate) outdated: bool,
}

/// Reads an event, a snapshot or the answer to a poll.
pub(crate) fn read<T: DeserializeOwned>(json: &[u8]) -> Read<T> {
    match serde_json::from_slice(json) {
        Ok(whole) => Read { whole: Some(whole), salvaged: Vec::new(), outdated: false },
        Err(_) => salvage(json),
    }
}

fn salvage<T: DeserializeOwned>(json: &[u8]) -> Read<T> {
    let mut value: Value = serde_json::from_slice(json).unwrap_or_default();
    let mut outdated = false;
    let mut salvaged = Vec::new();
    if let Some(Value::Array(entries)) = value.get_mut("e") {
        let all = entries.len();
        entries.retain(|entry| match WireEntry::deserialize(entry) {
            Ok(known) => {
                salvaged.push(known);
                true
            }
            Err(_) => false,
        });
        outdated = entries.len() < all;
    }
    // What is wrong in another way stays wrong: a member that comes twice, say.
    let whole = outdated.then(|| serde_json::from_value(value).ok()).flatten();
    Read { whole, salvaged, outdated }
}
