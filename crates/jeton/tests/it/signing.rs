//! Signing under a header of one's own, payloads beside their token, and looking without trusting.

use jeton::jws::{self, Compact};
use jeton::{
    Algorithm, KeyError, SignError, UnverifiedToken, VerifyError, base64url,
    decode_without_verifying,
};
use serde_json::{Value, json};

use VerifyError::Malformed;

use crate::given;
use crate::pen::Pen;

/// A header is signed byte by byte: spaces, order and escapes are the caller's.
#[test]
fn a_header_of_ones_own_is_signed_as_it_stands() {
    let headers = [
        r#"{"alg":"HS256"}"#,
        r#"{"typ":"JWT","alg":"HS256"}"#,
        "\r\n{ \"alg\" :\t\"HS256\" }\n",
        r#"{"\u0061lg":"\u0048S256"}"#,
        r#"{"alg":"HS256","kid":"another","x":[1.0,1e2,"\u00e9"]}"#,
        r#"{"alg":"HS256","crit":["x"],"x":1}"#,
    ];
    let key = given::key(Algorithm::Hs256);
    for header in headers {
        let token = jws::sign_under(&key, header, b"\0any bytes\xff").unwrap();

        let parts: Vec<&str> = token.split('.').collect();
        assert_eq!(base64url::decode(parts[0]).unwrap(), header.as_bytes());
        assert_eq!(base64url::decode(parts[1]).unwrap(), b"\0any bytes\xff");
        let read = Compact::parse(&token).map(|token| token.verify(&key.verifying_key()).is_ok());
        assert_eq!(read, if header.contains("crit") { Err(Malformed) } else { Ok(true) });
    }
}

/// I11, V2, V13: a header that no verifier would read, or of another key, is not signed.
#[test]
fn a_header_that_does_not_fit_the_key_is_not_signed() {
    let long = format!(r#"{{"alg":"HS256","x":"{}"}}"#, "y".repeat(1_024));
    let refused = [
        "",
        "{}",
        "[]",
        "null",
        r#"{"alg":"none"}"#,
        r#"{"alg":"hs256"}"#,
        r#"{"alg":"HS512"}"#,
        r#"{"alg":"ES256"}"#,
        r#"{"alg":["HS256"]}"#,
        r#"{"alg":null}"#,
        r#"{"ALG":"HS256"}"#,
        r#"{"alg":"HS256","alg":"HS256"}"#,
        r#"{"alg":"HS256"} x"#,
        r#"{"alg":"HS256","kid":1}"#,
        r#"{"alg":"HS256","kid":""}"#,
        r#"{"alg":"HS256","typ":1}"#,
        r#"{"alg":"HS256","zip":"DEF"}"#,
        r#"{"alg":"HS256","b64":false}"#,
        r#"{"alg":"HS256","crit":["x"]}"#,
        r#"{"alg":"HS256","x":"\ud800"}"#,
        &long,
    ];
    let key = given::key(Algorithm::Hs256);
    for header in refused {
        assert_eq!(jws::sign_under(&key, header, b"{}"), Err(SignError::Header), "{header}");
    }
    // One key, two names for its algorithm: a token says the one that the key has.
    let ed25519 = given::key(Algorithm::Ed25519);
    let other_name = jws::sign_under(&ed25519, r#"{"alg":"EdDSA"}"#, b"{}");
    assert_eq!(other_name, Err(SignError::Header));
    assert!(jws::sign_under(&ed25519, r#"{"alg":"Ed25519"}"#, b"{}").is_ok());
}

/// RFC 7515 appendix F: out and in again, the token is the same; with anything else it is none.
#[test]
fn a_payload_may_travel_beside_its_token() {
    let key = given::key(Algorithm::EdDsa);
    let is_genuine = |token: &str| {
        Compact::parse(token).and_then(|token| token.verify(&key.verifying_key())).is_ok()
    };
    for document in [&b""[..], b"{}", b"a document", b"a.b..c", &[0xff; 3_000]] {
        let token = jws::sign(&key, "JWT", document).unwrap();

        let detached = jws::detach(&token).unwrap();
        assert_eq!(detached.split('.').nth(1), Some(""));
        assert_eq!(detached.len(), token.len() - base64url::encode(document).len());
        assert_eq!(jws::attach(&detached, document).as_ref(), Ok(&token));
        assert!(is_genuine(&token));
        assert!(!is_genuine(&jws::attach(&detached, b"another").unwrap()));
        assert_eq!(is_genuine(&detached), document.is_empty());
    }
}

/// RFC 7515 section 7.1: three parts, of which a detached one is empty.
#[test]
fn only_a_token_of_three_parts_has_a_payload_to_move() {
    for text in ["", "a", "a.b", "a.b.c.d", "a..c.d", "a.b..", "....", "a...c"] {
        assert_eq!(jws::detach(text), Err(Malformed), "{text}");
        assert_eq!(jws::attach(text, b"x"), Err(Malformed), "{text}");
    }
    for text in ["a.b.c", "e30.e30.e30"] {
        assert_eq!(jws::attach(text, b"x"), Err(Malformed), "{text}");
    }
    assert_eq!(jws::detach("a.b.c").as_deref(), Ok("a..c"));
    assert_eq!(jws::attach("a..c", b"x").as_deref(), Ok("a.eA.c"));
}

fn encoded(header: &str, claims: &str, signature: &str) -> String {
    let [header, claims] = [header, claims].map(|part| base64url::encode(part.as_bytes()));
    format!("{header}.{claims}.{signature}")
}

/// For looking: whoever signed it, or nobody, with whatever algorithm.
#[test]
fn anything_may_be_looked_at() {
    let signed = Pen::new(Algorithm::Hs256);
    let claims = given::claims();
    let headers = [
        json!({ "alg": "none" }),
        json!({}),
        json!({ "alg": 1, "crit": ["x"], "zip": "DEF", "b64": false, "kid": null }),
    ];
    for header in headers {
        for signature in ["", "AA", "!", "\u{e9}"] {
            let token = encoded(&header.to_string(), &claims.to_string(), signature);

            let UnverifiedToken { unverified_header, unverified_claims, .. } =
                decode_without_verifying(&token).unwrap();

            assert_eq!(Value::Object(unverified_header), header);
            assert_eq!(Value::Object(unverified_claims), claims);
        }
    }
    let expired = signed.write(signed.header().to_string(), r#"{"exp":1}"#);
    assert_eq!(decode_without_verifying(&expired).unwrap().unverified_claims["exp"], 1);
}

/// V10, V11: what two parsers could read differently is not even looked at.
#[test]
fn what_is_looked_at_is_still_read_strictly() {
    let good = encoded("{}", "{}", "");
    let refused = [
        String::new(),
        ".".to_owned(),
        "..".to_owned(),
        "e30.e30".to_owned(),
        "e30.e30.e30.e30".to_owned(),
        format!(" {good}"),
        good.replace("e30", "e30="),
        good.replace("e30", "e31"),
        encoded("[]", "{}", ""),
        encoded("{}", "[]", ""),
        encoded("{}", "\"a\"", ""),
        encoded("{}", "", ""),
        encoded("{}", r#"{"a":1,"a":1}"#, ""),
        encoded(r#"{"a":1,"\u0061":1}"#, "{}", ""),
        encoded("{}", r#"{"a":1e400}"#, ""),
        encoded("{}", "{}", &"A".repeat(8 * 1024)),
    ];
    for token in refused {
        assert_eq!(decode_without_verifying(&token), Err(Malformed), "{token}");
    }
}

/// What could not be signed says whose fault it is, and nothing of the token.
#[test]
fn a_refusal_to_sign_says_why() {
    let cases = [
        (SignError::Claims, "claims are not a JSON object that a verifier would read"),
        (SignError::Reserved, "an application's claim has a reserved name"),
        (SignError::Header, "a header parameter is not one that a verifier would read"),
        (SignError::Key(KeyError::NoRandomness), "no randomness to generate a key from"),
    ];
    for (error, said) in cases {
        assert_eq!(error.to_string(), said);
    }
}
