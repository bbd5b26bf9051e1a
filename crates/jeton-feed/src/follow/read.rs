//! Reads what arrived, and saves the entries of what cannot be read whole.

use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use crate::wire::WireEntry;

/// The kinds of entries that this version knows.
const KINDS: [&str; 7] = ["s", "t", "v", "i", "a", "k", "c"];

/// What was read.
pub(crate) struct Read<T> {
    /// All of it, but for entries of a kind that is not known.
    pub(crate) whole: Option<T>,
    /// The entries of what could not be read whole.
    pub(crate) salvaged: Vec<WireEntry>,
    /// There is an entry of a kind that is not known: this version is too old for the feed.
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
        entries.retain(is_known);
        outdated = entries.len() < all;
        salvaged = entries.iter().filter_map(|entry| WireEntry::deserialize(entry).ok()).collect();
    }
    // What is wrong in another way stays wrong: a member that comes twice, say.
    let whole = outdated.then(|| serde_json::from_value(value).ok()).flatten();
    Read { whole, salvaged, outdated }
}

/// Whether an entry, well-formed or not, is of a kind that this version knows. What is no entry at
/// all is not of another kind either.
fn is_known(entry: &Value) -> bool {
    entry.get(0).and_then(Value::as_str).is_none_or(|kind| KINDS.contains(&kind))
}
