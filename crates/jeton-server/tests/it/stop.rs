//! Stopping in order.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use serde_json::json;

use crate::client::begin;
use crate::setup::{ALICE, PASSWORD, Setup};

/// A deployment loses no request: what has begun is answered, and nobody new is let in.
#[test]
fn a_request_that_has_begun_is_answered_before_the_end() {
    for signal in ["TERM", "INT"] {
        let setup = Setup::new().with_fixed_port();
        let service = setup.start();
        let login = json!({ "account": ALICE, "password": PASSWORD }).to_string();
        let mut connection = begin(service.address, "/v1/login", login.len());

        service.signal(signal);
        service.wait_for("draining");
        let late = TcpStream::connect(service.address);
        connection.write_all(login.as_bytes()).unwrap();
        let mut answer = String::new();
        connection.read_to_string(&mut answer).unwrap();
        let (status, log) = service.wait();

        assert!(late.is_err(), "{signal}");
        assert!(answer.starts_with("HTTP/1.1 200 OK\r\n"), "{signal}: {answer}");
        assert!(answer.contains("access_token"), "{signal}: {answer}");
        assert_eq!(status.code(), Some(0), "{signal}: {log:#?}");
        assert!(log.last().unwrap().contains("stopped"), "{signal}: {log:#?}");
    }
}

/// A connection on which nothing is asked holds up nobody.
#[test]
fn idle_connections_do_not_delay_the_end() {
    let setup = Setup::new().with("HTTP__DRAIN", "600");
    let service = setup.start();
    let mut idle = TcpStream::connect(service.address).unwrap();
    assert_eq!(service.http.login().status, 200);

    service.signal("TERM");
    let (status, _) = service.wait();

    assert_eq!(status.code(), Some(0));
    assert_eq!(idle.read(&mut [0]).unwrap(), 0);
}

/// A client that never finishes is cut off in the end.
#[test]
fn a_request_that_never_ends_is_cut_off_after_the_drain() {
    let setup = Setup::new().with("HTTP__DRAIN", "0");
    let service = setup.start();
    let _unfinished = begin(service.address, "/v1/login", 1000);

    service.signal("TERM");
    let (status, log) = service.wait();

    assert_eq!(status.code(), Some(0), "{log:#?}");
    assert!(log.iter().any(|line| line.contains("drained_late")), "{log:#?}");
}

/// R5, F18: a restart forgets neither sessions nor their ends.
#[test]
fn a_restart_forgets_nothing() {
    let setup = Setup::new().with("SESSION__GRACE", "0");
    let service = setup.start();
    let http = &service.http;
    let (alive, ended, victim) =
        (http.login().tokens(), http.login().tokens(), http.login().tokens());
    http.logout(&ended.access);
    let next = http.refresh(&victim.refresh).tokens();
    service.signal("TERM");
    assert_eq!(service.wait().0.code(), Some(0));

    let service = setup.start();
    let http = &service.http;

    assert_eq!(http.me(&alive.access).status, 200);
    assert_eq!(http.refresh(&alive.refresh).status, 200);
    http.me(&ended.access).assert_refused(401, "logged_out", "access token");
    http.refresh(&ended.refresh).assert_refused(401, "logged_out", "refresh token");
    http.refresh(&victim.refresh).assert_refused(401, "replayed", "spent before the restart");
    http.me(&next.access).assert_refused(401, "replayed", "the thief's or the victim's");
}
