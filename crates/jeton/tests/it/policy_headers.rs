//! What a policy asks of a header that is signed: extensions, the type, what the payload is.

use jeton::{Algorithm, Claims, Policy, Verifier, VerifyError};
use serde_json::{Value, json};

use VerifyError::{BadSignature, ClaimMissing, Malformed, UnknownKey, WrongType};

use crate::given;
use crate::given::NOW;
use crate::pen::Pen;

fn any() -> Policy {
    Policy::signature_and_time_only()
}

/// The header of a good token with these parameters more.
fn header_with(pen: &Pen, parameters: &Value) -> Value {
    let mut header = pen.header();
    header.as_object_mut().unwrap().extend(parameters.as_object().unwrap().clone());
    header
}

/// What becomes of a token with such a header; asked twice, and of its bare payload too.
fn refusal(pen: &Pen, policy: &Policy, header: &Value) -> Option<VerifyError> {
    let verifier = Verifier::new(given::keys(pen.key()), policy.clone());
    let token = pen.write_under(header);
    let first = verifier.verify::<Claims>(&token, NOW).err();
    let again = verifier.verify::<Claims>(&token, NOW).err();
    let payload = verifier.verify_payload(&token).err();
    assert_eq!((first, first), (again, payload), "{header}");
    first
}

/// V13, RFC 7515 section 4.1.11: critical is what stands in the header and is understood.
#[test]
fn critical_extensions_are_understood_or_the_token_is_refused() {
    let cases = [
        (json!({ "crit": ["x"], "x": 1 }), None),
        (json!({ "crit": ["x"], "x": null }), None),
        (json!({ "crit": ["x", "y"], "x": 1, "y": {} }), None),
        (json!({ "crit": ["y", "x"], "x": 1, "y": {} }), None),
        (json!({ "x": 1, "y": 2, "z": 3 }), None),
        (json!({ "crit": ["x"] }), Some(Malformed)),
        (json!({ "crit": ["z"], "z": 1 }), Some(Malformed)),
        (json!({ "crit": ["x", "z"], "x": 1, "z": 1 }), Some(Malformed)),
        (json!({ "crit": ["X"], "X": 1 }), Some(Malformed)),
        (json!({ "crit": ["x "], "x ": 1 }), Some(Malformed)),
        (json!({ "crit": ["x", "x"], "x": 1 }), Some(Malformed)),
        (json!({ "crit": ["x", "y", "x"], "x": 1, "y": 1 }), Some(Malformed)),
        (json!({ "crit": [], "x": 1 }), Some(Malformed)),
        (json!({ "crit": "x", "x": 1 }), Some(Malformed)),
        (json!({ "crit": { "x": 1 }, "x": 1 }), Some(Malformed)),
        (json!({ "crit": ["x", 1], "x": 1, "1": 1 }), Some(Malformed)),
        (json!({ "crit": ["x", null], "x": 1 }), Some(Malformed)),
        (json!({ "crit": [["x"]], "x": 1 }), Some(Malformed)),
        (json!({ "crit": [""], "": 1 }), Some(Malformed)),
        (json!({ "crit": null, "x": 1 }), Some(Malformed)),
        (json!({ "crit": true, "x": 1 }), Some(Malformed)),
    ];
    let pen = Pen::new(Algorithm::Hs256);
    let policy = any().with_understood("x").with_understood("y");
    for (parameters, refused) in cases {
        let header = header_with(&pen, &parameters);

        assert_eq!(refusal(&pen, &policy, &header), refused, "{parameters}");
        let has_crit = parameters.get("crit").is_some();
        let by_default = has_crit.then_some(Malformed);
        assert_eq!(refusal(&pen, &any(), &header), by_default, "{parameters}");
    }
}

/// V13: what RFC 7515 defines is no extension, and what changes the payload is never understood.
#[test]
fn nobody_can_understand_a_registered_parameter_or_another_payload() {
    let registered = [
        "alg", "jku", "jwk", "kid", "x5u", "x5c", "x5t", "x5t#S256", "typ", "cty", "crit", "b64",
        "zip",
    ];
    let pen = Pen::new(Algorithm::Hs256);
    for name in registered {
        let policy = any().with_understood(name).with_understood("x");
        let mut header = header_with(&pen, &json!({ "x": 1 }));
        header["crit"] = json!(["x", name]);
        if header.get(name).is_none() {
            header[name] = json!("x");
        }

        assert_eq!(refusal(&pen, &policy, &header), Some(Malformed), "{name}");
    }
    for parameter in [json!({ "b64": true }), json!({ "b64": false }), json!({ "zip": "DEF" })] {
        let policy = any().with_understood("b64").with_understood("zip");

        let refused = refusal(&pen, &policy, &header_with(&pen, &parameter));

        assert_eq!(refused, Some(Malformed), "{parameter}");
    }
}

/// V13: an escape does not hide a name, neither in the list nor beside it.
#[test]
fn a_critical_name_is_compared_as_text() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = |policy| Verifier::new(given::keys(pen.key()), policy);
    let cases = [
        (r#""crit":["\u0078"],"x":1"#, None),
        (r#""crit":["x"],"\u0078":1"#, None),
        (r#""crit":["x","\u0078"],"x":1"#, Some(Malformed)),
        (r#""crit":["x"],"x":1,"\u0078":1"#, Some(Malformed)),
        (r#""\u0063rit":["z"],"z":1"#, Some(Malformed)),
        (r#""\u0062\u0036\u0034":false"#, Some(Malformed)),
        (r#""crit":["\u0061lg"]"#, Some(Malformed)),
    ];
    for (parameters, refused) in cases {
        let header = format!(r#"{{"alg":"HS256","kid":"k1",{parameters}}}"#);
        let token = pen.write(&header, "{}");

        let verdict = verifier(any().with_understood("x")).verify::<Claims>(&token, NOW);

        assert_eq!(verdict.err(), refused, "{header}");
    }
}

/// V20: a type is asked for as a media type; one that is not asked for does not matter.
#[test]
fn a_type_is_asked_for_as_a_media_type() {
    let cases = [
        ("dpop+jwt", json!("dpop+jwt"), None),
        ("dpop+jwt", json!("DPoP+JWT"), None),
        ("dpop+jwt", json!("application/dpop+jwt"), None),
        ("application/dpop+jwt", json!("dpop+jwt"), None),
        ("APPLICATION/x", json!("application/X"), None),
        ("text/x", json!("text/x"), None),
        ("text/x", json!("x"), Some(WrongType)),
        ("x", json!("text/x"), Some(WrongType)),
        ("x", json!("applicatio/x"), Some(WrongType)),
        ("x", json!("application/"), Some(WrongType)),
        ("x", json!("x; charset=utf-8"), Some(WrongType)),
        ("x", json!(""), Some(WrongType)),
        ("\u{e9}", json!("\u{c9}"), Some(WrongType)),
        ("x", json!("applicat\u{131}on/x"), Some(WrongType)),
        ("x", json!(null), Some(Malformed)),
        ("x", json!(["x"]), Some(Malformed)),
    ];
    let pen = Pen::new(Algorithm::Hs256);
    for (asked, typ, refused) in cases {
        let header = header_with(&pen, &json!({ "typ": typ }));

        let verdict = refusal(&pen, &any().with_type(asked), &header);

        assert_eq!(verdict, refused, "{typ} for {asked}");
        let unasked = refusal(&pen, &any(), &header);
        assert_eq!(unasked, refused.filter(|refused| *refused == Malformed), "{typ}");
    }
    let without = json!({ "alg": "HS256", "kid": "k1" });
    assert_eq!(refusal(&pen, &any().with_type("x"), &without), Some(WrongType));
    assert_eq!(refusal(&pen, &any().with_type(""), &without), Some(WrongType));
}

/// V6: an access token is no wrapping for another; a caller of other JWTs decides for themselves.
#[test]
fn an_access_token_wraps_no_token() {
    let pen = Pen::new(Algorithm::Hs256);
    for (cty, is_nested) in [
        ("JWT", true),
        ("jwt", true),
        ("application/jwt", true),
        ("Application/JWT", true),
        ("json", false),
        ("application/json", false),
        ("JWTs", false),
        ("", false),
    ] {
        let header = header_with(&pen, &json!({ "cty": cty }));

        let access = refusal(&pen, &given::policy(), &header);
        assert_eq!(access, is_nested.then_some(Malformed), "{cty}");
        assert_eq!(refusal(&pen, &Policy::jwt().with_audience(given::AUDIENCE), &header), None);
    }
}

/// V25: structure and extensions, key, signature, type, payload, claims: the first names itself.
#[test]
fn the_first_step_that_fails_is_named() {
    let (ours, theirs) = (Pen::new(Algorithm::Hs256), Pen::new(Algorithm::Hs256));
    let policy = any().with_type("x").with_required("y");
    let verifier = Verifier::new(given::keys(ours.key()), policy);
    let header = |changes: Value| header_with(&ours, &changes).to_string();
    let other_type = json!({ "typ": "z" });
    let cases = [
        (
            "extension",
            theirs.write(header(json!({ "kid": "k2", "crit": ["q"], "q": 1 })), "["),
            Malformed,
        ),
        ("key", theirs.write(header(json!({ "kid": "k2", "typ": "z" })), "["), UnknownKey),
        ("signature", theirs.write(header(other_type.clone()), "["), BadSignature),
        ("type", ours.write(header(other_type), "["), WrongType),
        ("payload", ours.write(header(json!({ "typ": "x" })), "["), Malformed),
        ("claims", ours.write(header(json!({ "typ": "x" })), r#"{"exp":1}"#), ClaimMissing("y")),
        (
            "times",
            ours.write(header(json!({ "typ": "x" })), r#"{"exp":1,"y":1}"#),
            VerifyError::Expired,
        ),
    ];
    for (step, token, refused) in cases {
        for _ in 0..2 {
            let verdict = verifier.verify::<Claims>(&token, NOW);
            assert_eq!(verdict.unwrap_err(), refused, "{step}");
        }
    }
}
