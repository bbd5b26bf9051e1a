//! What is not exactly `header.payload.signature` is nothing, and costs nothing.

use jeton::{Algorithm, VerifyError, base64url, limits};
use serde_json::json;

use crate::given;
use crate::given::NOW;
use crate::pen::Pen;

/// V11, V24, A13, A19: one spelling, whatever stands around or inside it.
#[test]
fn everything_but_three_parts_of_base64url_is_malformed() {
    let key = given::key(Algorithm::Hs256);
    let token = given::token(&key, &given::claims());
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else { panic!("not three parts: {token}") };
    let flattened =
        json!({ "protected": header, "payload": payload, "signature": signature }).to_string();
    let general = json!({
        "payload": payload,
        "signatures": [{ "protected": header, "signature": signature }],
    });
    let cases = [
        ("nothing", String::new()),
        ("a dot", ".".into()),
        ("two dots", "..".into()),
        ("one part", header.into()),
        ("two parts", format!("{header}.{payload}")),
        ("no header", format!(".{payload}.{signature}")),
        ("a dot more, in front", format!(".{token}")),
        ("a dot more, inside", format!("{header}..{payload}.{signature}")),
        ("a dot more, behind", format!("{token}.")),
        ("four parts", format!("{token}.{signature}")),
        ("a million dots", ".".repeat(1_000_000)),
        ("a space in front", format!(" {token}")),
        ("a line end behind", format!("{token}\n")),
        ("CRLF behind", format!("{token}\r\n")),
        ("a NUL behind", format!("{token}\0")),
        ("a tab inside", format!("{header}.{payload}.\t{signature}")),
        ("quotes", format!("\"{token}\"")),
        ("the scheme", format!("Bearer {token}")),
        ("padding of the header", format!("{header}=.{payload}.{signature}")),
        ("padding of the signature", format!("{token}=")),
        ("more padding", format!("{token}==")),
        ("a percent sign", token.replacen('.', "%2E", 1)),
        ("a wide letter", format!("{token}\u{ff21}")),
        ("a byte order mark", format!("\u{feff}{token}")),
        ("flattened JSON", flattened),
        ("general JSON", general.to_string()),
    ];

    let verifier = given::verifier(&key);
    for (name, text) in cases {
        let refused = verifier.verify_access_token(&text, NOW).unwrap_err();

        assert_eq!(refused, VerifyError::Malformed, "{name}");
    }
}

/// V11, V12: the signature does not excuse lenient letters.
#[test]
fn a_signature_over_foreign_letters_does_not_help() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    let header = base64url::encode(pen.header().to_string().as_bytes());
    // Two bytes of padding, and letters of both alphabets.
    let claims = given::claims_with("x", json!("~~~???>>>")).to_string();
    let payload = base64url::encode(claims.as_bytes());
    let standard = payload.replace('-', "+").replace('_', "/");
    assert_ne!(payload, standard);
    let cases = [
        ("a padded header", format!("{header}=.{payload}")),
        ("a padded payload", format!("{header}.{payload}=")),
        ("a payload padded twice", format!("{header}.{payload}==")),
        ("a payload in plain base64", format!("{header}.{standard}")),
        ("a line break", format!("{header}.{}\n{}", &payload[..40], &payload[40..])),
        ("JSON instead of base64", format!("{header}.{claims}")),
    ];

    for (name, signing_input) in cases {
        let refused = verifier.verify_access_token(&pen.sign(&signing_input), NOW).unwrap_err();

        assert_eq!(refused, VerifyError::Malformed, "{name}");
    }
}

/// V6, A12: there is no JWE, so nothing is ever decrypted.
#[test]
fn an_encrypted_token_is_malformed() {
    let verifier = given::verifier(&given::key(Algorithm::Rs256));
    let headers = [
        json!({ "alg": "RSA-OAEP-256", "enc": "A256GCM", "kid": "k1", "cty": "JWT" }),
        json!({ "alg": "dir", "enc": "A128CBC-HS256", "kid": "k1", "zip": "DEF" }),
        json!({ "alg": "PBES2-HS256+A128KW", "enc": "A128GCM", "p2c": 2_147_483_647 }),
        json!({ "alg": "RS256", "kid": "k1", "typ": "at+jwt" }),
    ];

    for header in headers {
        let header = base64url::encode(header.to_string().as_bytes());
        let token = format!("{header}.a2V5.bm9uY2U.Y2lwaGVydGV4dA.dGFn");

        assert_eq!(verifier.verify_access_token(&token, NOW).unwrap_err(), VerifyError::Malformed);
    }
}

/// V24: a token of 8 KiB is the longest.
#[test]
fn a_token_over_the_limit_is_malformed() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    let of_length = |length: usize| {
        let frame =
            pen.write(pen.header().to_string(), given::claims_with("x", json!("")).to_string());
        let room = (length - frame.len()) * 3 / 4;
        let claims = given::claims_with("x", json!("x".repeat(room)));
        pen.write(pen.header().to_string(), claims.to_string())
    };

    let (longest, longer) = (of_length(limits::TOKEN), of_length(limits::TOKEN + 2));

    assert_eq!((longest.len(), longer.len()), (limits::TOKEN, limits::TOKEN + 2));
    assert!(verifier.verify_access_token(&longest, NOW).is_ok());
    assert_eq!(verifier.verify_access_token(&longer, NOW).unwrap_err(), VerifyError::Malformed);
}

/// V24: a header of 1 KiB is the longest.
#[test]
fn a_header_over_the_limit_is_malformed() {
    let pen = Pen::new(Algorithm::Hs256);
    let verifier = given::verifier(pen.key());
    let of_length = |length: usize| {
        let mut header = pen.header();
        header["x"] = json!("");
        header["x"] = json!("x".repeat(length - header.to_string().len()));
        pen.write_under(&header)
    };

    assert!(verifier.verify_access_token(&of_length(limits::HEADER), NOW).is_ok());
    let refused = verifier.verify_access_token(&of_length(limits::HEADER + 1), NOW);
    assert_eq!(refused.unwrap_err(), VerifyError::Malformed);
}
