//! A verifier by the letter of `docs/feed.md`: it checks every number, and says what it cannot go on
//! with.

use std::collections::BTreeSet;

use jeton_feed::publish::{Form, Publisher, Subscription};
use jeton_feed::wire::{Complete, Event, FeedCursor, Snapshot, WireEntry};

/// The events in some bytes of a stream, which may end inside one.
pub(crate) fn events(bytes: &[u8]) -> Vec<Event> {
    let text = std::str::from_utf8(bytes).unwrap();
    let event = |text: &str| {
        let (name, data) = text.split_once('\n').unwrap();
        Event::parse(name.strip_prefix("event: ").unwrap(), data.strip_prefix("data: ").unwrap())
    };
    text.split_terminator("\n\n").map(|text| event(text).unwrap()).collect()
}

/// Reads one connection, event by event.
pub(crate) struct Stream {
    subscription: Subscription,
    bytes: Vec<u8>,
    n: u64,
}

impl Stream {
    pub(crate) fn new(subscription: Subscription) -> Self {
        Self { subscription, bytes: Vec::new(), n: 0 }
    }

    /// The next event, with the right number; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Event> {
        loop {
            let end = self.bytes.windows(2).position(|pair| pair == b"\n\n");
            if let Some(end) = end {
                let event = events(&self.bytes.drain(..end + 2).collect::<Vec<_>>()).remove(0);
                self.n += 1;
                assert_eq!(event.n(), self.n, "{event:?}");
                return Some(event);
            }
            self.bytes.extend_from_slice(&self.subscription.next().await?);
        }
    }
}

/// What a verifier has.
pub(crate) struct Verifier {
    pub(crate) cursor: FeedCursor,
    pub(crate) entries: BTreeSet<String>,
    pub(crate) complete: Option<Complete>,
}

impl Verifier {
    /// One that has taken the snapshot.
    pub(crate) async fn start(publisher: &Publisher) -> Self {
        let bytes = publisher.snapshot(Form::Binary).await.unwrap();
        let snapshot = Snapshot::from_binary(&bytes).unwrap();
        let mut verifier =
            Self { cursor: snapshot.cursor, entries: BTreeSet::new(), complete: None };
        verifier.merge(&snapshot.e);
        verifier
    }

    pub(crate) fn merge(&mut self, entries: &[WireEntry]) {
        self.entries.extend(entries.iter().map(|entry| format!("{entry:?}")));
    }

    /// Takes an event; one that does not fit fails the test.
    pub(crate) fn take(&mut self, event: Event) {
        match event {
            Event::Keys(_) => {}
            Event::Revocations(revocations) => {
                assert_eq!(revocations.after, self.cursor, "something was lost");
                self.merge(&revocations.e);
                self.cursor = revocations.cursor;
            }
            Event::Heartbeat(heartbeat) => {
                assert_eq!(heartbeat.cursor, self.cursor, "something was lost");
                self.complete = Some(heartbeat.complete);
            }
            Event::Reset { .. } => panic!("a cursor that was just handed out is of no use"),
        }
    }
}
