//! What JSON says according to `serde_json` alone, and whether it says it twice.

use serde_json::{Map, Value};

use crate::given::Bounds;

/// The object that this text is, if it names every member once and is within the limits.
pub fn read(text: &[u8], bounds: &Bounds) -> Option<Map<String, Value>> {
    object(text).filter(|object| {
        !has_duplicates(text, object)
            && depth(object) <= bounds.depth
            && widest(object) <= bounds.members
    })
}

/// The object that this text is, the last of duplicate members included.
pub fn object(text: &[u8]) -> Option<Map<String, Value>> {
    serde_json::from_slice(text).ok()
}

/// Whether a member name stands twice in any object of this text, which must be JSON.
///
/// Each member has one colon that is not in a string; a map keeps one member of each name.
pub fn has_duplicates(text: &[u8], object: &Map<String, Value>) -> bool {
    let (mut colons, mut in_string, mut letters) = (0, false, text.iter());
    while let Some(letter) = letters.next() {
        match letter {
            b'\\' if in_string => drop(letters.next()),
            b'"' => in_string = !in_string,
            b':' if !in_string => colons += 1,
            _ => {}
        }
    }
    colons != object.len() + object.values().map(members).sum::<usize>()
}

fn members(value: &Value) -> usize {
    match value {
        Value::Object(object) => object.len() + object.values().map(members).sum::<usize>(),
        Value::Array(items) => items.iter().map(members).sum(),
        _ => 0,
    }
}

/// Whether this is a date: whole seconds up to 2^63 - 1, or any other number up to 2^53.
pub fn is_date(value: &Value) -> bool {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value.as_u64() {
        Some(seconds) => i64::try_from(seconds).is_ok(),
        None => value.as_f64().is_some_and(|seconds| (0.0..=EXACT).contains(&seconds)),
    }
}

/// Whether any number is not an integer of 64 bits, and so is held as a float.
pub fn has_fractions(object: &Map<String, Value>) -> bool {
    object.values().any(is_fractional)
}

/// How deep objects and arrays stand in each other, this one counted.
pub fn depth(object: &Map<String, Value>) -> usize {
    1 + object.values().map(depth_of).max().unwrap_or(0)
}

/// The most members that any object has.
pub fn widest(object: &Map<String, Value>) -> usize {
    object.values().map(widest_of).max().unwrap_or(0).max(object.len())
}

fn is_fractional(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.is_f64(),
        Value::Object(object) => has_fractions(object),
        Value::Array(items) => items.iter().any(is_fractional),
        _ => false,
    }
}

fn depth_of(value: &Value) -> usize {
    match value {
        Value::Object(object) => depth(object),
        Value::Array(items) => 1 + items.iter().map(depth_of).max().unwrap_or(0),
        _ => 0,
    }
}

fn widest_of(value: &Value) -> usize {
    match value {
        Value::Object(object) => widest(object),
        Value::Array(items) => items.iter().map(widest_of).max().unwrap_or(0),
        _ => 0,
    }
}
