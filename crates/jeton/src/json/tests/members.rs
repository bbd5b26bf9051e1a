//! A name stands once, in every spelling, and is found by exactly its letters.

use std::collections::BTreeMap;

use super::{Initials, Members, Raw, WIDE, read};

/// `{"<name>":0,"<name>":1,…}`
fn object_of(names: &[impl AsRef<str>]) -> String {
    let members = names.iter().enumerate().map(|(i, name)| format!("\"{}\":{i}", name.as_ref()));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// Each of the names is found, with its own value.
fn assert_each_is_found(text: &str, names: &[impl AsRef<str>]) {
    let members = Members::read(text.as_bytes(), &WIDE).unwrap();
    for (i, name) in names.iter().enumerate() {
        let value = members.get(name.as_ref()).and_then(Raw::to_u64);
        assert_eq!(value, Some(i as u64), "{} of {text}", name.as_ref());
    }
    assert_eq!(members.iter().count(), names.len());
}

/// Names that a comparison of words could confuse: all begin alike.
const ALIKE: [&str; 16] = [
    "",
    "a",
    "aa",
    "abcdef",
    "abcdefg",
    "abcdefgh",
    "abcdefghi",
    "abcdefghj",
    "abcdefghij",
    "abcdefgH",
    "Abcdefgh",
    "bbcdefgh",
    "abcdefghabcdefgh",
    "abcdefghabcdefgi",
    "\u{e9}",
    "e\u{301}",
];

/// V10: names of seven, eight and nine bytes among them.
#[test]
fn names_that_begin_alike_are_told_apart() {
    let with_an_escape = object_of(&ALIKE).replacen("\"aa\"", r#""\u0061a""#, 1);
    for text in [object_of(&ALIKE), with_an_escape] {
        assert_each_is_found(&text, &ALIKE);
        let members = Members::read(text.as_bytes(), &WIDE).unwrap();
        for other in ["b", "abcde", "abcdefgi", "abcdefghk", "abcdefghijk", "\u{e8}", "e"] {
            assert!(members.get(other).is_none(), "{other} in {text}");
        }
    }
}

/// V10: whichever stands first, and when the one that is asked for is not there.
#[test]
fn a_name_is_never_taken_for_one_that_begins_alike() {
    for (place, absent) in ALIKE.iter().enumerate() {
        let mut names = ALIKE.to_vec();
        names.remove(place);
        for _ in 0..2 {
            names.reverse();
            let text = object_of(&names);

            assert_each_is_found(&text, &names);
            let members = Members::read(text.as_bytes(), &WIDE).unwrap();
            assert!(members.get(absent).is_none(), "{absent} in {text}");
        }
    }
}

/// V10: each of them a second time, however it is spelled, wherever it stands.
#[test]
fn a_name_twice_is_refused_in_every_spelling() {
    for name in ALIKE {
        let as_units: Vec<_> = name.encode_utf16().map(|unit| format!("\\u{unit:04x}")).collect();
        let as_units = as_units.concat();
        let first_escaped = match name.chars().next() {
            Some(first) if first.is_ascii() => {
                format!("\\u{:04X}{}", u32::from(first), &name[1..])
            }
            _ => as_units.clone(),
        };
        for (one, other) in [
            (name, name),
            (name, as_units.as_str()),
            (name, first_escaped.as_str()),
            (first_escaped.as_str(), name),
            (as_units.as_str(), first_escaped.as_str()),
        ] {
            let twice = format!(r#""{one}":1,"x":"y","{other}":2"#);
            let texts = [
                format!("{{{twice}}}"),
                format!(r#"{{"o":{{{twice}}}}}"#),
                format!(r#"{{"o":[[{{"p":{{{twice}}}}}]]}}"#),
                format!(r#"{{"o":"\n","p":{{{twice}}}}}"#),
                format!(r#"{{"o":{{"x":"\n"}},{twice}}}"#),
            ];
            for text in texts {
                assert_eq!(read(&text), None, "{text}");
            }
        }
    }
}

/// V10: the same name in two objects is two names.
#[test]
fn a_name_may_stand_in_an_object_and_in_its_parent() {
    for text in [
        r#"{"a":{"a":{"a":[{"a":1},{"a":2}]}}}"#,
        r#"{"a":{"b":1},"b":{"a":1}}"#,
        r#"{"\u0061":{"a":1}}"#,
        r#"{"a":{"\u0061":"\n"},"b":[{"a":1},{"\u0061":1}]}"#,
    ] {
        assert!(read(text).is_some(), "{text}");
    }
}

/// V10: a NUL, which only an escape can spell, is a letter like any other.
#[test]
fn a_name_with_a_nul_is_not_the_name_without() {
    let names = ["a", "a\0", "a\0\0", "\0", "", "\0a", "abcdefg", "abcdefg\0"];
    let spelled = names.map(|name| name.replace('\0', "\\u0000"));
    assert_each_is_found(&object_of(&spelled), &names);

    let members = Members::read(br#"{"a":1,"abcdefg":2,"":3}"#, &WIDE).unwrap();
    for name in ["a\0", "abcdefg\0", "\0", "\0\0"] {
        assert!(members.get(name).is_none(), "{name:?}");
    }
}

/// V10: one bit in 64 says whether a name may have been seen; with many names, every bit is set.
#[test]
fn many_names_are_told_apart_and_each_duplicate_is_seen() {
    let names: Vec<String> = (0..2_000).map(|i| format!("member-{i}")).collect();
    let text = object_of(&names);
    assert_each_is_found(&text, &names);

    let open = text.strip_suffix('}').unwrap();
    for name in names.iter().step_by(97).chain(names.last()) {
        assert_eq!(read(format!(r#"{open},"{name}":1}}"#)), None, "{name}");
        assert_eq!(read(format!(r#"{{"{name}":1,{}"#, &text[1..])), None, "{name}");
    }
    assert!(read(format!(r#"{open},"another":1}}"#)).is_some());
}

/// V10: names that share their bit are not taken for one another, nor missed.
#[test]
fn names_with_the_same_bit_are_told_apart() {
    let mut by_bit: BTreeMap<u64, Vec<String>> = BTreeMap::new();
    for name in (0..600).map(|i| format!("m{i}")) {
        by_bit.entry(Initials::of(name.as_bytes()).mark()).or_default().push(name);
    }
    assert_eq!(by_bit.len(), 64, "every bit has names");

    for names in by_bit.values() {
        assert!(names.len() > 1);
        let text = object_of(names);
        assert_each_is_found(&text, names);
        let open = text.strip_suffix('}').unwrap();
        for name in names {
            assert_eq!(read(format!(r#"{open},"{name}":1}}"#)), None, "{name}");
        }
    }
}

/// V10: what tells names apart is the same, however long the text behind the name is.
#[test]
fn a_name_begins_the_same_with_anything_behind_it() {
    for len in 0..20 {
        let name = &"abcdefghijklmnopqrst"[..len];
        for behind in 0..12 {
            let text = format!("{name}{}", "\"\u{7f}:1,xyz012"[..].get(..behind).unwrap_or("\""));

            assert!(
                Initials::of_first(text.as_bytes(), len) == Initials::of(name.as_bytes()),
                "{text}"
            );
        }
    }
}
