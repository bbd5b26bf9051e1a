use super::*;

fn read(text: &str) -> Option<Map<String, Value>> {
    object(text.as_bytes())
}
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
        assert_eq!(read(&text), None, "{name}");
    }
    assert_eq!(object(b"{\"a\":\"\xff\"}"), None, "not UTF-8");
}

#[test]
fn reads_up_to_the_limits() {
    let deep = format!("{{\"a\":{}{}}}", "[".repeat(15), "]".repeat(15));
    let wide = (0..64).map(|i| format!("\"m{i}\":1")).collect::<Vec<_>>().join(",");

    assert!(read(&deep).is_some());
    assert_eq!(read(&format!("{{{wide}}}")).map(|o| o.len()), Some(64));
}
