//! What a follower does, one rule of `docs/feed.md` after the other.

use std::sync::Arc;
use std::time::{Duration, Instant};

use jeton::{RevocationList, Timestamp};
use jeton_feed::follow::{Follower, NotUnderstood, Step, Then};
use serde_json::{Value, json};

const FEED: &str = "00000000000000aa";

struct Case {
    start: Instant,
    list: Arc<RevocationList>,
    follower: Follower,
}

impl Case {
    /// After a snapshot with the cursor 0, on a connection asked for at 1,000 ms.
    fn connected() -> Self {
        let list = Arc::new(RevocationList::following());
        let follower = Follower::new(Arc::clone(&list));
        // Far from the start of the machine, or an age could reach before it.
        let start = Instant::now() + Duration::from_hours(1);
        let mut case = Self { start, list, follower };
        case.follower.snapshot(snapshot(0, &[]).to_string().as_bytes()).unwrap();
        case.follower.connected(case.at(1_000));
        case
    }

    fn at(&self, ms: u64) -> Instant {
        self.start + Duration::from_millis(ms)
    }

    fn event(&mut self, name: &str, data: &Value, ms: u64) -> Step {
        self.follower.event(name, &data.to_string(), self.at(ms))
    }

    /// As of which millisecond the list is complete.
    fn complete(&self) -> Option<u64> {
        let now = 1_000_000;
        let age = self.list.staleness(self.at(now))?;
        Some(now - u64::try_from(age.as_millis()).unwrap())
    }
}

fn cursor(place: u64) -> String {
    format!("{FEED}.{place}")
}

fn snapshot(place: u64, entries: &[Value]) -> Value {
    json!({ "cursor": cursor(place), "retention": 690, "t": 70_000, "age_ms": 0, "now": 1_800_000_000,
            "jwks": { "keys": [] }, "e": entries })
}

fn beat(n: u64, place: u64, t: u64, age: u64) -> Value {
    json!({ "n": n, "cursor": cursor(place), "t": t, "age_ms": age, "now": 1_800_000_000 })
}

fn rev(n: u64, after: u64, place: u64, entries: &[Value]) -> Value {
    json!({ "n": n, "after": cursor(after), "cursor": cursor(place), "e": entries })
}

fn session(id: u64) -> Value {
    json!(["s", format!("{id:016x}"), 1_800_000_690, "kicked"])
}

/// INV5
#[test]
fn the_first_heartbeat_counts_from_the_request_and_the_next_ones_from_it() {
    /// Of an event: `t`, `age_ms`, and when it arrived.
    type Beat = (u64, u64, u64);
    let rows: [(&str, &[Beat], u64); 7] = [
        ("the first", &[(5_000, 40, 1_010)], 960),
        ("one held back on its way", &[(5_000, 40, 9_000)], 960),
        ("the second moves on with t", &[(5_000, 40, 1_010), (6_000, 40, 2_010)], 1_960),
        ("as the age shrinks", &[(5_000, 400, 1_010), (6_000, 0, 2_010)], 2_000),
        ("not as the age grows", &[(5_000, 0, 1_010), (6_000, 1_000, 2_010)], 1_000),
        ("and never back", &[(5_000, 0, 1_010), (6_000, 3_000, 2_010)], 1_000),
        ("not beyond its arrival", &[(5_000, 0, 1_010), (9_000, 0, 2_010)], 2_010),
    ];
    for (name, beats, complete) in rows {
        let mut case = Case::connected();
        for (n, (t, age, at)) in (1..).zip(beats) {
            assert_eq!(case.event("hb", &beat(n, 0, *t, *age), *at).then, Then::GoOn, "{name}");
        }
        assert_eq!(case.complete(), Some(complete), "{name}");
    }
}

#[test]
fn a_clock_of_the_servers_that_goes_back_tells_nothing_new() {
    let mut case = Case::connected();
    case.event("hb", &beat(1, 0, 5_000, 0), 1_010);

    assert_eq!(case.event("hb", &beat(2, 0, 4_000, 0), 2_010).then, Then::GoOn);
    assert_eq!(case.complete(), Some(1_000));
}

#[test]
fn a_server_that_was_never_complete_makes_nothing_fresh() {
    let mut case = Case::connected();

    assert_eq!(case.event("hb", &beat(1, 0, 5_000, u64::MAX), 1_010).then, Then::GoOn);
    assert_eq!(case.complete(), None);
    assert_eq!(case.event("hb", &beat(2, 0, 6_000, 0), 2_010).then, Then::GoOn);
    assert_eq!(case.complete(), Some(2_000));
}

/// INV1, INV5
#[test]
fn nothing_but_a_heartbeat_makes_a_list_fresh() {
    let mut case = Case::connected();
    assert_eq!(case.complete(), None, "a snapshot");

    case.event("keys", &json!({ "n": 1, "jwks": { "keys": [] } }), 1_010);
    case.event("rev", &rev(2, 0, 1, &[session(1)]), 1_020);
    assert_eq!(case.complete(), None, "an open socket");

    case.event("hb", &beat(3, 1, 5_000, 0), 1_030);
    assert_eq!(case.complete(), Some(1_000));
}

/// INV1
#[test]
fn what_is_not_the_next_event_is_merged_and_not_believed() {
    let session = &[session(7)];
    let rows = [
        ("a number too far", "rev", rev(3, 1, 2, session)),
        ("the same number again", "rev", rev(1, 1, 2, session)),
        ("after a place one is not at", "rev", rev(2, 0, 2, session)),
        ("no number", "rev", json!({ "after": cursor(1), "cursor": cursor(2), "e": session })),
        ("a number as text", "rev", json!({ "n": "2", "e": session })),
        ("its entries are not a list", "rev", json!({ "n": 2, "e": { "0": session } })),
        ("a heartbeat of another place", "hb", beat(2, 2, 5_000, 0)),
        ("a heartbeat without an age", "hb", json!({ "n": 2, "cursor": cursor(1), "t": 5_000 })),
        ("a heartbeat that is too far", "hb", beat(3, 1, 5_000, 0)),
        ("keys that are too far", "keys", json!({ "n": 3, "jwks": { "keys": [] } })),
        ("an event of another name", "hello", json!({ "n": 2 })),
    ];
    for (name, event, data) in rows {
        let mut case = Case::connected();
        case.event("rev", &rev(1, 0, 1, &[]), 1_010);

        let step = case.event(event, &data, 1_020);
        let later = case.event("hb", &beat(2, 1, 5_000, 0), 1_030);
        case.event("rev", &rev(3, 1, 2, &[self::session(8)]), 1_040);

        assert_eq!(
            step,
            Step { then: Then::Reconnect, keys: None, now: None, delay: None },
            "{name}"
        );
        assert_eq!(later.then, Then::Reconnect, "{name}");
        assert_eq!(case.complete(), None, "{name}");
        assert_eq!(case.follower.cursor().unwrap().to_string(), cursor(1), "{name}");
        let merged = data["e"].is_array();
        assert_eq!(case.list.len(), if merged { 2 } else { 1 }, "{name}");
    }
}

#[test]
fn a_member_that_comes_twice_is_not_understood() {
    let mut case = Case::connected();
    let twice = format!(r#"{{"n":1,"n":1,"cursor":"{FEED}.0","t":5,"age_ms":0,"now":9}}"#);

    assert_eq!(case.follower.event("hb", &twice, case.at(1_010)).then, Then::Reconnect);
}

#[test]
fn after_a_reset_only_a_snapshot_helps() {
    let mut case = Case::connected();
    case.event("rev", &rev(1, 0, 1, &[session(1)]), 1_010);

    assert_eq!(case.event("reset", &json!({ "n": 2 }), 1_020).then, Then::FetchSnapshot);
    assert_eq!(case.follower.cursor(), None);
    assert_eq!(case.event("hb", &beat(3, 1, 5_000, 0), 1_030).then, Then::FetchSnapshot);

    case.follower.snapshot(snapshot(9, &[session(2)]).to_string().as_bytes()).unwrap();
    case.follower.connected(case.at(2_000));
    assert_eq!(case.event("hb", &beat(1, 9, 6_000, 0), 2_010).then, Then::GoOn);
    assert_eq!((case.list.len(), case.complete()), (2, Some(2_000)), "merged, and fresh");
}

#[test]
fn a_snapshot_that_is_not_understood_is_merged_as_far_as_it_can_be() {
    let list = Arc::new(RevocationList::following());
    let mut follower = Follower::new(Arc::clone(&list));
    let mut damaged = snapshot(3, &[session(1), session(2)]);
    damaged["retention"] = json!("long");

    assert_eq!(follower.snapshot(damaged.to_string().as_bytes()), Err(NotUnderstood));
    assert_eq!((list.len(), follower.cursor()), (2, None));
    assert_eq!(follower.snapshot(b"<html>"), Err(NotUnderstood));
}

/// INV5
#[test]
fn a_feed_that_is_too_new_is_followed_and_never_fresh_again() {
    let another = json!(["z", "0000000000000009", 1_800_000_690, { "of": "another kind" }]);
    let mut case = Case::connected();
    case.event("hb", &beat(1, 0, 5_000, 0), 1_010);

    let step = case.event("rev", &rev(2, 0, 1, &[session(1), another.clone(), session(2)]), 1_020);
    assert_eq!(step.then, Then::GoOn, "to connect again would not help");
    assert_eq!(case.event("hb", &beat(3, 1, 6_000, 0), 2_010).then, Then::GoOn);
    assert!(case.follower.outdated());
    assert_eq!((case.list.len(), case.complete()), (2, None));

    let mut case = Case::connected();
    let text = snapshot(0, &[session(1), another.clone()]).to_string();
    assert!(case.follower.snapshot(text.as_bytes()).is_ok());
    case.follower.connected(case.at(1_000));
    assert_eq!(case.event("hb", &beat(1, 0, 5_000, 0), 1_010).then, Then::GoOn);
    assert_eq!((case.list.len(), case.complete()), (1, None));
}

#[test]
fn a_reason_that_came_later_is_taken_as_revoked() {
    let mut case = Case::connected();
    let entry = json!(["s", "0000000000000009", 1_800_000_690, "abducted"]);

    assert_eq!(case.event("rev", &rev(1, 0, 1, &[entry]), 1_020).then, Then::GoOn);
    let entries = format!("{:?}", case.list.entries());
    assert!(entries.contains("Revoked"), "{entries}");
}

#[test]
fn keys_and_the_time_of_day_come_along() {
    let mut case = Case::connected();
    let jwks = json!({ "keys": [{ "kid": "2027" }] });

    let keys = case.event("keys", &json!({ "n": 1, "jwks": jwks }), 1_010);
    let beat = case.event("hb", &beat(2, 0, 5_000, 0), 1_020);

    assert_eq!(keys.keys, Some(jwks));
    assert_eq!(beat.now, Some(Timestamp::from_secs(1_800_000_000)));
}

#[test]
fn a_canary_tells_how_long_a_revocation_is_under_way() {
    let canary = |t: u64| json!(["c", "", 1_800_000_060, t]);
    let mut case = Case::connected();

    // The server's clock is ahead by 4,000; the second heartbeat takes 5 ms and is the fastest.
    case.event("hb", &beat(1, 0, 5_005, 0), 1_030);
    case.event("hb", &beat(2, 0, 6_005, 0), 2_010);
    let step = case.event("rev", &rev(3, 0, 1, &[canary(6_500)]), 2_550);
    assert_eq!(step.delay, Some(Duration::from_millis(45)));
    assert_eq!(case.list.len(), 0, "it refuses nothing");

    // One that comes before any heartbeat is old.
    case.follower.connected(case.at(3_000));
    assert_eq!(case.event("rev", &rev(1, 1, 2, &[canary(6_800)]), 3_010).delay, None);
    assert_eq!(case.event("hb", &beat(2, 2, 7_005, 0), 3_012).delay, None);

    // One faster than any heartbeat is on time.
    assert_eq!(
        case.event("rev", &rev(3, 2, 3, &[canary(8_000)]), 3_900).delay,
        Some(Duration::ZERO)
    );
}

fn polled(after: u64, place: u64, entries: &[Value], reset: bool) -> Vec<u8> {
    let answer = json!({ "after": cursor(after), "cursor": cursor(place), "e": entries, "t": 5_000,
        "age_ms": 40, "now": 1_800_000_000, "jwks": { "keys": [] }, "reset": reset });
    answer.to_string().into_bytes()
}

/// INV5
#[test]
fn a_poll_is_as_fresh_as_its_request() {
    let mut case = Case::connected();
    let canary = json!(["c", "", 1_800_000_060, 4_988]);

    let step = case.follower.polled(&polled(0, 1, &[session(1), canary], false), case.at(3_000));

    assert_eq!(step.then, Then::GoOn);
    assert_eq!(step.delay, Some(Duration::from_millis(12)));
    assert_eq!((case.list.len(), case.complete()), (1, Some(2_960)));
}

/// INV5: from a cache on the way, say, that does as it likes.
#[test]
fn the_same_answer_again_is_no_younger_than_it_was() {
    let mut case = Case::connected();
    let answer = polled(0, 0, &[], false);
    case.follower.polled(&answer, case.at(2_000));
    let asked_first = case.complete();

    for ms in [4_000, 6_000] {
        assert_eq!(case.follower.polled(&answer, case.at(ms)).then, Then::GoOn);
        assert_eq!(case.complete(), asked_first);
    }
}

#[test]
fn an_answer_to_another_poll_is_merged_and_not_believed() {
    let rows = [
        ("another place", polled(1, 2, &[session(1)], false), Then::Reconnect),
        ("a reset", polled(0, 2, &[session(1)], true), Then::FetchSnapshot),
    ];
    for (name, answer, then) in rows {
        let mut case = Case::connected();

        assert_eq!(case.follower.polled(&answer, case.at(3_000)).then, then, "{name}");
        assert_eq!((case.list.len(), case.complete()), (1, None), "{name}");
    }
    let mut case = Case::connected();
    assert_eq!(case.follower.polled(b"{", case.at(3_000)).then, Then::Reconnect);
}
