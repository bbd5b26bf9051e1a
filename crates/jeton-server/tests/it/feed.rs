//! The feed as a verifier reads it: over HTTP, from the real program.

use jeton::{Entry, Refused};
use jeton_feed::wire::{Event, MEDIA_TYPE, Polled, Snapshot, WireEntry};
use serde_json::json;

use crate::forge::{Insider, Parts};
use crate::reader::Reader;
use crate::service::{Service, eventually};
use crate::setup::Setup;

const SNAPSHOT: &str = "/v1/revocations/snapshot";

/// A token that may read the feed, as the service would sign one for a client.
pub(crate) fn reading(setup: &Setup, service: &Service) -> String {
    let tokens = service.http.login().tokens();
    let parts = Parts::of(&tokens.access).claim("scope", "revocations:read").without("sid");
    let parts = parts.claim("sub", "orders").claim("client_id", "orders");
    Insider::of(setup).access("at+jwt", &parts)
}

pub(crate) fn snapshot(service: &Service, token: &str) -> Snapshot {
    let answer = service.http.get(SNAPSHOT).bearer(token).send();
    assert_eq!(answer.status, 200, "{answer:?}");
    serde_json::from_value(answer.json()).unwrap()
}

/// Waits until the service knows what it has to tell.
pub(crate) fn until_ready(service: &Service) {
    eventually("ready", || service.http.get("/health/ready").send().status == 200);
}

/// A service that is ready, and a token that may read its feed.
fn start(setup: &Setup) -> (Service, String) {
    let service = setup.start();
    until_ready(&service);
    let token = reading(setup, &service);
    (service, token)
}

/// Waits until so many revocations have been published: an answer does not wait for that.
pub(crate) fn until_published(service: &Service, count: usize) {
    let line = format!("jeton_revocations_published_total {count}\n");
    eventually("published", || service.http.get("/metrics").send().text.contains(&line));
}

/// INV1, INV5: what is revoked after a snapshot comes by the feed, and what was before is in it.
#[test]
fn a_logout_is_in_the_snapshot_or_comes_by_the_feed() {
    let setup = Setup::new().with("FEED__CANARY", "0");
    let (service, token) = start(&setup);
    let (before, after) = (service.http.login().tokens(), service.http.login().tokens());
    assert_eq!(service.http.logout(&before.access).status, 200);
    until_published(&service, 1);

    let snapshot = snapshot(&service, &token);
    let mut feed = Reader::open(&service, &token, snapshot.cursor);
    assert_eq!(service.http.logout(&after.access).status, 200);

    assert!(matches!(feed.next(), Some(Event::Keys(_))));
    let Some(Event::Heartbeat(heartbeat)) = feed.next() else { panic!("no heartbeat") };
    assert_eq!(heartbeat.cursor, snapshot.cursor);
    let revocations = feed.until(|event| match event {
        Event::Revocations(revocations) => Some(revocations),
        _ => None,
    });
    assert_eq!(revocations.after, snapshot.cursor);
    assert_eq!((snapshot.e.len(), revocations.e.len()), (1, 1));
    assert!(matches!(
        revocations.e[0],
        WireEntry::Refused(Entry { refused: Refused::Session(..), .. })
    ));
    let last = feed.until(|event| match event {
        Event::Heartbeat(heartbeat) => Some(heartbeat),
        _ => None,
    });
    assert_eq!(last.cursor, revocations.cursor);
    assert!(
        last.complete.t - last.complete.age_ms > heartbeat.complete.t - heartbeat.complete.age_ms
    );
}

#[test]
fn a_snapshot_says_the_same_in_both_forms() {
    let setup = Setup::new().with("FEED__CANARY", "0");
    let (service, token) = start(&setup);
    for _ in 0..3 {
        let tokens = service.http.login().tokens();
        service.http.logout(&tokens.access);
    }
    until_published(&service, 3);

    let answer = service.http.get(SNAPSHOT).bearer(&token).header("accept", MEDIA_TYPE).send();
    let binary = Snapshot::from_binary(&answer.bytes).unwrap();
    let text = snapshot(&service, &token);

    assert_eq!(answer.header("content-type"), MEDIA_TYPE);
    assert_eq!(answer.header("cache-control"), "no-store");
    assert_eq!((binary.cursor, &binary.jwks), (text.cursor, &text.jwks));
    let sorted = |snapshot: &Snapshot| {
        let mut entries: Vec<_> = snapshot.e.iter().map(|e| format!("{e:?}")).collect();
        entries.sort();
        entries
    };
    assert_eq!(sorted(&binary), sorted(&text));
    assert_eq!(text.e.len(), 3);
    assert_eq!(text.retention, 690);
}

#[test]
fn a_poll_answers_at_once_when_there_is_news_and_after_its_wait_when_there_is_none() {
    let setup = Setup::new().with("FEED__CANARY", "0");
    let (service, token) = start(&setup);
    let poll = |cursor: &str, wait: &str| -> Polled {
        let path = format!("/v1/revocations/poll?cursor={cursor}&wait={wait}");
        let answer = service.http.get(&path).bearer(&token).send();
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_value(answer.json()).unwrap()
    };
    let cursor = snapshot(&service, &token).cursor;
    let tokens = service.http.login().tokens();

    let nothing = poll(&cursor.to_string(), "0");
    service.http.logout(&tokens.access);
    let news = poll(&cursor.to_string(), "25");

    assert_eq!((nothing.after, nothing.cursor, nothing.reset), (cursor, cursor, false));
    assert!(nothing.e.is_empty());
    assert_eq!((news.after, news.e.len(), news.reset), (cursor, 1, false));
    assert!(news.cursor.position > cursor.position);
    for useless in ["0000000000000000.0", "of+another+kind", ""] {
        let reset = poll(useless, "25");
        assert!(reset.reset && reset.e.is_empty(), "{useless}");
    }
    let missing = service.http.get("/v1/revocations/poll").bearer(&token).send();
    missing.assert_refused(400, "bad_request", "no cursor");
}

/// T2, W2, W3: who may not read it, and what they are told.
#[test]
fn the_feed_is_for_those_who_may_read_it() {
    let setup = Setup::new();
    let service = setup.start();
    until_ready(&service);
    let plain = service.http.login().tokens().access;
    for path in [SNAPSHOT, "/v1/revocations/feed?cursor=x", "/v1/revocations/poll?cursor=x"] {
        let ask = || service.http.get(path);
        ask().send().assert_refused(401, "token_missing", path);
        ask().bearer("x.y.z").send().assert_refused(401, "token_malformed", path);
        let refused = ask().bearer(&plain).send();
        refused.assert_refused(403, "insufficient_scope", path);
        let challenge =
            r#"Bearer realm="jeton", error="insufficient_scope", scope="revocations:read""#;
        assert_eq!(refused.header("www-authenticate"), challenge, "{path}");
    }
}

/// T2: a stream lives no longer than the token it was opened with.
#[test]
fn a_stream_ends_when_its_token_is_revoked() {
    let setup = Setup::new();
    let service = setup.start();
    until_ready(&service);
    let tokens = service.http.login().tokens();
    let parts = Parts::of(&tokens.access).claim("scope", "revocations:read");
    let token = Insider::of(&setup).access("at+jwt", &parts);
    let cursor = snapshot(&service, &token).cursor;
    let mut feed = Reader::open(&service, &token, cursor);
    assert!(feed.next().is_some());

    assert_eq!(service.http.logout(&tokens.access).status, 200);

    while feed.next().is_some() {}
    let refused = service.http.get(SNAPSHOT).bearer(&token).send();
    refused.assert_refused(401, "logged_out", "after the logout");
}

/// T2
#[test]
fn a_stream_ends_when_its_token_expires() {
    let setup = Setup::new().with("TOKENS__ACCESS_LIFETIME", "2").with("TOKENS__LEEWAY", "0");
    let (service, token) = start(&setup);
    let cursor = snapshot(&service, &token).cursor;
    let mut feed = Reader::open(&service, &token, cursor);

    assert!(feed.next().is_some());
    while feed.next().is_some() {}
    service.http.get(SNAPSHOT).bearer(&token).send().assert_refused(401, "token_expired", "after");
}

#[test]
fn a_cursor_of_another_feed_is_reset_and_a_restart_makes_another_feed() {
    let setup = Setup::new().with("FEED__CANARY", "0");
    let (service, token) = start(&setup);
    let tokens = service.http.login().tokens();
    service.http.logout(&tokens.access);
    until_published(&service, 1);
    let before = snapshot(&service, &token);
    service.kill();

    let service = setup.start();
    until_ready(&service);
    let mut feed = Reader::open(&service, &token, before.cursor);
    let after = snapshot(&service, &token);

    assert_eq!(feed.next(), Some(Event::Reset { n: 1 }));
    assert_eq!(feed.next(), None);
    assert_ne!(after.cursor.feed, before.cursor.feed);
    assert_eq!(after.e, before.e);
}

#[test]
fn streams_do_not_delay_the_end_of_the_service() {
    let setup = Setup::new().with("HTTP__DRAIN", "600");
    let (service, token) = start(&setup);
    let cursor = snapshot(&service, &token).cursor;
    let mut feed = Reader::open(&service, &token, cursor);
    assert!(feed.next().is_some());

    service.signal("TERM");
    while feed.next().is_some() {}
    let (status, log) = service.wait();

    assert_eq!(status.code(), Some(0), "{log:#?}");
}

/// INV10: readers of the feed leave room for everybody else.
#[test]
fn more_readers_than_there_is_room_for_are_told_to_come_back() {
    let setup = Setup::new().with("FEED__CONNECTIONS", "2");
    let (service, token) = start(&setup);
    let cursor = snapshot(&service, &token).cursor;
    let mut open = [0, 1].map(|_| Reader::open(&service, &token, cursor));
    assert!(open.iter_mut().all(|reader| reader.next().is_some()));

    let path = format!("/v1/revocations/feed?cursor={cursor}");
    let refused = service.http.get(&path).bearer(&token).send();

    refused.assert_refused(503, "unavailable", "a third");
    assert_eq!(service.http.get("/v1/check").bearer(&token).send().status, 200);
    drop(open);
    eventually("there is room again", || {
        let path = format!("/v1/revocations/poll?cursor={cursor}&wait=0");
        service.http.get(&path).bearer(&token).send().status == 200
    });
}

#[test]
fn a_canary_comes_by_the_feed_and_is_on_no_list() {
    let setup = Setup::new().with("FEED__CANARY", "1");
    let (service, token) = start(&setup);
    let cursor = snapshot(&service, &token).cursor;
    let mut feed = Reader::open(&service, &token, cursor);

    let revocations = feed.until(|event| match event {
        Event::Revocations(revocations) => Some(revocations),
        _ => None,
    });
    let heartbeat = feed.until(|event| match event {
        Event::Heartbeat(heartbeat) => Some(heartbeat),
        _ => None,
    });

    let WireEntry::Canary { t, until } = revocations.e[0] else { panic!("{revocations:?}") };
    assert!(t <= heartbeat.complete.t && until > heartbeat.complete.now);
    assert_eq!(snapshot(&service, &token).e, []);
    let answer = service.http.get(SNAPSHOT).bearer(&token).send();
    assert_eq!(answer.json()["e"], json!([]));
}

/// INV10: an operator hears of it, and nothing that was revoked gets through.
#[test]
fn a_list_that_is_full_says_so_and_refuses_no_less() {
    let setup = Setup::new().with("FEED__MAX_ENTRIES", "64");
    let service = setup.start();
    let http = &service.http;
    let ended: Vec<_> = (0..70).map(|_| http.login().tokens()).collect();

    for tokens in &ended {
        // The full list refuses more than was revoked: then the refresh token ends the session.
        let body = json!({ "refresh_token": tokens.refresh });
        let logout = http.post("/v1/logout").bearer(&tokens.access).json(&body).send();
        assert_eq!(logout.status, 200, "{logout:?}");
    }

    service.wait_for("revocation_list_full");
    for tokens in &ended {
        assert_eq!(http.me(&tokens.access).status, 401);
    }
    eventually("a login is good again", || {
        let login = http.login();
        assert!([200, 503].contains(&login.status), "{login:?}");
        login.status == 200 && http.me(&login.tokens().access).status == 200
    });
}
