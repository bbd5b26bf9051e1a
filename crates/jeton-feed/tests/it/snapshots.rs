//! Snapshots that are read slowly, and those that are of no use any more.

use std::collections::HashSet;
use std::time::Duration;

use bytes::Bytes;
use jeton_feed::publish::{Form, NoSnapshot};
use jeton_feed::wire::Snapshot;
use serde_json::json;
use tokio::time::advance;

use crate::publisher::{Hub, publisher};

fn read(json: &Bytes) -> Snapshot {
    serde_json::from_slice(json).unwrap()
}

async fn next(publisher: &Hub, position: u64) -> Result<Bytes, NoSnapshot> {
    publisher.revoke(position);
    advance(Duration::from_secs(2)).await;
    publisher.snapshot(Form::Json).await
}

/// INV10: whoever reads slowly, and however many they are.
#[tokio::test(start_paused = true)]
async fn no_more_than_four_snapshots_are_in_memory_and_the_last_one_does_for_the_others() {
    let publisher = publisher(0);
    let mut held = Vec::new();
    for position in 1..=20 {
        held.push(next(&publisher, position).await.unwrap());
    }

    let different: HashSet<_> = held.iter().map(|bytes| bytes.as_ptr()).collect();
    assert_eq!((different.len(), publisher.stats().built), (4, 4));
    let last = read(held.last().unwrap());
    assert_eq!(last.cursor.position, 4);
    assert!(publisher.subscribe(last.cursor).is_ok(), "the feed goes on behind it");

    held.clear();
    let newest = next(&publisher, 21).await.unwrap();
    assert_eq!(read(&newest).cursor.position, 21, "there is room again");
}

/// INV1: nothing is better than what the feed cannot go on behind, or what a thief has keys of.
#[tokio::test(start_paused = true)]
async fn an_old_snapshot_does_for_nobody_when_it_is_of_no_use_any_more() {
    let publisher = publisher(0);
    publisher.set_keys(json!({ "keys": [{ "kid": "stolen" }] })).unwrap();
    let early = publisher.snapshot(Form::Json).await.unwrap();
    publisher.set_keys(json!({ "keys": [] })).unwrap();
    let after = publisher.snapshot(Form::Json).await.unwrap();
    assert_eq!(read(&early).jwks["keys"][0]["kid"], "stolen");
    assert_eq!(read(&after).jwks, json!({ "keys": [] }), "although the other was built just now");

    let mut held = vec![early, after];
    for position in 1..=5 {
        held.push(next(&publisher, position).await.unwrap());
    }
    publisher.set_keys(json!({ "keys": [{ "kid": "next" }] })).unwrap();

    assert!(matches!(next(&publisher, 6).await, Err(NoSnapshot::Busy)));
    held.clear();
    assert!(next(&publisher, 7).await.is_ok());
}
