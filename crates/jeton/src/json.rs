//! JSON objects as tokens may hold them: UTF-8, no duplicate members, bounded (RFC 7515 section 4).

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use crate::limits::{JSON_DEPTH, JSON_MEMBERS};

/// Reads one JSON object and nothing after it, or `None`.
///
/// Duplicate member names are refused at every depth, because two parsers may disagree about which
/// of them counts. So is anything beyond [`JSON_DEPTH`] and [`JSON_MEMBERS`].
pub(crate) fn object(text: &[u8]) -> Option<Map<String, Value>> {
    let mut json = serde_json::Deserializer::from_slice(text);
    let value = Strict { depth_left: JSON_DEPTH }.deserialize(&mut json).ok()?;
    json.end().ok()?;
    match value {
        Value::Object(members) => Some(members),
        _ => None,
    }
}

#[derive(Clone, Copy)]
struct Strict {
    depth_left: usize,
}

impl Strict {
    fn deeper<E: de::Error>(self) -> Result<Self, E> {
        let depth_left = self.depth_left.checked_sub(1);
        depth_left.map(|depth_left| Self { depth_left }).ok_or_else(|| E::custom("nested too deep"))
    }
}

impl<'de> DeserializeSeed<'de> for Strict {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<Value, D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E: de::Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value).map(Value::Number).ok_or_else(|| E::custom("not a finite number"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut values = Vec::new();
        while let Some(value) = items.next_element_seed(inner)? {
            values.push(value);
        }
        Ok(Value::Array(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let inner = self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            if object.len() == JSON_MEMBERS {
                return Err(de::Error::custom("too many members"));
            }
            let value = members.next_value_seed(inner)?;
            if object.insert(name, value).is_some() {
                return Err(de::Error::custom("duplicate member"));
            }
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_what_two_parsers_could_read_differently() {
        let wide = |n: usize| (0..n).map(|i| format!("\"m{i}\":1")).collect::<Vec<_>>().join(",");
        let cases = [
            ("duplicate member", r#"{"a":1,"a":2}"#.to_owned()),
            ("duplicate spelled otherwise", r#"{"a":1,"\u0061":2}"#.to_owned()),
            ("duplicate deep inside", r#"{"x":[{"a":1,"a":2}]}"#.to_owned()),
            ("lone surrogate", r#"{"a":"\ud800"}"#.to_owned()),
            ("something after the object", r#"{"a":1}{}"#.to_owned()),
            ("a byte order mark", "\u{feff}{}".to_owned()),
            ("not an object", "[]".to_owned()),
            ("an infinite number", r#"{"a":1e400}"#.to_owned()),
            ("too deep", format!("{{\"a\":{}{}}}", "[".repeat(16), "]".repeat(16))),
            ("deeper than the stack", "[".repeat(100_000)),
            ("too many members", format!("{{{}}}", wide(65))),
        ];
        for (name, text) in cases {
            assert_eq!(object(text.as_bytes()), None, "{name}");
        }
        assert_eq!(object(b"{\"a\":\"\xff\"}"), None, "not UTF-8");
    }

    #[test]
    fn reads_up_to_the_limits() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(15), "]".repeat(15));
        let wide = (0..64).map(|i| format!("\"m{i}\":1")).collect::<Vec<_>>().join(",");

        assert!(object(deep.as_bytes()).is_some());
        assert_eq!(object(format!("{{{wide}}}").as_bytes()).map(|o| o.len()), Some(64));
    }
}
