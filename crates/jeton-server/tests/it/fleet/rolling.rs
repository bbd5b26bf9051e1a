//! Nodes are restarted one after the other, under load, and nobody notices.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use serde_json::json;

use crate::answer::{Answer, Tokens};
use crate::client::{Ask, Client};
use crate::fleet::balancer::Balancer;
use crate::fleet::nodes::{BACKEND, Fleet, until_ready};
use crate::service::eventually;
use crate::setup::{ALICE, PASSWORD};

/// Programs that use the fleet at a time.
const PEOPLE: usize = 4;

/// What happened in all.
#[derive(Default)]
struct Tally {
    stop: AtomicBool,
    requests: AtomicU64,
    refreshed: AtomicU64,
    ended: AtomicU64,
    retried: AtomicU64,
}

/// Somebody who does what programs do: an outage is waited for, a refusal believed.
struct Person {
    name: String,
    http: Client,
    tally: Arc<Tally>,
}

impl Person {
    /// Asks until somebody answers who knows.
    fn ask<'c>(&'c self, ask: impl Fn(&'c Client) -> Ask<'c>) -> Answer {
        loop {
            self.tally.requests.fetch_add(1, Ordering::Relaxed);
            match ask(&self.http).try_send() {
                Ok(answer) if answer.status != 503 => return answer,
                _ => self.tally.retried.fetch_add(1, Ordering::Relaxed),
            };
        }
    }

    /// With a password, as people do.
    fn log_in(&self) -> Tokens {
        let body = json!({ "account": ALICE, "password": PASSWORD });
        self.ask(|http| http.post("/v1/login").json(&body)).tokens()
    }

    /// By a program that has checked who it is.
    fn open(&self) -> Tokens {
        let form = [("grant_type", "client_credentials"), ("scope", "sessions:manage")];
        let token = self.ask(|http| http.post("/oauth2/token").client(BACKEND).form(&form));
        assert_eq!(token.status, 200, "{token:?}");
        let token = token.json()["access_token"].as_str().unwrap().to_owned();
        let path = format!("/admin/v1/subjects/{}/sessions", self.name);
        self.ask(|http| http.post(&path).bearer(&token).json(&json!({}))).tokens()
    }

    /// A session from its beginning to its end.
    fn live(&self) {
        let by_password = self.tally.ended.load(Ordering::Relaxed).is_multiple_of(4);
        let mut tokens = if by_password { self.log_in() } else { self.open() };
        for _ in 0..5 {
            for _ in 0..4 {
                let me = self.ask(|http| http.get("/v1/me").bearer(&tokens.access));
                assert_eq!(me.status, 200, "a good token: {me:?}");
            }
            let body = json!({ "refresh_token": tokens.refresh });
            tokens = self.ask(|http| http.post("/v1/refresh").json(&body)).tokens();
            self.tally.refreshed.fetch_add(1, Ordering::Relaxed);
        }
        let done = self.ask(|http| http.post("/v1/logout").bearer(&tokens.access));
        // One that was carried out and not answered is refused the next time.
        assert!(done.status == 200 || done.code() == "logged_out", "{done:?}");
        let body = json!({ "refresh_token": tokens.refresh });
        let after = self.ask(|http| http.post("/v1/refresh").json(&body));
        after.assert_refused(401, "logged_out", "at once, at any node");
        eventually("refused by every node", || {
            (0..6).all(|_| self.ask(|http| http.get("/v1/me").bearer(&tokens.access)).status == 401)
        });
        self.tally.ended.fetch_add(1, Ordering::Relaxed);
    }
}

/// F18, R5, INV1: every node is stopped and started again, in order and by `kill -9`, while people
/// use the fleet. No good token is refused, no session is lost, and what ended has ended everywhere.
#[test]
fn nodes_are_restarted_one_after_the_other_and_nobody_notices() {
    let fleet = Fleet::new();
    fleet.node().add_account(ALICE, PASSWORD);
    let (folders, services) = fleet.start::<3>();
    let mut services = services.map(Some);
    let addresses = services.each_ref().map(|service| service.as_ref().unwrap().address);
    let balancer = Balancer::over(&addresses);
    let tally = Arc::new(Tally::default());
    let people: Vec<_> = (0..PEOPLE)
        .map(|n| {
            let http = Client::new(balancer.address);
            let person = Person { name: format!("p{n}"), http, tally: Arc::clone(&tally) };
            thread::spawn(move || {
                while !person.tally.stop.load(Ordering::Relaxed) {
                    person.live();
                }
            })
        })
        .collect();

    for (round, signal) in ["TERM", "KILL"].into_iter().enumerate() {
        for at in 0..services.len() {
            let before = tally.ended.load(Ordering::Relaxed);
            let service = services[at].take().unwrap();
            service.signal(signal);
            let (status, log) = service.wait();
            assert!(signal == "KILL" || status.code() == Some(0), "{log:#?}");
            let service = folders[at].start();
            balancer.moves(at, service.address);
            until_ready(&service);
            services[at] = Some(service);
            if (round, at) == (0, 1) {
                assert_eq!(folders[0].run(&["keys", "rotate"], "").code, Some(0));
            }
            eventually("people go on", || {
                people.iter().any(thread::JoinHandle::is_finished)
                    || tally.ended.load(Ordering::Relaxed) >= before + 2
            });
        }
    }
    tally.stop.store(true, Ordering::Relaxed);
    for person in people {
        person.join().unwrap();
    }

    let count = |number: &AtomicU64| number.load(Ordering::Relaxed);
    println!(
        "{} requests, {} again, {} refreshes, {} sessions",
        count(&tally.requests),
        count(&tally.retried),
        count(&tally.refreshed),
        count(&tally.ended)
    );
    assert!(count(&tally.ended) >= 12 && count(&tally.refreshed) >= 60);
}
