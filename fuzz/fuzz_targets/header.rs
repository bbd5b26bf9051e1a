//! The header: any bytes are read without panic, and what is accepted is JSON that means one thing
//! and asks for nothing that is not understood.

#![no_main]

use jeton::jws::Compact;
use jeton::{Algorithm, base64url, limits};
use jeton_fuzz::second_parser;
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|header: &[u8]| {
    let token = format!("{}.e30.AAAA", base64url::encode(header));
    let Ok(parsed) = Compact::parse(&token) else { return };

    let members = second_parser::object(header).expect("what serde_json refuses is refused");
    assert!(!second_parser::has_duplicates(header, &members), "duplicate members");
    assert!(header.len() <= limits::HEADER, "longer than {}", limits::HEADER);
    for refused in ["crit", "b64", "zip"] {
        assert!(!members.contains_key(refused), "{refused}");
    }
    let text = |name: &str| members.get(name).map(|value| value.as_str().expect("a string"));
    let read = parsed.header();
    assert_eq!(read.algorithm(), text("alg").and_then(Algorithm::from_name));
    assert_eq!(read.key_id().map(|id| id.as_str()), text("kid"));
    assert!(text("typ").is_none_or(|typ| read.is_type(typ)), "{:?}", members.get("typ"));
    assert!(!matches!(members.get("cty"), Some(Value::String(cty)) if cty == "JWT"), "nested");
});
