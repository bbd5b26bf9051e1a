//! The recorded feeds of `feed-vectors/`, against the library.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jeton::{
    Algorithm, Fingerprint, Guard, KeyId, KeySet, Moment, Policy, PrivateKey, RevocationList,
    SessionId, SigningKey, StalePolicy, Staleness, SubjectKey, Timestamp, Verdict, jws,
};
use jeton_feed::clock::TwoClocks;
use jeton_feed::follow::{Follower, Step, Then};
use serde_json::{Value, json};

const KEYS: [&str; 4] = ["k", "k1", "k2", "k3"];

/// A verifier as a scenario begins: an empty list, never connected.
struct Runner<'k> {
    keys: &'k [SigningKey],
    start: Instant,
    guard: Guard,
    clocks: TwoClocks,
    follower: Follower,
    kids: Vec<Value>,
    delay: Option<Duration>,
}

impl<'k> Runner<'k> {
    fn new(keys: &'k [SigningKey]) -> Self {
        let start = Instant::now() + Duration::from_hours(1);
        let list = Arc::new(RevocationList::following());
        let follower = Follower::new(Arc::clone(&list));
        let verifying = KeySet::new(keys.iter().map(SigningKey::verifying_key)).unwrap();
        let guard = Guard::new(verifying, Policy::access_token("vectors", "vectors"), list);
        let (clocks, kids) = (TwoClocks::new(start), Vec::new());
        Self { keys, start, guard, clocks, follower, kids, delay: None }
    }

    fn step(&mut self, step: &Value) {
        match text(step, "do") {
            "snapshot" => self.snapshot(step),
            "request" => self.follower.connected(self.at(step, "at_ms")),
            "event" => {
                let data =
                    step["raw"].as_str().map_or_else(|| step["data"].to_string(), str::to_owned);
                let at = self.at(step, "at_ms");
                let taken = self.follower.event(text(step, "event"), &data, at);
                self.take(taken, step);
            }
            "poll" => {
                let answer = step["data"].to_string();
                let taken = self.follower.polled(answer.as_bytes(), self.at(step, "sent_ms"));
                self.take(taken, step);
            }
            "check" => self.check(step),
            "sweep" => {
                let own = Timestamp::from_secs(step["wall"].as_u64().unwrap());
                if let Some(now) = self.clocks.earlier(own, self.at(step, "at_ms")) {
                    self.guard.revocations().sweep(now);
                }
            }
            "expect" => self.expect(step),
            "id" => id(step),
            other => panic!("a step that is not known: {other}"),
        }
    }

    fn at(&self, step: &Value, member: &str) -> Instant {
        self.start + Duration::from_millis(step[member].as_u64().unwrap())
    }

    fn snapshot(&mut self, step: &Value) {
        let then = match self.follower.snapshot(step["data"].to_string().as_bytes()) {
            Ok(taken) => {
                self.kids = kids(&taken.keys);
                self.clocks.told(taken.now, self.at(step, "at_ms"));
                "none"
            }
            Err(_) => "snapshot",
        };
        assert_eq!(then, text(step, "then"));
    }

    fn take(&mut self, taken: Step, step: &Value) {
        if let Some(keys) = taken.keys {
            self.kids = kids(&keys);
        }
        if let Some(now) = taken.now {
            self.clocks.told(now, self.at(step, "at_ms"));
        }
        self.delay = taken.delay.or(self.delay);
        let then = match taken.then {
            Then::GoOn => "none",
            Then::Reconnect => "reconnect",
            Then::FetchSnapshot => "snapshot",
        };
        assert_eq!(then, text(step, "then"));
    }

    fn check(&self, step: &Value) {
        let mut claims = step["claims"].clone();
        let others = json!({ "iss": "vectors", "aud": "vectors", "client_id": "vectors" });
        claims.as_object_mut().unwrap().extend(others.as_object().unwrap().clone());
        let kid = text(step, "kid");
        let key = self.keys.iter().find(|key| key.id().is_some_and(|id| id.as_str() == kid));
        let token = jws::sign(key.unwrap(), "at+jwt", claims.to_string().as_bytes()).unwrap();

        let at = self.at(step, "at_ms");
        let own = Timestamp::from_secs(step["wall"].as_u64().unwrap());
        let now = Moment::new(self.clocks.later(own, at), at);
        let verdict = match self.guard.examine(&token, now, staleness(&step["stale"])) {
            Ok(Verdict::Admitted(_)) => "accepted",
            Ok(Verdict::Unconfirmed(_)) => "ask",
            Err(refusal) => refusal.code(),
        };
        assert_eq!(verdict, text(step, "expect"));
    }

    fn expect(&self, step: &Value) {
        let list = self.guard.revocations();
        let staleness = list.staleness(self.at(step, "at_ms"));
        let millis = |span: Option<Duration>| span.map(|span| span.as_millis());
        let is_fresh = staleness.is_some_and(|age| age <= Duration::from_secs(5));
        let known = json!({
            "staleness_ms": millis(staleness).map(|ms| u64::try_from(ms).unwrap()),
            "fresh": is_fresh,
            "cursor": self.follower.cursor().map(|cursor| cursor.to_string()),
            "entries": list.len(),
            "kids": self.kids,
            "delay_ms": millis(self.delay).map(|ms| u64::try_from(ms).unwrap()),
        });
        for (member, expected) in step.as_object().unwrap() {
            if !["do", "at_ms", "why"].contains(&member.as_str()) {
                assert_eq!(known.get(member), Some(expected), "{member}");
            }
        }
    }
}

fn id(step: &Value) {
    let named = text(step, "text");
    let id = match text(step, "of") {
        "session" => Fingerprint::of_session(SessionId::parse(named).unwrap()),
        "token" => Fingerprint::of_token(named),
        _ => Fingerprint::of_subject(SubjectKey::of(named)),
    };
    assert_eq!(id.to_string(), text(step, "expect"));
}

fn staleness(stale: &Value) -> Staleness {
    let millis = |member: &str| stale[member].as_u64().map(Duration::from_millis);
    let policy = match text(stale, "policy") {
        "refuse" => StalePolicy::Refuse,
        "ask" => StalePolicy::Ask,
        "accept_recent" => StalePolicy::AcceptRecent,
        _ => StalePolicy::Accept(millis("most_ms").unwrap()),
    };
    Staleness { max: millis("max_ms").unwrap(), policy }
}

fn kids(jwks: &Value) -> Vec<Value> {
    jwks["keys"].as_array().unwrap().iter().map(|key| key["kid"].clone()).collect()
}

fn text<'v>(value: &'v Value, member: &str) -> &'v str {
    value[member].as_str().unwrap_or_else(|| panic!("`{member}` of {value}"))
}

/// INV1, INV5, INV6
#[test]
fn the_library_does_what_the_vectors_say() {
    let key = |kid| {
        let key = PrivateKey::generate(Algorithm::Es256).unwrap();
        SigningKey::private(key).with_id(KeyId::new(kid).unwrap())
    };
    let keys = KEYS.map(key);
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../feed-vectors");
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    let files: Vec<_> =
        files.filter(|file| file.extension().is_some_and(|e| e == "jsonl")).collect();
    assert!(files.len() >= 10, "where are the vectors?");

    let mut scenarios = 0;
    for file in files {
        let mut runner = Runner::new(&keys);
        for (number, line) in (1..).zip(fs::read_to_string(&file).unwrap().lines()) {
            let step: Value = serde_json::from_str(line).unwrap();
            if step.get("scenario").is_some() {
                scenarios += 1;
                runner = Runner::new(&keys);
                continue;
            }
            println!("{}:{number}", file.display());
            runner.step(&step);
        }
    }
    assert!(scenarios >= 50, "{scenarios} scenarios");
}
