//! Claims read into types of the caller's own, and which claim is named when they do not fit.

use std::borrow::Cow;
use std::collections::HashMap;

use jeton::{Algorithm, Buffer, Claims, Policy, Verifier, VerifyError};
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value, json};

use VerifyError::{ClaimMissing, ClaimMistyped, ClaimRefused, ClaimsUnfit, Malformed};

use crate::given;
use crate::given::NOW;
use crate::pen::Pen;

fn verifier(pen: &Pen) -> Verifier {
    Verifier::new(given::keys(pen.key()), Policy::signature_and_time_only())
}

/// What becomes of this payload, as such a type.
fn read<T: DeserializeOwned>(payload: &str) -> Result<T, VerifyError> {
    let pen = Pen::new(Algorithm::Hs256);
    let token = pen.write(pen.header().to_string(), payload);
    verifier(&pen).verify(&token, NOW)
}

#[derive(Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Account {
    #[serde(rename = "sub")]
    id: Id,
    #[serde(alias = "mail")]
    email: Option<String>,
    #[serde(default)]
    logins: u32,
    #[serde(default = "free")]
    plan_name: String,
    roles: Vec<Role>,
    address: Address,
    #[serde(deserialize_with = "even")]
    even: u8,
    #[serde(skip)]
    skipped: u8,
}

#[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
struct Id(String);

#[derive(Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Role {
    Reader,
    Writer,
    Other(String),
}

#[derive(Debug, PartialEq, Deserialize)]
struct Address {
    city: String,
    zip: (u16, char),
}

fn free() -> String {
    "free".to_owned()
}

fn even<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u8, D::Error> {
    let number = u8::deserialize(deserializer)?;
    if number % 2 == 0 { Ok(number) } else { Err(D::Error::custom("odd: {secret}")) }
}

fn account() -> Value {
    json!({
        "sub": "alice",
        "roles": ["reader", { "other": "x" }],
        "address": { "city": "K\u{f6}ln", "zip": [50667, "a"], "more": [{}] },
        "even": 2,
        "unasked": { "a": [1, 2.5, null] },
    })
}

/// A claim is looked up by the name the type says, converted as the type says, and what is not
/// asked for is passed over.
#[test]
fn claims_fill_a_struct() {
    let expected = Account {
        id: Id("alice".to_owned()),
        email: None,
        logins: 0,
        plan_name: free(),
        roles: vec![Role::Reader, Role::Other("x".to_owned())],
        address: Address { city: "K\u{f6}ln".to_owned(), zip: (50667, 'a') },
        even: 2,
        skipped: 0,
    };

    assert_eq!(read::<Account>(&account().to_string()), Ok(expected));
}

/// V22: absent, of the wrong type, and wrong are three refusals, each with the name of its claim.
#[test]
fn the_claim_that_does_not_fit_is_named() {
    let cases = [
        ("absent", "sub", None, Some(ClaimMissing("sub"))),
        ("absent", "roles", None, Some(ClaimMissing("roles"))),
        ("absent, with its own reader", "even", None, Some(ClaimMissing("even"))),
        ("null", "sub", Some(json!(null)), Some(ClaimMistyped("sub"))),
        ("a number", "sub", Some(json!(7)), Some(ClaimMistyped("sub"))),
        ("an array", "sub", Some(json!(["alice"])), Some(ClaimMistyped("sub"))),
        ("null, where it may be absent", "email", Some(json!(null)), None),
        ("a number", "email", Some(json!(7)), Some(ClaimMistyped("email"))),
        ("under its other name", "mail", Some(json!("a@b")), None),
        ("mistyped under its other name", "mail", Some(json!(7)), Some(ClaimMistyped("mail"))),
        (
            "null, where there is a default",
            "logins",
            Some(json!(null)),
            Some(ClaimMistyped("logins")),
        ),
        ("a text", "logins", Some(json!("7")), Some(ClaimMistyped("logins"))),
        ("a fraction", "logins", Some(json!(1.5)), Some(ClaimMistyped("logins"))),
        ("a number too large", "logins", Some(json!(1_u64 << 32)), Some(ClaimRefused("logins"))),
        ("renamed", "planName", Some(json!(1)), Some(ClaimMistyped("planName"))),
        ("its name in the program", "plan_name", Some(json!(1)), None),
        ("one text for an array", "roles", Some(json!("reader")), Some(ClaimMistyped("roles"))),
        ("a wrong item", "roles", Some(json!(["reader", 1])), Some(ClaimMistyped("roles"))),
        ("no such variant", "roles", Some(json!(["admin"])), Some(ClaimMistyped("roles"))),
        ("something absent inside", "address", Some(json!({})), Some(ClaimMistyped("address"))),
        ("what its reader refuses", "even", Some(json!(3)), Some(ClaimRefused("even"))),
        ("what its reader cannot read", "even", Some(json!("2")), Some(ClaimMistyped("even"))),
        ("what is skipped", "skipped", Some(json!("7")), None),
    ];
    for (name, claim, value, refusal) in cases {
        let mut claims = account();
        claims.as_object_mut().unwrap().remove(claim);
        if let Some(value) = value {
            claims[claim] = value;
        }

        let refused = read::<Account>(&claims.to_string()).err();

        assert_eq!(refused, refusal, "{claim}: {name}");
    }
}

/// V25: what a type's own reader says may be secret, so nobody hears it.
#[test]
fn a_custom_refusal_says_no_more_than_its_claim() {
    let mut claims = account();
    claims["even"] = json!(3);

    let refused = read::<Account>(&claims.to_string()).unwrap_err();

    assert_eq!(refused.to_string(), "claim `even` was not accepted");
}

/// Types that do not say their fields, so that no claim can be named.
#[test]
fn a_misfit_without_a_name_is_said_to_be_one() {
    #[derive(Debug, Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Only {
        #[serde(rename = "sub")]
        _subject: String,
    }
    #[derive(Debug, Deserialize)]
    #[serde(untagged)]
    enum Either {
        One { _a: u8 },
        Other { _b: u8 },
    }

    assert!(read::<Only>(r#"{"sub":"alice"}"#).is_ok());
    assert_eq!(read::<Only>(r#"{"sub":"alice","x":1}"#).unwrap_err(), ClaimsUnfit);
    assert_eq!(read::<Only>(r#"{"x":1,"sub":"alice"}"#).unwrap_err(), ClaimsUnfit);
    assert_eq!(read::<Only>("{}").unwrap_err(), ClaimMissing("sub"));
    assert_eq!(read::<HashMap<String, u8>>(r#"{"a":1,"b":"x"}"#).unwrap_err(), ClaimsUnfit);
    assert_eq!(read::<HashMap<String, u8>>(r#"{"a":1,"b":256}"#).unwrap_err(), ClaimsUnfit);
    assert!(matches!(read::<Either>(r#"{"_a":1}"#), Ok(Either::One { .. })));
    assert!(matches!(read::<Either>(r#"{"_a":"","_b":1}"#), Ok(Either::Other { .. })));
    assert_eq!(read::<Either>(r#"{"c":1}"#).unwrap_err(), ClaimsUnfit);
    for claims in ["{}", r#"{"a":1}"#] {
        assert_eq!(read::<String>(claims).unwrap_err(), ClaimsUnfit);
        assert_eq!(read::<Vec<u8>>(claims).unwrap_err(), ClaimsUnfit);
        assert_eq!(read::<u64>(claims).unwrap_err(), ClaimsUnfit);
        assert_eq!(read::<(u8, u8)>(claims).unwrap_err(), ClaimsUnfit);
    }
}

/// Claims of one's own beside whatever else there is.
#[test]
fn claims_fill_a_struct_that_keeps_the_rest() {
    #[derive(Debug, Deserialize)]
    struct Open {
        sub: String,
        level: u8,
        #[serde(flatten)]
        times: Times,
        #[serde(flatten)]
        rest: Map<String, Value>,
    }
    #[derive(Debug, Deserialize)]
    struct Times {
        exp: jeton::Timestamp,
        nbf: Option<jeton::Timestamp>,
    }
    let claims = given::claims_with("level", json!(3));

    let open = read::<Open>(&claims.to_string()).unwrap();

    assert_eq!((open.sub.as_str(), open.level), ("alice", 3));
    assert_eq!((open.times.exp, open.times.nbf), (given::at(500), None));
    assert_eq!(open.rest["iss"], claims["iss"]);
    assert_eq!(open.rest.len(), claims.as_object().unwrap().len() - 3);
    let without = read::<Open>(&given::claims().to_string()).unwrap_err();
    assert_eq!(without, ClaimMissing("level"));
    let mistyped = read::<Open>(&given::claims_with("level", json!("3")).to_string()).unwrap_err();
    assert_eq!(mistyped, ClaimsUnfit);
}

/// A11, V25: what is no object is malformed, whatever it was asked into, `()` and values too.
#[test]
fn a_payload_that_is_no_object_fits_no_type() {
    for payload in ["[]", r#"["alice"]"#, r#""alice""#, "1", "0.5", "true", "null", "", " ", "{"] {
        assert_eq!(read::<Value>(payload).unwrap_err(), Malformed, "{payload}");
        assert_eq!(read::<String>(payload).unwrap_err(), Malformed, "{payload}");
        assert_eq!(read::<Vec<String>>(payload).unwrap_err(), Malformed, "{payload}");
        assert_eq!(read::<Option<Account>>(payload).unwrap_err(), Malformed, "{payload}");
        assert_eq!(read::<()>(payload).unwrap_err(), Malformed, "{payload}");
        assert_eq!(read::<Claims>(payload).unwrap_err(), Malformed, "{payload}");
        assert_eq!(read::<HashMap<String, Value>>(payload).unwrap_err(), Malformed, "{payload}");
    }
}

#[derive(Debug, PartialEq, Deserialize)]
struct Borrowed<'b> {
    sub: &'b str,
    #[serde(borrow)]
    note: Cow<'b, str>,
    #[serde(borrow, default)]
    tags: Vec<Cow<'b, str>>,
}

/// A text without escapes is borrowed; one with escapes is owned, or cannot be lent.
#[test]
fn texts_are_borrowed_where_they_stand_in_the_token() {
    let pen = Pen::new(Algorithm::Hs256);
    let write = |payload: &str| pen.write(pen.header().to_string(), payload);
    let plain = write(r#"{"sub":"alice","note":"a\u0062c","tags":["x","\n"]}"#);
    let escaped = write(r#"{"note":"abc","sub":"\u0061lice"}"#);
    let mistyped = write(r#"{"note":"abc","sub":7}"#);
    let mut buffer = Buffer::new();

    let read: Borrowed<'_> = verifier(&pen).verify_with(&plain, NOW, &mut buffer).unwrap();
    assert_eq!((read.sub, &*read.note), ("alice", "abc"));
    assert!(matches!(read.note, Cow::Owned(_)));
    for token in [escaped, mistyped] {
        let refused = verifier(&pen).verify_with::<Borrowed<'_>>(&token, NOW, &mut buffer);
        assert_eq!(refused.unwrap_err(), ClaimMistyped("sub"));
    }
}

/// A buffer lends its room, never what stood in it: a shorter payload ends where it ends.
#[test]
fn a_buffer_shows_nothing_of_the_token_before() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = verifier(&pen);
    let write = |payload: &str| pen.write(pen.header().to_string(), payload);
    let long = write(&json!({ "sub": "alice", "note": "x".repeat(900) }).to_string());
    let short = write(r#"{"sub":"bob","note":""}"#);
    let cut = write(r#"{"sub":"carol","note":"#);
    let mut buffer = Buffer::new();

    for (token, expected) in
        [(&long, Ok("alice")), (&cut, Err(Malformed)), (&short, Ok("bob")), (&long, Ok("alice"))]
    {
        let read = verifier.verify_with::<Borrowed<'_>>(token, NOW, &mut buffer);

        assert_eq!(read.map(|claims| claims.sub), expected);
    }
}
