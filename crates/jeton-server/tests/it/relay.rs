//! A relay beside a service: it says what the service says, a moment later, and knows how late.

use std::fs;

use jeton_feed::wire::{Event, WireEntry};
use serde_json::Value;

use crate::feed::{snapshot, until_ready};
use crate::reader::Reader;
use crate::service::{Service, eventually};
use crate::setup::{Setup, secret_of};

/// Who may read the feed.
const CLIENT: &str = "rack-7";

fn issuer() -> Setup {
    let setup = Setup::new().with("FEED__CANARY", "1").with_fixed_port();
    setup.with_client(CLIENT, &["revocations:read"])
}

/// A relay of this service, in a folder of its own.
fn relay_of(service: &Service) -> (Setup, Service) {
    relay_at(service, service)
}

/// A relay of this one, which gets its tokens from the service.
fn relay_at(upstream: &Service, service: &Service) -> (Setup, Service) {
    let setup = Setup::empty()
        .with("RELAY__UPSTREAM", &format!("http://{}", upstream.address))
        .with("RELAY__TOKENS_FROM", &format!("http://{}", service.address))
        .with("RELAY__CLIENT_ID", CLIENT)
        .with("RELAY__CLIENT_SECRET_FILE", "secret")
        .with("RELAY__FILE", "list")
        .with("RELAY__NAME", "relay-1");
    fs::write(setup.path("secret"), format!("{}\n", secret_of(CLIENT))).unwrap();
    let relay = Service::spawn(&mut setup.command(&["relay", "--listen", "127.0.0.1:0"]));
    (setup, relay)
}

fn code(relay: &Service, token: &str) -> String {
    let answer = relay.http.get("/v1/check").bearer(token).send();
    match answer.status {
        200 => "accepted".to_owned(),
        _ => answer.json()["code"].as_str().unwrap_or_default().to_owned(),
    }
}

/// INV1: what a gateway asks a relay is answered as by the service, soon after a logout too.
#[test]
fn a_gateway_may_ask_a_relay() {
    let setup = issuer();
    let service = setup.start();
    let (folder, relay) = relay_of(&service);
    until_ready(&relay);
    let (tokens, others) = (service.http.login().tokens(), service.http.login().tokens());
    let admitted = relay.http.get("/v1/check").bearer(&tokens.access).send();
    assert_eq!(admitted.status, 200, "{admitted:?}");
    assert!(!admitted.header("jeton-subject").is_empty());

    service.http.logout(&tokens.access);

    eventually("refused", || code(&relay, &tokens.access) == "logged_out");
    assert_eq!(code(&relay, &others.access), "accepted");
    let keys = |http: &Service| -> Value { http.http.get("/.well-known/jwks.json").send().json() };
    assert_eq!(keys(&relay), keys(&service));
    assert!(relay.http.get("/metrics").send().text.contains("jeton_revocation_list_entries 1\n"));
    assert!(!folder.data().exists(), "it keeps no data of its own");
}

/// INV1, INV5: a verifier reads a relay as it reads the service.
#[test]
fn a_verifier_may_read_a_relay() {
    let setup = issuer();
    let service = setup.start();
    let (_folder, relay) = relay_of(&service);
    until_ready(&relay);
    let token = service.http.client_token(CLIENT, "revocations:read");
    let alice = service.http.login().tokens();
    let before = snapshot(&relay, &token);
    assert_ne!(before.cursor.feed, snapshot(&service, &token).cursor.feed, "a feed of its own");

    let mut feed = Reader::open(&relay, &token, before.cursor);
    service.http.logout(&alice.access);

    let (mut revoked, mut canaries) = (false, Vec::new());
    let beat = feed.until(|event| {
        match event {
            Event::Revocations(revocations) => {
                for entry in revocations.e {
                    match entry {
                        WireEntry::Refused(_) => revoked = true,
                        WireEntry::Canary { t, .. } => canaries.push(t),
                    }
                }
            }
            Event::Heartbeat(beat) if revoked && !canaries.is_empty() => return Some(beat),
            _ => {}
        }
        None
    });
    assert!(canaries.iter().all(|t| *t <= beat.complete.t), "on its own clock: {canaries:?}");
    assert!(beat.complete.age_ms < 5_000);
    // A snapshot serves whoever asks in the same second.
    eventually("in the snapshot", || snapshot(&relay, &token).e.len() == 1);
    relay.http.get("/v1/revocations/snapshot").send().assert_refused(401, "token_missing", "");
}

/// INV5, INV9, W5: without the service it says that it does not know; with it, all is well again.
#[test]
fn a_relay_outlives_its_service() {
    let setup = issuer();
    let service = setup.start();
    let (_folder, relay) = relay_of(&service);
    until_ready(&relay);
    let (tokens, others) = (service.http.login().tokens(), service.http.login().tokens());
    let reading = service.http.client_token(CLIENT, "revocations:read");
    service.http.logout(&tokens.access);
    eventually("refused", || code(&relay, &tokens.access) == "logged_out");
    let first = snapshot(&relay, &reading);

    service.kill();
    eventually("stale", || code(&relay, &others.access) == "stale");
    let refused = relay.http.get("/v1/check").bearer(&others.access).send();
    assert_eq!((refused.status, refused.header("retry-after")), (503, "1"));
    assert_eq!(code(&relay, &tokens.access), "logged_out", "what is refused stays refused");
    assert_eq!(relay.http.get("/health/ready").send().status, 503);
    let old = snapshot(&relay, &reading);
    assert!(old.complete.age_ms > 4_000, "its age is told: {}", old.complete.age_ms);

    let service = setup.start();
    eventually("fresh", || code(&relay, &others.access) == "accepted");
    assert_ne!(snapshot(&relay, &reading).cursor.feed, first.cursor.feed, "it began anew");
    drop(service);
}

/// INV1: a relay of a relay.
#[test]
fn a_logout_passes_two_relays() {
    let setup = issuer();
    let service = setup.start();
    let (_rack, first) = relay_of(&service);
    let (_host, second) = relay_at(&first, &service);
    until_ready(&second);
    let tokens = service.http.login().tokens();
    assert_eq!(code(&second, &tokens.access), "accepted");

    service.http.logout(&tokens.access);

    eventually("refused", || code(&second, &tokens.access) == "logged_out");
}

#[test]
fn a_relay_says_what_is_missing() {
    let setup = Setup::empty().with("RELAY__UPSTREAM", "http://127.0.0.1:1");
    let ended = setup.run(&["relay", "--listen", "127.0.0.1:0"], "");
    assert_eq!(ended.code, Some(2), "{ended:?}");
    assert!(ended.errors.contains("relay.client_id is missing"), "{ended:?}");

    let setup = Setup::empty()
        .with("RELAY__UPSTREAM", "http://login.example")
        .with("RELAY__CLIENT_ID", CLIENT)
        .with("RELAY__CLIENT_SECRET_FILE", "secret");
    let ended = setup.run(&["relay", "--listen", "127.0.0.1:0"], "");
    assert!(ended.errors.contains("relay.client_secret_file"), "{ended:?}");
    fs::write(setup.path("secret"), secret_of(CLIENT)).unwrap();
    let ended = setup.run(&["relay", "--listen", "127.0.0.1:0"], "");
    assert!(ended.errors.contains("plain http to another machine"), "{ended:?}");
}

/// A relay that is told to stop does not wait for its readers.
#[test]
fn a_relay_stops_with_readers() {
    let setup = issuer();
    let service = setup.start();
    let (_folder, relay) = relay_of(&service);
    until_ready(&relay);
    let token = service.http.client_token(CLIENT, "revocations:read");
    let mut feed = Reader::open(&relay, &token, snapshot(&relay, &token).cursor);

    relay.signal("TERM");

    while feed.next().is_some() {}
    let (status, log) = relay.wait();
    assert!(status.success(), "{log:#?}");
    assert!(!log.iter().any(|line| line.contains("drained_late")), "{log:#?}");
}
