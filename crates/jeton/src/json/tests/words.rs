//! Strings are scanned eight bytes at a time: nothing may depend on where a word begins.

use super::{read, read_by_serde};

/// What may stand in a string, and what may not.
const TELLING: [&str; 22] = [
    "\"",
    "\\",
    "\0",
    "\u{1}",
    "\t",
    "\n",
    "\u{1f}",
    " ",
    "!",
    "#",
    "[",
    "]",
    "\u{7f}",
    "\u{80}",
    "\u{a2}",
    "\u{e9}",
    "\u{2028}",
    "\u{dc}\u{22a}",
    "\u{1f600}",
    "\\\"",
    "\\u0041",
    "\\ud800",
];

/// V10: at every place of a string of up to 40 bytes, in a name, in a value and behind both.
#[test]
fn a_special_letter_is_seen_at_every_place() {
    for letter in TELLING {
        for (before, after) in (0..=40).flat_map(|len| (0..=len).map(move |at| (at, len - at))) {
            let string = format!("{}{letter}{}", "x".repeat(before), "x".repeat(after));
            let texts = [
                format!(r#"{{"a":"{string}"}}"#),
                format!(r#"{{"{string}":1}}"#),
                format!(r#"{{"a":["{string}"],"b":"{string}"}}"#),
            ];
            for text in texts {
                assert_eq!(read(&text), read_by_serde(&text), "{text}");
            }
        }
    }
}

/// V10: two special letters, of which the first counts, in one word and in neighbouring ones.
#[test]
fn the_first_of_two_special_letters_counts() {
    for (first, second) in TELLING.iter().flat_map(|one| TELLING.map(|other| (one, other))) {
        for (between, after) in (0..10).flat_map(|between| (0..4).map(move |n| (between, n * 3))) {
            let (middle, end) = ("x".repeat(between), "x".repeat(after));
            let text = format!(r#"{{"a":"{first}{middle}{second}{end}"}}"#);

            assert_eq!(read(&text), read_by_serde(&text), "{text}");
        }
    }
}

/// V10: every byte there is, UTF-8 or not, at every place of two words.
#[test]
fn every_byte_is_judged_at_every_place() {
    for byte in 0..=u8::MAX {
        for place in 0..18 {
            let mut text = br#"{"a":"xxxxxxxxxxxxxxxxxx"}"#.to_vec();
            text[6 + place] = byte;

            assert_eq!(read(&text), read_by_serde(&text), "{byte:#x} at {place}");
        }
    }
}

/// V10: the text may end anywhere.
#[test]
fn no_part_of_an_object_is_an_object() {
    let whole = "{ \"a\" : [ 1 , -0.5e+3 , true , null , { \"b\" : \"\u{e9}\\u00e9\\n\" } ] ,\
        \"long enough for words\":\"and more than sixteen bytes\",\"c\":{},\"d\":[]}";
    assert!(read(whole).is_some());

    for place in 0..whole.len() {
        let (head, tail) = whole.as_bytes().split_at(place);

        assert_eq!(read(head), None, "the first {place} bytes");
        assert!(place == 0 || read(tail).is_none(), "without the first {place} bytes");
    }
}
