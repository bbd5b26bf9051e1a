//! Any text at all is read as `serde_json` reads it, or by neither.

use std::fmt::{self, Write as _};

use proptest::prelude::*;
use serde::de::{Deserialize, Deserializer, Error as _, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::{Members, WIDE, read, read_by_serde};

/// A value in which no object has a name twice, which `serde_json` itself would not mind.
pub(super) struct Unique(pub(super) Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(UniqueVisitor).map(Self)
    }
}

struct UniqueVisitor;

impl<'de> Visitor<'de> for UniqueVisitor {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON without duplicate members")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Unique(item)) = seq.next_element()? {
            items.push(item);
        }
        Ok(items.into())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some((name, Unique(value))) = map.next_entry::<String, _>()? {
            if members.insert(name, value).is_some() {
                return Err(A::Error::custom("a name twice"));
            }
        }
        Ok(members.into())
    }
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof!["[a-c]{0,2}", "[a-b]{6,10}", "\\PC{0,12}", any::<String>()]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(|number| Number::from_f64(number).into()),
        name().prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 40, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            members_of(inner),
        ]
    })
}

fn members_of(value: impl Strategy<Value = Value>) -> impl Strategy<Value = Value> {
    let members = prop::collection::btree_map(name(), value, 0..6);
    members.prop_map(|members| Value::Object(members.into_iter().collect()))
}

fn object() -> impl Strategy<Value = Value> {
    members_of(value())
}

/// The same text with letters inside strings escaped, each the `nth` from the last.
fn with_escapes(text: &str, nth: usize) -> String {
    let mut escaped = String::new();
    let mut is_inside = false;
    let mut is_escape = false;
    for (place, letter) in text.char_indices() {
        let is_plain = is_inside && !is_escape && letter != '"' && letter != '\\';
        // The digits behind `\u` stay.
        let is_digit = text.get(..place).is_some_and(|before| {
            before
                .char_indices()
                .rev()
                .take(4)
                .any(|(i, c)| c == 'u' && before[..i].ends_with('\\'))
        });
        if is_plain && !is_digit && place % nth == 0 {
            for unit in letter.encode_utf16(&mut [0; 2]) {
                write!(escaped, "\\u{unit:04x}").unwrap();
            }
        } else {
            escaped.push(letter);
        }
        is_inside ^= letter == '"' && !is_escape;
        is_escape = letter == '\\' && !is_escape;
    }
    escaped
}

/// A change that leaves most of a text as it is.
#[derive(Clone, Debug)]
enum Edit {
    Insert(u8),
    Flip(u8),
    Delete,
    Repeat(usize),
}

fn edit() -> impl Strategy<Value = (prop::sample::Index, Edit)> {
    const TELLING: &[u8] = b"\"\\{}[]:,.-+eE0123456789u/tfn \t\n\r\0\x1f\x7f\x80\xc0\xed\xff'";
    let edit = prop_oneof![
        3 => prop::sample::select(TELLING).prop_map(Edit::Insert),
        3 => (0..8_u8).prop_map(Edit::Flip),
        2 => Just(Edit::Delete),
        2 => (1..24_usize).prop_map(Edit::Repeat),
    ];
    (any::<prop::sample::Index>(), edit)
}

fn edited(text: &str, edits: &[(prop::sample::Index, Edit)]) -> Vec<u8> {
    let mut bytes = text.as_bytes().to_vec();
    for (place, edit) in edits.iter().filter(|_| !text.is_empty()) {
        if bytes.is_empty() {
            break;
        }
        let place = place.index(bytes.len());
        match edit {
            Edit::Insert(byte) => bytes.insert(place, *byte),
            Edit::Flip(bit) => bytes[place] ^= 1 << bit,
            Edit::Delete => drop(bytes.remove(place)),
            Edit::Repeat(len) => {
                let end = bytes.len().min(place + len);
                let piece = bytes[place..end].to_vec();
                bytes.splice(place..place, piece);
            }
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1_000))]

    /// V10: what another library writes, in whatever spelling, is read as it was meant.
    #[test]
    fn whatever_is_written_is_read(object in object(), nth in 1..4_usize) {
        let plain = object.to_string();
        let pretty = serde_json::to_string_pretty(&object).unwrap();
        for text in [with_escapes(&plain, nth), plain, pretty] {
            let members = Members::read(text.as_bytes(), &WIDE).unwrap();

            prop_assert_eq!(&Value::Object(members.to_map()), &object, "{}", text);
            for (name, value) in object.as_object().unwrap() {
                let found = members.get(name).map(super::Raw::to_value);
                prop_assert_eq!(found.as_ref(), Some(value), "{} of {}", name, text);
            }
        }
    }

    /// V10, A18: and what is not is refused by both or read alike by both.
    #[test]
    fn whatever_is_damaged_is_read_alike(
        object in object(),
        nth in 1..9_usize,
        edits in prop::collection::vec(edit(), 1..4),
    ) {
        for text in [with_escapes(&object.to_string(), nth), object.to_string()] {
            let bytes = edited(&text, &edits);

            let shown = String::from_utf8_lossy(&bytes);
            prop_assert_eq!(read(&bytes), read_by_serde(&bytes), "{}", shown);
        }
    }

    /// V10, A18: nonsense of JSON's own letters, which is JSON now and then.
    #[test]
    fn whatever_looks_like_json_is_read_alike(
        nonsense in r#"(["\\{}\[\]:, eE.+\-01a]|\\u[0-9d][8-9a-f]0[01]|"a":|null|true){0,16}"#,
    ) {
        for text in [format!(r#"{{"a":{nonsense}}}"#), format!("{{{nonsense}}}"), nonsense] {
            prop_assert_eq!(read(&text), read_by_serde(&text), "{}", text);
        }
    }

    /// V22: numbers of any length, to the last that is finite and the first that is not.
    #[test]
    fn any_number_is_read_alike(
        number in prop_oneof![
            r"-?[0-9]{1,24}(\.[0-9]{0,24})?([eE][+-]?[0-9]{0,5})?",
            r"-?1\.797693134862315[6-9][0-9]{0,20}[eE][+]?30[78]",
            r"1797693134862315[7-8][0-9]{0,4}0{290,293}",
            r"[1-9]0{0,400}(e-[0-9]{1,3})?",
            r"0\.0{0,400}[1-9]e?[0-9]{0,3}",
        ],
    ) {
        let text = format!(r#"{{"a":{number}}}"#);

        prop_assert_eq!(read(&text), read_by_serde(&text), "{}", text);
    }
}
