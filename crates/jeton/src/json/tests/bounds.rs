//! Limits: the last that passes, and the first that does not.

use serde_json::Value;

use super::{INLINE, Limits, Members, WIDE, read};

fn is_read(text: &str, limits: &Limits) -> bool {
    Members::read(text.as_bytes(), limits).is_some()
}

/// An object with so many levels below it.
fn nested(levels: usize, open: &str, close: &str) -> String {
    format!(r#"{{"a":{}1{}}}"#, open.repeat(levels), close.repeat(levels))
}

/// V24: objects and arrays count alike, and the claims themselves are the first level.
#[test]
fn nesting_ends_at_the_limit() {
    for (open, close) in [("[", "]"), (r#"{"b":"#, "}"), (r#"[{"b":"#, "}]")] {
        let each = open.matches(['[', '{']).count();
        for depth in [0, 1, 2, 3, 16, 119, 120] {
            let limits = WIDE.with_depth(depth);
            for levels in 0..64 {
                let text = nested(levels, open, close);

                let is_within = levels * each < depth;
                assert_eq!(is_read(&text, &limits), is_within, "{levels} of {depth}: {text}");
            }
        }
    }
}

/// V24: what is read at the deepest is the value, not what stands in for one that was not read.
#[test]
fn the_deepest_nesting_is_read_whole() {
    for (open, close) in [("[", "]"), (r#"{"b":"#, "}")] {
        let deepest = nested(119, open, close);
        let deeper = nested(120, open, close);
        for asked in [120, 121, 128, 1_000, usize::MAX] {
            let limits = WIDE.with_depth(asked);

            let members = Members::read(deepest.as_bytes(), &limits).unwrap();

            let expected: Value = serde_json::from_str(&deepest).unwrap();
            assert_eq!(Value::Object(members.to_map()), expected, "{asked}");
            assert!(!is_read(&deeper, &limits), "{asked}");
        }
    }
}

/// V24, A18: text that only opens costs no stack.
#[test]
fn a_million_open_brackets_are_refused() {
    for open in ["[", "{", r#"{"a":"#, r#"[{"a":["#, "[[],"] {
        assert_eq!(read(open.repeat(1_000_000)), None, "{open}");
        assert_eq!(read(format!(r#"{{"a":{}"#, open.repeat(1_000_000))), None, "{open}");
    }
}

/// V24: of each object, at every depth; items of arrays are not counted.
#[test]
fn members_end_at_the_limit() {
    let wide = |n: usize| (0..n).map(|i| format!("\"m{i}\":1")).collect::<Vec<_>>().join(",");
    for limit in [0, 1, 2, INLINE - 1, INLINE, INLINE + 1, 64, 500] {
        let limits = WIDE.with_members(limit);
        for (members, is_within) in [(limit, true), (limit + 1, false)] {
            let object = format!("{{{}}}", wide(members));
            let escaped = format!("{{{}}}", wide(members).replace('m', r"\u006d"));

            assert_eq!(is_read(&object, &limits), is_within, "{members} of {limit}");
            assert_eq!(is_read(&escaped, &limits), is_within, "{members} of {limit}, escaped");
            let below = limit > 0 && is_within;
            assert_eq!(is_read(&format!(r#"{{"a":{object}}}"#), &limits), below, "below");
            assert_eq!(is_read(&format!(r#"{{"a":[{object}]}}"#), &limits), below, "in an array");
        }
    }
    let many = format!(r#"{{"a":[{}0]}}"#, "0,".repeat(10_000));
    assert!(is_read(&many, &WIDE.with_members(1)));
}

/// V24: where a caller has raised the limits, twice the text is twice the work: an object inside
/// does not cost another look at all that is around it.
#[test]
fn many_small_objects_are_read_in_one_pass() {
    let text = format!(r#"{{"a":[{}{{}}]}}"#, "{},".repeat(1_000_000));

    let members = Members::read(text.as_bytes(), &WIDE);

    assert!(members.is_some());
}

/// V24: members are read where they are, again and again.
#[test]
fn nothing_is_left_of_what_was_read_before() {
    let mut members = Members::new();
    members.fill(br#"{"a":1,"\u0062":"\n","c":3}"#, &WIDE).unwrap();

    members.fill(br#"{"d":4}"#, &WIDE).unwrap();

    assert_eq!(members.iter().count(), 1);
    assert!(members.get("a").is_none() && members.get("b").is_none());
    members.fill(br#"{"a":1,"b":2}"#, &WIDE).unwrap();
    assert_eq!(members.get("b").and_then(super::Raw::to_u64), Some(2));
}
