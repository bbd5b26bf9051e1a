//! Rule by rule: what two parsers could read differently, and what only looks like it.

use serde_json::json;

use super::{Limits, Members, object, read, read_by_serde};

/// V10: in a value's place, under the same name.
#[test]
fn a_value_has_one_form() {
    let refused = [
        "",
        "nul",
        "nulll",
        "Null",
        "NULL",
        "tru",
        "truefalse",
        "True",
        "undefined",
        "NaN",
        "nan",
        "Infinity",
        "-Infinity",
        "01",
        "00",
        "-01",
        "-",
        "--1",
        "+1",
        "1.",
        ".5",
        "-.5",
        "1.e1",
        "1e",
        "1e+",
        "1E-",
        "1e1.5",
        "0x1",
        "0b1",
        "1_000",
        "1,",
        "1f",
        "1e400",
        "-1e400",
        "1 2",
        "[1,]",
        "[,1]",
        "[1 2]",
        "[1",
        "1]",
        "[}",
        "{]",
        "[1}",
        r#"{"b"}"#,
        r#"{"b":}"#,
        r#"{"b":1,}"#,
        r#"{,"b":1}"#,
        r#"{"b" 1}"#,
        "{b:1}",
        "{'b':1}",
        "{1:1}",
        "{null:1}",
        "'x'",
        "`x`",
        "x",
        r#""x"#,
        r#"x""#,
        r#""x"y"#,
        r#""x" "y""#,
        "/* */1",
        "1//",
        "1#",
        "\u{a0}1",
        "\u{b}1",
        "\u{c}1",
        "\u{feff}1",
        "\u{2028}1",
        "\u{0}1",
        "1\0",
    ];
    for value in refused {
        let text = format!(r#"{{"a":{value}}}"#);

        assert_eq!((read(&text), read_by_serde(&text)), (None, None), "{value:?}");
    }
}

/// V10, V22: strict is not narrow.
#[test]
fn every_form_that_json_has_is_read() {
    let accepted = [
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-0.0",
        "0.5",
        "10",
        "1e1",
        "1E+1",
        "1e-1",
        "0e0",
        "1e308",
        "1e-400",
        "123456789012345678",
        "18446744073709551615",
        "18446744073709551616",
        "-9223372036854775808",
        "-9223372036854775809",
        "0.1234567890123456789012345678901234567",
        "[]",
        "[ ]",
        "[1]",
        "[ 1 , 2 ]",
        "{}",
        "{ }",
        r#"{"":""}"#,
        r#""""#,
        " \t\r\n1\n\r\t ",
    ];
    for value in accepted {
        let text = format!(r#"{{"a":{value}}}"#);

        assert!(read(&text).is_some(), "{value:?}");
        assert_eq!(read(&text), read_by_serde(&text), "{value:?}");
    }
}

/// V10: an escape means one character of Unicode, or the text is none.
#[test]
fn an_escape_has_one_meaning() {
    let refused = [
        r"\",
        r"\x41",
        r"\'",
        r"\a",
        r"\0",
        r"\U0041",
        r"\u",
        r"\u004",
        r"\u00g1",
        r"\u{41}",
        r"\u+041",
        r"\ud800",
        r"\udbff",
        r"\udc00",
        r"\udfff",
        r"\ud800x",
        r"\ud800\n",
        r"\ud800\ud800",
        r"\udc00\ud800",
        r"\ud83d\u0041",
        r"\ud83d\ude0",
        "\\\n",
        "\\\u{e9}",
    ];
    for escape in refused {
        for text in [format!(r#"{{"a":"{escape}"}}"#), format!(r#"{{"{escape}":1}}"#)] {
            assert_eq!((read(&text), read_by_serde(&text)), (None, None), "{text}");
        }
    }

    let accepted = [
        (r"\u0041", "A"),
        (r"\u00e9\u00E9", "\u{e9}\u{e9}"),
        (r"\ud83d\ude00", "\u{1f600}"),
        (r"\uD83D\uDE00", "\u{1f600}"),
        (r#"\"\\\/\b\f\n\r\t"#, "\"\\/\u{8}\u{c}\n\r\t"),
        (r"\u0000", "\0"),
        (r"\uffff\ufeff", "\u{ffff}\u{feff}"),
    ];
    for (escape, meant) in accepted {
        assert_eq!(read(format!(r#"{{"a":"{escape}"}}"#)), Some(json!({ "a": meant })), "{escape}");
        assert_eq!(read(format!(r#"{{"{escape}":1}}"#)), Some(json!({ meant: 1 })), "{escape}");
    }
}

/// V10: one object, in UTF-8, and nothing but space around it.
#[test]
fn the_object_is_all_there_is() {
    let refused: [&[u8]; 24] = [
        b"",
        b" ",
        b"{",
        b"}",
        b"{{}}",
        b"[]",
        b"[{}]",
        b"1",
        b"null",
        b"\"{}\"",
        b"{}{}",
        b"{},",
        b"{} x",
        b"{}\0",
        b"\0{}",
        b"({})",
        b"\xef\xbb\xbf{}",
        b"\xff\xfe{\0}\0",
        b"{\0}\0",
        b"{}\xff",
        b"{\"a\":\"\xff\"}",
        b"{\"a\":\"\xc0\x80\"}",
        b"{\"a\":\"\xed\xa0\x80\"}",
        b"{\"a\":\"\xf4\x90\x80\x80\"}",
    ];
    for text in refused {
        assert_eq!(read(text), None, "{}", text.escape_ascii());
    }
    for text in ["{}", " \t\r\n{ \t\r\n} \t\r\n"] {
        assert_eq!(read(text), Some(json!({})), "{text:?}");
    }
}

/// V22: every number of up to five letters, and every value of up to five signs.
#[test]
fn every_short_value_is_read_alike() {
    for (letters, longest) in [("019.-+eE", 5), ("[]{}\",:1\\", 5)] {
        let mut words = vec![String::new()];
        for len in 0..longest {
            let longer = words
                .iter()
                .filter(|word| word.len() == len)
                .flat_map(|word| letters.chars().map(move |letter| format!("{word}{letter}")));
            words.extend(longer.collect::<Vec<_>>());
        }
        for word in words {
            let text = format!(r#"{{"a":{word}}}"#);
            assert_eq!(read(&text), read_by_serde(&text), "{text}");
        }
    }
}

/// V10: the default limits are those of every caller that has none of its own.
#[test]
fn the_shortcut_reads_within_the_default_limits() {
    let wide = |n: usize| (0..n).map(|i| format!("\"m{i}\":1")).collect::<Vec<_>>().join(",");
    for (members, is_read) in [(64, true), (65, false)] {
        let text = format!("{{{}}}", wide(members));

        assert_eq!(object(text.as_bytes()).is_some(), is_read, "{members}");
        assert_eq!(Members::read(text.as_bytes(), &Limits::DEFAULT).is_some(), is_read);
    }
}
