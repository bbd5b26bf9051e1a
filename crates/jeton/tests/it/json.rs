//! JSON that two parsers could read differently is refused, in the header and in the claims, under
//! a signature that is good.

use jeton::{Algorithm, Signer, VerifyError};
use serde_json::{Value, json};

use crate::given;
use crate::given::NOW;
use crate::pen::Pen;

/// What may be wrong with any JSON object; `..` stands for its good members.
fn damaged() -> Vec<(&'static str, Vec<u8>)> {
    let members: Vec<String> = (0..65).map(|i| format!(r#""m{i}":1"#)).collect();
    let wide = format!(r#"{{..,"x":{{{}}}}}"#, members.join(","));
    let deep_arrays = format!(r#"{{..,"x":{}{}}}"#, "[".repeat(16), "]".repeat(16));
    let deep_objects = format!(r#"{{..,"x":{}1{}}}"#, r#"{"a":"#.repeat(16), "}".repeat(16));
    vec![
        ("nothing", "".into()),
        ("no braces", "..".into()),
        ("an array", "[{..}]".into()),
        ("a member twice", r#"{..,"x":1,"x":1}"#.into()),
        ("a member twice, escaped", r#"{..,"x":1,"\u0078":2}"#.into()),
        ("a member twice, deep inside", r#"{..,"x":[{"a":{"b":1,"b":2}}]}"#.into()),
        ("a byte order mark", "\u{feff}{..}".into()),
        ("a second object", "{..}{..}".into()),
        ("a byte behind", "{..}\0".into()),
        ("a comma too many", "{..,}".into()),
        ("a comment", "{../* */}".into()),
        ("single quotes", "{..,'x':1}".into()),
        ("a lone high surrogate", r#"{..,"x":"\ud800"}"#.into()),
        ("a lone low surrogate", r#"{..,"x":"\udc00"}"#.into()),
        ("two surrogates, the wrong way round", r#"{..,"x":"\udc00\ud800"}"#.into()),
        ("a lone surrogate in a name", r#"{..,"\ud800":1}"#.into()),
        ("a bare control character", "{..,\"x\":\"\n\"}".into()),
        ("a number that is none", r#"{..,"x":NaN}"#.into()),
        ("an infinite number", r#"{..,"x":1e400}"#.into()),
        ("a number with a zero in front", r#"{..,"x":01}"#.into()),
        ("arrays nested too deep", deep_arrays.into()),
        ("objects nested too deep", deep_objects.into()),
        ("too many members", wide.into()),
        ("bytes that are not UTF-8", b"{..,\"x\":\"\xff\"}".to_vec()),
        ("an overlong NUL", b"{..,\"x\":\"\xc0\x80\"}".to_vec()),
        ("a surrogate in UTF-8", b"{..,\"x\":\"\xed\xa0\x80\"}".to_vec()),
    ]
}

/// Puts the members of a good object where the case has its `..`.
fn fill(case: &[u8], object: &Value) -> Vec<u8> {
    let object = object.to_string();
    let members = &object.as_bytes()[1..object.len() - 1];
    let mut filled = Vec::new();
    let mut rest = case;
    while let Some(place) = rest.windows(2).position(|pair| pair == b"..") {
        filled.extend_from_slice(&rest[..place]);
        filled.extend_from_slice(members);
        rest = &rest[place + 2..];
    }
    filled.extend_from_slice(rest);
    filled
}

/// V10: the frame of the cases below is sound.
#[test]
fn an_object_with_one_member_more_is_accepted() {
    let pen = Pen::new(Algorithm::Hs256);
    let claims = fill(br#" {..,"x":[{"a":{"b":"\ud83d\ude00"}}]} "#, &given::claims());
    let header = fill(br#"{..,"x":1}"#, &pen.header());

    let accepted = given::verifier(pen.key()).verify_access_token(&pen.write(header, claims), NOW);

    assert_eq!(accepted.unwrap().other["x"], json!([{ "a": { "b": "\u{1f600}" } }]));
}

/// V10, V24, A18
#[test]
fn damaged_claims_are_malformed() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    let header = pen.header().to_string();
    for (name, case) in damaged() {
        let token = pen.write(&header, fill(&case, &given::claims()));

        let refused = verifier.verify_access_token(&token, NOW).unwrap_err();

        assert_eq!(refused, VerifyError::Malformed, "{name}");
    }
}

/// V10, V24, A18
#[test]
fn a_damaged_header_is_malformed() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    for (name, case) in damaged() {
        let token = pen.write(fill(&case, &pen.header()), given::claims().to_string());

        let refused = verifier.verify_access_token(&token, NOW).unwrap_err();

        assert_eq!(refused, VerifyError::Malformed, "{name}");
    }
}

/// V10: the same object in UTF-16.
#[test]
fn only_utf8_is_read() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    let utf16 = |text: String| text.encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>();
    let (header, claims) = (pen.header().to_string(), given::claims().to_string());

    let tokens = [pen.write(&header, utf16(claims.clone())), pen.write(utf16(header), claims)];

    for token in tokens {
        assert_eq!(verifier.verify_access_token(&token, NOW).unwrap_err(), VerifyError::Malformed);
    }
}

/// V10: two values for one claim, of which the last would win elsewhere.
#[test]
fn a_claim_said_twice_is_malformed() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    for name in ["iss", "sub", "aud", "exp", "nbf", "sid", "jti", "ver"] {
        let twice =
            format!(r#"{{"{name}":1,{}"#, &given::claims_with(name, json!(2)).to_string()[1..]);

        let refused =
            verifier.verify_access_token(&pen.write(pen.header().to_string(), twice), NOW);

        assert_eq!(refused.unwrap_err(), VerifyError::Malformed, "{name}");
    }
}

/// A11: claims are an object.
#[test]
fn claims_that_are_no_object_are_malformed() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    for payload in ["[]", "[{}]", r#""alice""#, "1", "0.5", "true", "null", "", " "] {
        let refused =
            verifier.verify_access_token(&pen.write(pen.header().to_string(), payload), NOW);

        assert_eq!(refused.unwrap_err(), VerifyError::Malformed, "{payload}");
    }
}

/// I11: nor are they ever signed.
#[test]
fn claims_that_no_verifier_would_read_are_not_signed() {
    let signer = Signer::new(given::key(Algorithm::Hs256));
    let deep = (0..17).fold(json!(1), |inner, _| json!([inner]));
    let wide: serde_json::Map<_, _> = (0..65).map(|i| (format!("m{i}"), json!(1))).collect();
    let cases = [
        ("an array", json!([])),
        ("a string", json!("alice")),
        ("nothing", Value::Null),
        ("nested too deep", json!({ "x": deep })),
        ("too many members", Value::Object(wide)),
        ("too long", json!({ "x": "x".repeat(8 * 1024) })),
    ];

    for (name, claims) in cases {
        let refused = signer.sign("JWT", &claims).unwrap_err();

        assert_eq!(refused, jeton::SignError::Claims, "{name}");
    }
}
