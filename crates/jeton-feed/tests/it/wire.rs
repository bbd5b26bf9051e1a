//! JSON and server-sent events, to the letter of `docs/feed.md`.

use jeton::{Entry, Fingerprint, KeyId, Reason, Refused, Timestamp};
use jeton_feed::wire::{
    Complete, Event, FeedCursor, Heartbeat, Keys, NotACursor, NotAnEvent, Polled, Revocations,
    Snapshot, WireEntry,
};
use proptest::prelude::*;
use serde_json::json;

use crate::entries::{snapshot, wire_entry};

const CURSOR: FeedCursor = FeedCursor { feed: 0x9f3c_51aa_02d7_e6b4, position: 4_711 };
const AFTER: FeedCursor = FeedCursor { position: 4_709, ..CURSOR };

fn of(refused: Refused) -> WireEntry {
    Entry { refused, until: Timestamp::from_secs(700) }.into()
}

#[test]
fn each_kind_of_entry_is_written_as_the_contract_says() {
    let id = Fingerprint::from_u64(0xff);
    let at = Timestamp::from_secs(90);
    let canary = WireEntry::Canary { until: Timestamp::from_secs(700), t: 5 };
    let cases = [
        (of(Refused::Session(id, Reason::Replayed)), r#"["s","00000000000000ff",700,"replayed"]"#),
        (of(Refused::Token(id, Reason::Revoked)), r#"["t","00000000000000ff",700,"revoked"]"#),
        (of(Refused::Versions(id, 4)), r#"["v","00000000000000ff",700,4]"#),
        (of(Refused::Issued(id, at)), r#"["i","00000000000000ff",700,90]"#),
        (of(Refused::All(at)), r#"["a","",700,90]"#),
        (of(Refused::Key(KeyId::new("2027").unwrap())), r#"["k","2027",700,0]"#),
        (canary, r#"["c","",700,5]"#),
    ];
    for (entry, text) in cases {
        assert_eq!(serde_json::to_string(&entry).unwrap(), text);
        assert_eq!(serde_json::from_str::<WireEntry>(text).unwrap(), entry);
    }
}

#[test]
fn a_reason_that_came_later_refuses_as_well_as_any() {
    let read: WireEntry = serde_json::from_str(r#"["s","00000000000000ff",700,"bored"]"#).unwrap();

    assert_eq!(read, of(Refused::Session(Fingerprint::from_u64(0xff), Reason::Revoked)));
}

#[test]
fn what_is_not_an_entry_is_refused() {
    let cases = [
        ("another kind", r#"["x","00000000000000ff",700,0]"#),
        ("no array", r#"{"kind":"a"}"#),
        ("three", r#"["a","",700]"#),
        ("five", r#"["a","",700,90,1]"#),
        ("an id in capitals", r#"["s","00000000000000FF",700,"revoked"]"#),
        ("a short id", r#"["s","ff",700,"revoked"]"#),
        ("a number for a reason", r#"["s","00000000000000ff",700,1]"#),
        ("a reason for a number", r#"["v","00000000000000ff",700,"revoked"]"#),
        ("a version below none", r#"["v","00000000000000ff",700,-1]"#),
        ("a broken version", r#"["v","00000000000000ff",700,1.5]"#),
        ("a time past its end", r#"["a","",700,9223372036854775808]"#),
        ("an id for all", r#"["a","ff",700,90]"#),
        ("an empty kid", r#"["k","",700,0]"#),
        ("a kid of two lines", "[\"k\",\"a\\nb\",700,0]"),
        ("no until", r#"["a","",null,90]"#),
        ("nothing", ""),
    ];
    for (name, text) in cases {
        assert!(serde_json::from_str::<WireEntry>(text).is_err(), "{name}");
    }
}

#[test]
fn a_cursor_has_one_spelling() {
    assert_eq!(CURSOR.to_string(), "9f3c51aa02d7e6b4.4711");
    assert_eq!("9f3c51aa02d7e6b4.4711".parse(), Ok(CURSOR));
    assert_eq!("9f3c51aa02d7e6b4.0".parse(), Ok(FeedCursor { position: 0, ..CURSOR }));

    for text in [
        "",
        ".",
        "4711",
        "9f3c51aa02d7e6b4",
        "9f3c51aa02d7e6b4.",
        "9f3c51aa02d7e6b4.+4711",
        "9f3c51aa02d7e6b4.04711",
        "9f3c51aa02d7e6b4.-1",
        "9F3C51AA02D7E6B4.4711",
        "9f3c51aa02d7e6b.4711",
        "9f3c51aa02d7e6b4.4711 ",
        "9f3c51aa02d7e6b4.18446744073709551616",
    ] {
        assert_eq!(text.parse::<FeedCursor>(), Err(NotACursor), "{text:?}");
    }
}

#[test]
fn each_event_is_framed_as_the_contract_says() {
    let complete =
        Complete { t: 88_123_456, age_ms: 140, now: Timestamp::from_secs(1_795_284_925) };
    let e = vec![of(Refused::All(Timestamp::from_secs(90)))];
    let cases = [
        (
            Event::Keys(Keys { n: 1, jwks: json!({ "keys": [] }) }),
            "event: keys\ndata: {\"n\":1,\"jwks\":{\"keys\":[]}}\n\n",
        ),
        (
            Event::Revocations(Revocations { n: 2, after: AFTER, cursor: CURSOR, e }),
            "event: rev\ndata: {\"n\":2,\"after\":\"9f3c51aa02d7e6b4.4709\",\
             \"cursor\":\"9f3c51aa02d7e6b4.4711\",\"e\":[[\"a\",\"\",700,90]]}\n\n",
        ),
        (
            Event::Heartbeat(Heartbeat { n: 3, cursor: CURSOR, complete }),
            "event: hb\ndata: {\"n\":3,\"cursor\":\"9f3c51aa02d7e6b4.4711\",\"t\":88123456,\
             \"age_ms\":140,\"now\":1795284925}\n\n",
        ),
        (Event::Reset { n: 4 }, "event: reset\ndata: {\"n\":4}\n\n"),
    ];
    for (event, text) in cases {
        let data = text.lines().nth(1).unwrap().strip_prefix("data: ").unwrap();

        assert_eq!(String::from_utf8(event.to_sse().unwrap()).unwrap(), text);
        assert_eq!(Event::parse(event.name(), data).unwrap(), event);
    }
}

#[test]
fn an_event_that_is_not_understood_is_an_error_and_not_skipped() {
    let cases = [("later", r#"{"n":1}"#), ("", r#"{"n":1}"#), ("HB", r#"{"n":1}"#)];
    for (name, data) in cases {
        assert!(matches!(Event::parse(name, data), Err(NotAnEvent::Name)), "{name}");
    }
    let cases = [
        ("reset", "{}"),
        ("reset", ""),
        ("keys", r#"{"n":1}"#),
        ("hb", r#"{"n":1,"cursor":"9f3c51aa02d7e6b4.1","t":1,"age_ms":-1,"now":1}"#),
        ("rev", r#"{"n":1,"after":"a","cursor":"9f3c51aa02d7e6b4.1","e":[]}"#),
        (
            "rev",
            r#"{"n":1,"after":"9f3c51aa02d7e6b4.0","cursor":"9f3c51aa02d7e6b4.1","e":[["x"]]}"#,
        ),
    ];
    for (name, data) in cases {
        assert!(matches!(Event::parse(name, data), Err(NotAnEvent::Data(_))), "{name} {data}");
    }
}

#[test]
fn members_that_came_later_are_passed_over() {
    let data = r#"{"n":3,"cursor":"9f3c51aa02d7e6b4.1","t":1,"age_ms":2,"now":3,"later":[{}]}"#;

    assert_eq!(Event::parse("hb", data).unwrap().n(), 3);
}

#[test]
fn a_snapshot_and_an_answer_are_written_as_the_contract_says() {
    let snapshot = snapshot(vec![of(Refused::All(Timestamp::from_secs(90)))]);
    let Snapshot { cursor, complete, jwks, e, .. } = snapshot.clone();
    let polled = Polled { after: AFTER, cursor, e, complete, jwks, reset: false };

    assert_eq!(
        serde_json::to_string(&snapshot).unwrap(),
        r#"{"cursor":"9f3c51aa02d7e6b4.4711","retention":690,"t":88123456,"age_ms":140,"now":1795284925,"jwks":{"keys":[{"kid":"2027","kty":"EC"}]},"e":[["a","",700,90]]}"#
    );
    assert_eq!(
        serde_json::to_string(&polled).unwrap(),
        r#"{"after":"9f3c51aa02d7e6b4.4709","cursor":"9f3c51aa02d7e6b4.4711","e":[["a","",700,90]],"t":88123456,"age_ms":140,"now":1795284925,"jwks":{"keys":[{"kid":"2027","kty":"EC"}]},"reset":false}"#
    );
    let read: Polled = serde_json::from_value(serde_json::to_value(&polled).unwrap()).unwrap();
    assert_eq!(read, polled);
}

proptest! {
    #[test]
    fn any_entry_comes_back_as_it_was(entry in wire_entry()) {
        let text = serde_json::to_string(&entry).unwrap();

        prop_assert_eq!(serde_json::from_str::<WireEntry>(&text).unwrap(), entry);
    }

    #[test]
    fn any_snapshot_comes_back_as_it_was(e in prop::collection::vec(wire_entry(), 0..20)) {
        let snapshot = snapshot(e);
        let text = serde_json::to_string(&snapshot).unwrap();

        prop_assert_eq!(serde_json::from_str::<Snapshot>(&text).unwrap(), snapshot);
    }

    #[test]
    fn any_text_is_read_without_a_panic(name in "keys|rev|hb|reset|.*", data in ".*") {
        let _ = Event::parse(&name, &data);
        let _ = data.parse::<FeedCursor>();
        let _ = serde_json::from_str::<WireEntry>(&data);
    }
}
