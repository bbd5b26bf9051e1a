//! Bodies that are not the JSON that was asked for.

use serde_json::json;

use crate::setup::{ALICE, PASSWORD, Setup};

/// W3: a body that is not understood is answered with the place or the field, and without what was
/// in it.
#[test]
fn a_body_that_does_not_fit_is_refused_by_the_name_of_the_field() {
    const JSON: &str = "application/json";
    let setup = Setup::new();
    let service = setup.start();
    let bomb = format!(r#"{{"x":{}"#, "[".repeat(10_000));
    let deep_field = format!(r#"{{"account":{}"#, "[".repeat(10_000));

    let type_missing = "`Content-Type` is not application/json";
    let cases = [
        ("no type", "", "{}", type_missing),
        ("a form", "application/x-www-form-urlencoded", "account=hunter2", type_missing),
        ("text", "text/plain", "{}", type_missing),
        ("nearly JSON", "application/jsonp", "{}", type_missing),
        ("nothing", JSON, "", "not JSON at line 1 column 0"),
        (
            "broken",
            JSON,
            "{\"account\":\"alice\",\n \"password\":hunter2}",
            "not JSON at line 2 column 13",
        ),
        ("cut", JSON, r#"{"account":"alice","#, "not JSON at line 1 column 19"),
        (
            "two bodies",
            JSON,
            r#"{"account":"a","password":"hunter2"}{}"#,
            "not JSON at line 1 column 37",
        ),
        ("a bomb", JSON, &bomb, "not JSON at line 1 column"),
        ("a deep field", JSON, &deep_field, "`account` has the wrong type"),
        ("an array", JSON, r#"["alice","hunter2",null]"#, "not a JSON object"),
        ("a string", JSON, r#""hunter2""#, "not a JSON object"),
        ("no password", JSON, r#"{"account":"hunter2"}"#, "`password` is missing"),
        ("no account", JSON, r#"{"password":"hunter2"}"#, "`account` is missing"),
        ("null", JSON, r#"{"account":null,"password":"hunter2"}"#, "`account` has the wrong type"),
        ("a number", JSON, r#"{"account":"a","password":4711}"#, "`password` has the wrong type"),
        ("twice", JSON, r#"{"account":"a","account":"hunter2"}"#, "not a JSON object"),
        (
            "half a device",
            JSON,
            r#"{"account":"a","password":"hunter2","device":{}}"#,
            "`device.kind` is missing",
        ),
        (
            "half a letter",
            JSON,
            r#"{"account":"\ud800","password":"hunter2"}"#,
            "not JSON at line 1",
        ),
    ];
    for (name, media_type, body, expected) in cases {
        let mut ask = service.http.post("/v1/login").body(body);
        if !media_type.is_empty() {
            ask = ask.header("content-type", media_type);
        }

        let answer = ask.send();

        answer.assert_refused(400, "bad_request", name);
        assert!(answer.text.contains(expected), "{name}: {}", answer.text);
        assert!(!answer.text.contains("hunter2") && !answer.text.contains("4711"), "{name}");
    }
    for media_type in ["application/json; charset=utf-8", "Application/JSON"] {
        let body = json!({ "account": ALICE, "password": PASSWORD }).to_string();
        let ask = service.http.post("/v1/login").header("content-type", media_type);
        assert_eq!(ask.body(body).send().status, 200, "{media_type}");
    }
}
