//! The feed: any bytes are read as a snapshot, an event and an answer to a poll without panic; what is
//! accepted says the same when it is written; and no text makes a list fresh as of a moment to come.

#![no_main]

use std::sync::Arc;
use std::time::{Duration, Instant};

use jeton::RevocationList;
use jeton_feed::follow::Follower;
use jeton_feed::wire::{Event, Snapshot};
use libfuzzer_sys::fuzz_target;
use sha2::{Digest as _, Sha256};

const EVENTS: [&str; 4] = ["keys", "rev", "hb", "reset"];

fuzz_target!(|data: &[u8]| {
    check_binary(data);
    let Ok(text) = std::str::from_utf8(data) else { return };
    check_events(text);
    check_follower(text);
});

/// With the hash that belongs behind it: else nothing but the hash is ever looked at.
fn check_binary(data: &[u8]) {
    let _ = Snapshot::from_binary(data);
    let mut whole = data.to_vec();
    whole.extend_from_slice(&Sha256::digest(data));
    let Ok(snapshot) = Snapshot::from_binary(&whole) else { return };

    let written = snapshot.to_binary().expect("what was read can be written");
    assert_eq!(Snapshot::from_binary(&written).as_ref(), Ok(&snapshot));
    let json = serde_json::to_vec(&snapshot).expect("JSON");
    assert_eq!(serde_json::from_slice::<Snapshot>(&json).ok().as_ref(), Some(&snapshot));
}

fn check_events(text: &str) {
    for name in EVENTS {
        let _ = Event::parse(name, text);
    }
}

/// A snapshot and then events, one a line: what a hostile issuer could say.
fn check_follower(text: &str) {
    let list = Arc::new(RevocationList::following());
    let mut follower = Follower::new(Arc::clone(&list));
    let start = Instant::now();
    let mut lines = text.lines();
    let _ = follower.snapshot(lines.next().unwrap_or_default().as_bytes());
    follower.connected(start);
    for (number, line) in (1..).zip(lines.take(64)) {
        let arrived_at = start + Duration::from_millis(number);
        for name in EVENTS.iter().filter(|name| line.starts_with(*name)) {
            let data = line.strip_prefix(name).unwrap_or_default();
            follower.event(name, data, arrived_at);
        }
        if line.starts_with('{') {
            follower.polled(line.as_bytes(), arrived_at);
        }
        let age = list.staleness(arrived_at + Duration::from_secs(1));
        assert!(age.is_none_or(|age| age >= Duration::from_secs(1)), "fresh as of what is to come");
    }
}
