//! The written keyring: complete, strict, and nowhere else.

use jeton::{Algorithm, KeyError};
use jeton_session::{Keyring, KeyringError, Login};
use serde_json::{Value, json};

use crate::support::{Issuer, NOW, at, terms};

/// What was written reads back as the same keys at the same times.
#[test]
fn a_document_reads_back() {
    for algorithm in Algorithm::ALL {
        let written = Keyring::generate(algorithm, NOW).unwrap();
        let written = written.rotate(Algorithm::Es256, terms().key_times(), NOW).unwrap();

        let read = Keyring::from_document(&written.to_document()).unwrap();

        assert_eq!(read.summary(), written.summary(), "{algorithm:?}");
        assert_eq!(read.to_document(), written.to_document(), "{algorithm:?}");
        assert_eq!(read.jwks().to_json(), written.jwks().to_json(), "{algorithm:?}");
    }
}

/// R3, R5: an issuer with the keyring read back gives the same answers.
#[tokio::test]
async fn tokens_outlive_the_process_that_signed_them() {
    let before = Issuer::new().await;
    let pair = before.sessions.open(Login::of("alice"), NOW).await.unwrap();

    let keyring = Keyring::from_document(&before.keyring.to_document()).unwrap();
    let after = Issuer::with(terms(), keyring).await;

    assert!(after.sessions.guard().check(&pair.access_token, NOW).is_ok());
    assert_eq!(after.sessions.session_of(&pair.refresh_token, NOW), Ok(pair.session));
}

/// The order of entries does not matter, their times do.
#[test]
fn entries_are_ordered_by_their_times() {
    let rotated = Keyring::generate(Algorithm::Hs256, NOW).unwrap();
    let rotated = rotated.rotate(Algorithm::Hs256, terms().key_times(), NOW).unwrap();
    let mut document = parse(&rotated);
    for purpose in ["access", "refresh"] {
        document[purpose].as_array_mut().unwrap().reverse();
    }

    let read = Keyring::from_document(&document.to_string()).unwrap();

    assert_eq!(read.summary(), rotated.summary());
}

/// P12: what is not quite a keyring is refused, never guessed at.
#[test]
fn a_damaged_document_is_refused() {
    let cases = [
        ("a later version", "/version", json!(2)),
        ("no version", "/version", Value::Null),
        ("no access keys", "/access", json!([])),
        ("access keys gone", "/access", Value::Null),
        ("no refresh keys", "/refresh", json!([])),
        ("another algorithm", "/access/0/alg", json!("HS256")),
        ("an unknown one", "/access/0/alg", json!("none")),
        ("a time in words", "/access/0/active_from", json!("today")),
        ("a time before 1970", "/access/0/created_at", json!(-1)),
        ("no time", "/refresh/0/active_from", Value::Null),
        ("padding", "/refresh/0/material", json!("c2VjcmV0cw==")),
        ("something unknown", "/refresh/0/note", json!("mine")),
        ("something unknown beside", "/note", json!("mine")),
        ("a withdrawn key without a time", "/withdrawn", json!([{ "kid": "k" }])),
    ];
    for (name, place, value) in cases {
        let refused = read_with(place, value);

        assert_eq!(refused.err(), Some(KeyringError::Document), "{name}");
    }
}

/// P12: nor is a key that nobody should sign with.
#[test]
fn a_document_with_an_unusable_key_is_refused() {
    use KeyError::{KeyId, Pem, SecretTooShort, Unsupported};
    let cases = [
        ("/access/0/kid", json!(""), KeyId),
        ("/access/0/kid", json!("k".repeat(129)), KeyId),
        ("/access/0/kid", json!("two\nlines"), KeyId),
        ("/access/0/material", json!(""), Pem),
        ("/access/0/material", json!(PEM_OF_NOTHING), Unsupported),
        ("/refresh/0/alg", json!("ES256"), Pem),
        ("/refresh/0/material", json!(""), SecretTooShort),
        ("/refresh/0/material", json!("c2VjcmV0"), SecretTooShort),
    ];
    for (place, value, error) in cases {
        let name = format!("{place}: {value}");

        let refused = read_with(place, value);

        assert_eq!(refused.err(), Some(KeyringError::Key(error)), "{name}");
    }
}

/// R3: a refresh key that would sign the same claims differently each time is refused.
#[test]
fn a_refresh_key_is_a_shared_secret() {
    let mut document = parse(&Keyring::generate(Algorithm::Es256, NOW).unwrap());
    document["refresh"] = document["access"].clone();

    let refused = Keyring::from_document(&document.to_string());

    assert_eq!(refused.err(), Some(KeyringError::Document));
}

/// A half-written file is no keyring.
#[test]
fn a_truncated_document_is_refused() {
    let document = Keyring::generate(Algorithm::Es256, NOW).unwrap().to_document();

    for end in 0..document.len() {
        let refused = Keyring::from_document(&document[..end]);
        assert_eq!(refused.err(), Some(KeyringError::Document), "{end} bytes");
    }
    let twice = format!("{}{}", *document, *document);
    assert_eq!(Keyring::from_document(&twice).err(), Some(KeyringError::Document));
}

/// 1.10: secrets are in the document and in nothing that is printed.
#[tokio::test]
async fn nothing_printed_shows_a_secret() {
    for algorithm in [Algorithm::Hs256, Algorithm::Es256] {
        let keyring = Keyring::generate(algorithm, NOW).unwrap();
        let keyring = keyring.rotate(algorithm, terms().key_times(), at(1)).unwrap();
        let document = parse(&keyring);
        let issuer = Issuer::with(terms(), keyring.clone()).await;

        let printed =
            format!("{keyring:?} {:?} {} {issuer:?}", keyring.summary(), keyring.jwks().to_json());

        for entry in ["access", "refresh"].map(|purpose| &document[purpose]) {
            for entry in entry.as_array().unwrap() {
                let material = entry["material"].as_str().unwrap();
                for line in material.lines().filter(|line| !line.starts_with("-----")) {
                    assert!(!printed.contains(line), "{printed}");
                }
            }
        }
    }
}

const PEM_OF_NOTHING: &str = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n";

/// Reads a keyring's document in which one member was put in or, for `null`, taken out.
fn read_with(place: &str, value: Value) -> Result<Keyring, KeyringError> {
    let mut document = parse(&Keyring::generate(Algorithm::Es256, NOW).unwrap());
    let (parent, member) = place.rsplit_once('/').unwrap();
    let parent = document.pointer_mut(parent).unwrap();
    let parent = parent.as_object_mut().unwrap();
    if value.is_null() {
        parent.remove(member);
    } else {
        parent.insert(member.to_owned(), value);
    }
    Keyring::from_document(&document.to_string())
}

fn parse(keyring: &Keyring) -> Value {
    serde_json::from_str(&keyring.to_document()).unwrap()
}
