use jeton::{SessionId, SubjectKey, Timestamp};
use jeton_session::{Device, Session, Subject};
use serde_json::{Map, json};

const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

fn alice() -> Subject {
    let key = SubjectKey::from_bytes([0x11; 16]);
    let session = Session {
        id: SessionId::new(key, [0x22; 8]),
        generation: 3,
        started_at: NOW,
        rotated_at: NOW,
        idle_expires_at: NOW,
        expires_at: NOW,
        device: None,
        client: "first-party".to_owned(),
        scope: None,
        claims: Map::new(),
        auth_time: NOW,
        amr: Vec::new(),
    };
    Subject { version: 2, sessions: vec![session], ..Subject::new(key) }
}

/// What a session does not have takes no room.
#[test]
fn a_record_holds_what_there_is_and_no_more() {
    let record = String::from_utf8(alice().to_record().unwrap()).unwrap();

    for absent in ["device", "scope", "claims", "amr", "null"] {
        assert!(!record.contains(absent), "{absent} in {record}");
    }
    assert_eq!(Subject::from_record(alice().key, record.as_bytes()).unwrap(), alice());
}

#[test]
fn a_record_that_holds_everything_is_read_as_it_was_written() {
    let mut alice = alice();
    let session = &mut alice.sessions[0];
    session.device = Some(Device { kind: "phone".to_owned(), name: Some("Alice's".to_owned()) });
    session.scope = Some("read".to_owned());
    session.claims.insert("role".to_owned(), json!("admin"));
    session.amr = vec!["pwd".to_owned()];

    let record = alice.to_record().unwrap();

    assert_eq!(Subject::from_record(alice.key, &record).unwrap(), alice);
}

/// Records of version 0.1.0 wrote down what a session did not have.
#[test]
fn a_record_that_says_what_is_absent_is_read_too() {
    let mut record: serde_json::Value =
        serde_json::from_slice(&alice().to_record().unwrap()).unwrap();
    let session = record["sessions"][0].as_object_mut().unwrap();
    session.insert("device".to_owned(), json!(null));
    session.insert("scope".to_owned(), json!(null));
    session.insert("claims".to_owned(), json!({}));
    session.insert("amr".to_owned(), json!([]));

    let read = Subject::from_record(alice().key, record.to_string().as_bytes());

    assert_eq!(read.unwrap(), alice());
}
