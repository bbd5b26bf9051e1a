//! Which headers are read and what they ask for (RFC 7515 section 4), said in terms of the values
//! that `serde_json` has read.

use std::collections::HashSet;

use jeton::limits;
use serde_json::{Map, Value};

use crate::given::DEFAULT;
use crate::second_parser;

const NOT_UNDERSTOOD: [&str; 2] = ["b64", "zip"];
const REGISTERED: [&str; 11] =
    ["alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit"];

/// The parameters of a header that is read.
pub struct Header(Map<String, Value>);

impl Header {
    /// The header that this text is, unless every verifier refuses it.
    pub fn read(text: &[u8]) -> Option<Self> {
        let header = Self(second_parser::read(text, &DEFAULT)?);
        let is_read = text.len() <= limits::HEADER
            && header.text("alg").is_some()
            && ["typ", "cty"].iter().all(|name| header.0.get(*name).is_none_or(Value::is_string))
            && header.0.get("kid").is_none_or(is_key_id)
            && !NOT_UNDERSTOOD.iter().any(|name| header.0.contains_key(*name))
            && header.0.get("crit").is_none_or(|crit| header.has_extensions(crit));
        is_read.then_some(header)
    }

    /// A parameter that is a text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.0.get(name)?.as_str()
    }

    /// The names in `crit`.
    pub fn critical(&self) -> Vec<&str> {
        let names = self.0.get("crit").and_then(Value::as_array);
        names.into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// Whether the value of `crit` names extensions of this header, each once.
    fn has_extensions(&self, crit: &Value) -> bool {
        let Some(names) = crit.as_array() else { return false };
        let distinct: HashSet<&str> = names.iter().filter_map(Value::as_str).collect();
        let is_extension = |name: &&str| !REGISTERED.contains(name) && self.0.contains_key(*name);
        !names.is_empty() && distinct.len() == names.len() && distinct.iter().all(is_extension)
    }
}

fn is_key_id(value: &Value) -> bool {
    value.as_str().is_some_and(|id| {
        (1..=limits::KEY_ID).contains(&id.len()) && !id.chars().any(char::is_control)
    })
}
