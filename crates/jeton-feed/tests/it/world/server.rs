//! A server that keeps its word.

use jeton::{Entry, Fingerprint, KeyId, Reason, Refused, Timestamp};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::Index;
use serde_json::{Value, json};

/// An event on its way.
#[derive(Clone, Debug)]
pub(super) struct Event {
    pub(super) name: &'static str,
    data: Value,
    cut: Option<Index>,
}

impl Event {
    fn new(name: &'static str, data: Value) -> Self {
        Self { name, data, cut: None }
    }

    pub(super) fn text(&self) -> String {
        let mut text = self.data.to_string();
        if let Some(cut) = self.cut {
            text.truncate(cut.index(text.len()));
        }
        text
    }

    pub(super) fn truncate(&mut self, cut: Index) {
        self.cut = Some(cut);
    }

    /// As if one before it had never been.
    pub(super) fn count_down(&mut self) {
        let n = self.data["n"].as_u64().unwrap();
        self.data["n"] = (n.saturating_sub(1)).into();
    }
}

/// The server: a log of what was revoked when, and how much of it was read.
pub(super) struct Server {
    pub(super) log: Vec<(u64, Entry)>,
    clock: u64,
    feed: u64,
    read: usize,
    complete: u64,
    /// The number of the next event of the connection, if there is one.
    connection: Option<u64>,
    cached: Option<(u64, String)>,
}

impl Server {
    pub(super) fn new(clock: u64) -> Self {
        let (log, cached, connection) = (Vec::new(), None, None);
        Self { log, clock, feed: 1, read: 0, complete: 0, connection, cached }
    }

    pub(super) fn revoke(&mut self, now: u64) {
        let id = Fingerprint::from_u64(self.log.len() as u64);
        let until = Timestamp::from_secs(1_800_000_000);
        self.log.push((now, Entry { refused: Refused::Session(id, Reason::Kicked), until }));
    }

    pub(super) fn revoked(&self) -> Vec<Entry> {
        sorted(self.log.iter().map(|(_, entry)| entry.clone()).collect())
    }

    pub(super) fn catch_up(&mut self, now: u64) -> Option<Event> {
        let after = std::mem::replace(&mut self.read, self.log.len());
        self.complete = now;
        if after == self.read { None } else { self.event("rev", self.revocations(after)) }
    }

    pub(super) fn beat(&mut self, now: u64) -> Option<Event> {
        let mut beat = self.complete(now);
        beat["cursor"] = self.cursor(self.read).into();
        self.event("hb", beat)
    }

    pub(super) fn connect(&mut self, cursor: &str, now: u64) -> Vec<Event> {
        self.connection = Some(1);
        let keys = self.event("keys", json!({ "jwks": { "keys": [] } }));
        let Some(after) = self.place(cursor) else {
            let events = keys.into_iter().chain(self.event("reset", json!({}))).collect();
            self.connection = None;
            return events;
        };
        let caught_up = self.event("rev", self.revocations(after));
        keys.into_iter().chain(caught_up).chain(self.beat(now)).collect()
    }

    pub(super) fn poll(&mut self, cursor: &str, now: u64) -> String {
        let after = self.place(cursor);
        let mut answer = self.revocations(after.unwrap_or(self.read));
        merge(&mut answer, self.complete(now));
        merge(&mut answer, json!({ "jwks": { "keys": [] }, "reset": after.is_none() }));
        answer.to_string()
    }

    /// A snapshot that may have been made for somebody else a second ago.
    pub(super) fn snapshot(&mut self, now: u64) -> String {
        if let Some((made, snapshot)) = &self.cached
            && now - made < 1_000
        {
            return snapshot.clone();
        }
        let mut snapshot = self.revocations(0);
        merge(&mut snapshot, self.complete(now));
        merge(&mut snapshot, json!({ "retention": 690, "jwks": { "keys": [] } }));
        self.cached = Some((now, snapshot.to_string()));
        snapshot.to_string()
    }

    pub(super) fn restart(&mut self) {
        self.feed += 1;
        self.cached = None;
        self.hang_up();
    }

    pub(super) fn hang_up(&mut self) {
        self.connection = None;
    }

    fn event(&mut self, name: &'static str, mut data: Value) -> Option<Event> {
        let n = self.connection.as_mut()?;
        data["n"] = (*n).into();
        *n += 1;
        Some(Event::new(name, data))
    }

    fn revocations(&self, after: usize) -> Value {
        let entries = &self.log[after..self.read];
        let entries: Vec<Value> = entries.iter().map(|(_, entry)| wire(entry)).collect();
        json!({ "after": self.cursor(after), "cursor": self.cursor(self.read), "e": entries })
    }

    fn complete(&self, now: u64) -> Value {
        let age = now - self.complete;
        json!({ "t": self.clock + now, "age_ms": age, "now": 1_795_284_925 + now / 1_000 })
    }

    fn cursor(&self, place: usize) -> String {
        format!("{:016x}.{place}", self.feed)
    }

    fn place(&self, cursor: &str) -> Option<usize> {
        let (feed, place) = cursor.split_once('.').unwrap();
        let place = place.parse().unwrap();
        (feed == format!("{:016x}", self.feed) && place <= self.read).then_some(place)
    }
}

/// In an order that does not depend on how they came.
pub(super) fn sorted(mut entries: Vec<Entry>) -> Vec<Entry> {
    entries.sort_by(|a, b| (&a.refused, a.until).cmp(&(&b.refused, b.until)));
    entries
}

/// Some revocations, as text; the same few ids, so that they meet.
pub(super) fn any_revocations() -> impl Strategy<Value = String> {
    let entry = (0..6_usize, 0..3_u64, 0..4_u64, 0..7_u64).prop_map(|(kind, id, until, value)| {
        let id = Fingerprint::from_u64(id);
        let reason = Reason::ALL[usize::try_from(value).unwrap()];
        let at = Timestamp::from_secs(value);
        let refused = match kind {
            0 => Refused::Session(id, reason),
            1 => Refused::Token(id, reason),
            2 => Refused::Versions(id, value),
            3 => Refused::Issued(id, at),
            4 => Refused::All(at),
            _ => Refused::Key(KeyId::new(&id.to_string()).unwrap()),
        };
        wire(&Entry { refused, until: Timestamp::from_secs(until) })
    });
    let cursor = || (0..3_u64).prop_map(|place| format!("00000000000000aa.{place}"));
    (0..5_u64, cursor(), cursor(), vec(entry, 0..6)).prop_map(|(n, after, cursor, e)| {
        json!({ "n": n, "after": after, "cursor": cursor, "e": e }).to_string()
    })
}

fn wire(entry: &Entry) -> Value {
    let until = entry.until;
    match &entry.refused {
        Refused::Session(id, reason) => json!(["s", id.to_string(), until, reason.code()]),
        Refused::Token(id, reason) => json!(["t", id.to_string(), until, reason.code()]),
        Refused::Versions(id, version) => json!(["v", id.to_string(), until, version]),
        Refused::Issued(id, at) => json!(["i", id.to_string(), until, at]),
        Refused::All(at) => json!(["a", "", until, at]),
        Refused::Key(id) => json!(["k", id.as_str(), until, 0]),
        other => panic!("{other:?}"),
    }
}

fn merge(into: &mut Value, from: Value) {
    let Value::Object(from) = from else { return };
    into.as_object_mut().unwrap().extend(from);
}
