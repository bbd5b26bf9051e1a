//! Two parsers, one value: `serde_json` is the other one.

mod bounds;
mod members;
mod oracle;
mod refused;
mod words;

use serde_json::Value;

use super::*;

/// Wide enough for every text here that is not about limits.
const WIDE: Limits = Limits::DEFAULT.with_depth(120).with_members(10_000);

/// What the scanner reads, within wide limits.
fn read(text: impl AsRef<[u8]>) -> Option<Value> {
    Members::read(text.as_ref(), &WIDE).map(|members| Value::Object(members.to_map()))
}

/// What `serde_json` reads, if it is one object without duplicate members.
fn read_by_serde(text: impl AsRef<[u8]>) -> Option<Value> {
    let value = serde_json::from_slice::<oracle::Unique>(text.as_ref()).ok()?.0;
    value.is_object().then_some(value)
}
