//! What a connection hears, in which order, and when it ends.

use std::ops::Deref;
use std::sync::Arc;
use std::time::Duration;

use jeton::{Entry, Fingerprint, Reason, Refused, RevocationList, Timestamp};
use jeton_feed::publish::{Form, NoSnapshot, Origin, Publisher, Reset};
use jeton_feed::wire::{Event, FeedCursor, Heartbeat, Polled, Snapshot, WireEntry};
use serde_json::{Value, json};
use tokio::time::{Instant, advance};

use crate::listener::{Stream, Verifier, events};

const FEED: u64 = 7;
const NOW: Timestamp = Timestamp::from_secs(1_800_000_000);

/// A hub, and its list.
#[derive(Clone)]
pub(crate) struct Hub {
    pub(crate) publisher: Publisher,
    list: Arc<RevocationList>,
}

impl Hub {
    /// Revokes as a service does: on the list, then to everybody.
    pub(crate) fn revoke(&self, position: u64) {
        let entry = entry(position);
        if let WireEntry::Refused(entry) = &entry {
            self.list.apply(entry);
        }
        self.publisher.publish(&[entry], position, position).unwrap();
    }
}

impl Deref for Hub {
    type Target = Publisher;

    fn deref(&self) -> &Publisher {
        &self.publisher
    }
}

/// A hub that was complete a moment ago.
pub(crate) fn publisher(position: u64) -> Hub {
    let origin = Origin { feed: FEED, position, retention: Duration::from_secs(690) };
    let list = Arc::new(RevocationList::new());
    let publisher = Publisher::new(origin, Arc::clone(&list), || NOW);
    publisher.complete(Instant::now());
    Hub { publisher, list }
}

pub(crate) fn at(position: u64) -> FeedCursor {
    FeedCursor { feed: FEED, position }
}

/// Another one for each number.
pub(crate) fn entry(number: u64) -> WireEntry {
    let refused = Refused::Session(Fingerprint::from_u64(number), Reason::LoggedOut);
    Entry { refused, until: NOW.after(Duration::from_secs(690)) }.into()
}

async fn heartbeat(stream: &mut Stream) -> Heartbeat {
    loop {
        if let Event::Heartbeat(heartbeat) = stream.next().await.unwrap() {
            return heartbeat;
        }
    }
}

#[tokio::test]
async fn a_stream_begins_with_keys_then_what_was_missed_then_how_old_that_is() {
    let publisher = publisher(10);
    publisher.set_keys(json!({ "keys": [{ "kid": "2027" }] })).unwrap();
    for position in [11, 12, 13] {
        publisher.revoke(position);
    }

    let mut stream = Stream::new(publisher.subscribe(at(11)).unwrap());
    let (keys, missed) = (stream.next().await.unwrap(), stream.next().await.unwrap());
    let heartbeat = heartbeat(&mut stream).await;
    publisher.revoke(14);
    let live = stream.next().await.unwrap();

    let Event::Keys(keys) = keys else { panic!("{keys:?}") };
    assert_eq!(keys.jwks["keys"][0]["kid"], "2027");
    let Event::Revocations(missed) = missed else { panic!("{missed:?}") };
    assert_eq!((missed.after, missed.cursor), (at(11), at(13)));
    assert_eq!(missed.e, [entry(12), entry(13)]);
    assert_eq!((heartbeat.cursor, heartbeat.complete.now), (at(13), NOW));
    let Event::Revocations(live) = live else { panic!("{live:?}") };
    assert_eq!((live.after, live.cursor, live.e), (at(13), at(14), vec![entry(14)]));
}

#[tokio::test]
async fn who_has_missed_nothing_is_told_only_that() {
    let publisher = publisher(10);

    let mut stream = Stream::new(publisher.subscribe(at(10)).unwrap());

    assert!(matches!(stream.next().await, Some(Event::Keys(_))));
    assert!(matches!(stream.next().await, Some(Event::Heartbeat(_))));
}

#[tokio::test]
async fn a_cursor_of_no_use_is_told_so() {
    let publisher = publisher(10);
    publisher.revoke(12);
    let cases =
        [("another feed", FeedCursor { feed: FEED + 1, position: 12 }), ("before it began", at(9))];
    for (name, cursor) in cases {
        assert_eq!(publisher.subscribe(cursor).unwrap_err(), Reset, "{name}");

        let polled = publisher.poll(Some(cursor), Duration::from_secs(25)).await.unwrap();
        let polled: Polled = serde_json::from_slice(&polled).unwrap();
        assert!(polled.reset && polled.e.is_empty(), "{name}");
        assert_eq!((polled.after, polled.cursor), (cursor, at(12)), "{name}");
    }
    assert_eq!(events(&Reset.to_sse()), [Event::Reset { n: 1 }]);
    assert_eq!(publisher.stats().resets, 4);
}

/// INV10: a reader that does not read costs nothing, and loses nothing either.
#[tokio::test]
async fn a_slow_reader_is_closed_and_comes_back_with_its_cursor() {
    let publisher = publisher(0);
    let mut verifier = Verifier::start(&publisher).await;
    let mut stream = Stream::new(publisher.subscribe(verifier.cursor).unwrap());
    for position in 1..=5_000 {
        publisher.revoke(position);
    }

    while let Some(event) = stream.next().await {
        verifier.take(event);
    }
    let stopped_at = verifier.cursor;
    let mut stream = Stream::new(publisher.subscribe(stopped_at).unwrap());
    while verifier.cursor != at(5_000) {
        verifier.take(stream.next().await.unwrap());
    }

    assert!(stopped_at.position < 5_000, "it was not slow");
    assert_eq!(verifier.entries.len(), 5_000);
    assert_eq!((publisher.stats().slow, publisher.stats().subscribed), (1, 2));
}

#[tokio::test]
async fn keys_are_told_when_they_are_others() {
    let publisher = publisher(0);
    let mut stream = Stream::new(publisher.subscribe(at(0)).unwrap());
    heartbeat(&mut stream).await;

    publisher.set_keys(json!({ "keys": [] })).unwrap();
    publisher.set_keys(json!({ "keys": [{ "kid": "2028" }] })).unwrap();

    let Some(Event::Keys(keys)) = stream.next().await else { panic!("no keys") };
    assert_eq!(keys.jwks, json!({ "keys": [{ "kid": "2028" }] }));
}

/// INV5: while nobody proves anything, heartbeats say so.
#[tokio::test(start_paused = true)]
async fn the_age_grows_until_somebody_proves_more() {
    let publisher = publisher(0);
    let complete_at = Instant::now();
    let mut stream = Stream::new(publisher.subscribe(at(0)).unwrap());
    let first = heartbeat(&mut stream).await.complete;

    advance(Duration::from_secs(7)).await;
    publisher.heartbeat().unwrap();
    let stalled = heartbeat(&mut stream).await.complete;
    publisher.complete(complete_at + Duration::from_secs(6));
    publisher.complete(complete_at + Duration::from_secs(5));
    publisher.heartbeat().unwrap();
    let proven = heartbeat(&mut stream).await.complete;

    assert_eq!((first.age_ms, stalled.age_ms, proven.age_ms), (1, 7_001, 1_001));
    assert_eq!(stalled.t, first.t + 7_000);
}

#[tokio::test]
async fn nothing_is_said_before_everything_was_known_once() {
    let origin = Origin { feed: FEED, position: 0, retention: Duration::from_secs(690) };
    let publisher = Publisher::new(origin, Arc::new(RevocationList::new()), || NOW);

    let snapshot = publisher.snapshot(Form::Json).await;
    let polled = publisher.poll(Some(at(0)), Duration::ZERO).await;

    assert!(matches!(snapshot, Err(NoSnapshot::NotYet)));
    assert!(matches!(polled, Err(NoSnapshot::NotYet)));
    assert!(!publisher.is_ready());
    publisher.complete(Instant::now());
    assert!(publisher.is_ready() && publisher.snapshot(Form::Json).await.is_ok());
}

#[tokio::test]
async fn a_closed_feed_ends_what_is_open_and_what_comes_later() {
    let publisher = publisher(0);
    let mut open = Stream::new(publisher.subscribe(at(0)).unwrap());
    heartbeat(&mut open).await;
    let polling = publisher.clone();
    let poll =
        tokio::spawn(async move { polling.poll(Some(at(0)), Duration::from_secs(25)).await });
    tokio::task::yield_now().await;

    publisher.close();

    assert_eq!(open.next().await, None);
    poll.await.unwrap().unwrap();
    let mut late = Stream::new(publisher.subscribe(at(0)).unwrap());
    while late.next().await.is_some() {}
    drop((open, late));
    assert_eq!(publisher.stats().subscribers, 0);
}

#[tokio::test(start_paused = true)]
async fn a_poll_waits_for_news_and_no_longer_than_it_was_told() {
    let publisher = publisher(3);
    let start = Instant::now();
    let read = |polled: bytes::Bytes| serde_json::from_slice::<Polled>(&polled).unwrap();

    let cases = [(0, 0), (10, 10), (600, 25)];
    for (wait, waited) in cases {
        let begin = Instant::now();
        let nothing = publisher.poll(Some(at(3)), Duration::from_secs(wait)).await.unwrap();
        assert_eq!(begin.elapsed().as_secs(), waited);
        assert_eq!(read(nothing).cursor, at(3));
    }
    let late = publisher.clone();
    tokio::spawn(async move {
        tokio::time::sleep(Duration::from_secs(5)).await;
        late.revoke(4);
    });
    let begin = Instant::now();
    let news = publisher.poll(Some(at(3)), Duration::from_secs(25)).await.unwrap();

    assert_eq!(begin.elapsed().as_secs(), 5);
    let news = read(news);
    assert_eq!(
        (news.after, news.cursor, news.e, news.reset),
        (at(3), at(4), vec![entry(4)], false)
    );
    // Complete as of the start and of nothing since, whatever was waited for.
    let age = u128::from(news.complete.age_ms);
    assert_eq!(age, start.elapsed().as_millis() + 1);
}

/// A restart of a fleet costs one snapshot, and what it says holds for whoever gets it last.
#[tokio::test(start_paused = true)]
async fn a_snapshot_is_built_once_a_second_and_is_never_younger_than_it_says() {
    let publisher = publisher(0);
    let complete_at = Instant::now();
    publisher.revoke(1);
    for form in [Form::Json, Form::Binary] {
        let built = publisher.stats().built;
        let mut asked = tokio::task::JoinSet::new();
        for _ in 0..100 {
            let publisher = publisher.clone();
            asked.spawn(async move { publisher.snapshot(form).await.unwrap() });
        }
        let first = asked.join_next().await.unwrap().unwrap();
        while let Some(next) = asked.join_next().await {
            assert_eq!(next.unwrap(), first);
        }
        assert_eq!(publisher.stats().built, built + 1);
        advance(Duration::from_millis(990)).await;
        assert_eq!(publisher.snapshot(form).await.unwrap(), first);
        let asked = Instant::now();
        let snapshot: Snapshot = match form {
            Form::Json => serde_json::from_slice(&first).unwrap(),
            Form::Binary => Snapshot::from_binary(&first).unwrap(),
        };
        assert_eq!(snapshot.e, [entry(1)]);
        let as_of = asked - Duration::from_millis(snapshot.complete.age_ms);
        assert!(as_of <= complete_at, "it claims to be younger than it is");
        advance(Duration::from_millis(20)).await;
        publisher.snapshot(form).await.unwrap();
        assert_eq!(publisher.stats().built, built + 2);
        advance(Duration::from_secs(2)).await;
    }
}

#[tokio::test]
async fn an_empty_snapshot_is_one() {
    let publisher = publisher(4);

    let text = publisher.snapshot(Form::Json).await.unwrap();
    let binary = publisher.snapshot(Form::Binary).await.unwrap();

    let text: Snapshot = serde_json::from_slice(&text).unwrap();
    assert_eq!((text.cursor, &text.e[..], text.retention), (at(4), &[][..], 690));
    assert_eq!(Snapshot::from_binary(&binary).unwrap().e, []);
    assert_eq!(text.jwks, json!({ "keys": Value::Array(Vec::new()) }));
}

#[tokio::test]
async fn a_canary_is_told_and_on_no_list() {
    let publisher = publisher(0);
    let canary = WireEntry::Canary { until: NOW, t: publisher.millis() };
    let mut stream = Stream::new(publisher.subscribe(at(0)).unwrap());

    publisher.publish(std::slice::from_ref(&canary), 1, 1).unwrap();

    heartbeat(&mut stream).await;
    let Some(Event::Revocations(told)) = stream.next().await else { panic!("not told") };
    assert_eq!(told.e, [canary]);
    let snapshot = publisher.snapshot(Form::Json).await.unwrap();
    assert_eq!(serde_json::from_slice::<Snapshot>(&snapshot).unwrap().e, []);
}
