//! Who logs in and out, and what the service has acknowledged of it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::chaos::network::pause;
use crate::chaos::verifier::Verifier;
use crate::client::Client;
use crate::random::Random;
use crate::setup::{ALICE, PASSWORD};

/// Most sessions at a time; each is asked about all the time.
const SESSIONS: usize = 24;

/// A token, and what became of it.
#[derive(Clone, Debug)]
pub(super) struct Known {
    pub(super) token: String,
    pub(super) state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    Good,
    /// A logout was sent and nobody knows what became of it.
    Unknown,
    /// A logout was acknowledged at this moment.
    Revoked(Instant),
}

pub(super) struct People {
    http: Client,
    known: Mutex<Vec<Known>>,
}

impl People {
    pub(super) fn new(http: Client) -> Self {
        Self { http, known: Mutex::default() }
    }

    /// Every token there is.
    pub(super) fn tokens(&self) -> Vec<Known> {
        self.known.lock().unwrap().clone()
    }

    /// What has become of one of them by now.
    pub(super) fn state(&self, index: usize) -> State {
        self.known.lock().unwrap()[index].state
    }

    pub(super) fn revoked(&self) -> usize {
        let is_revoked = |known: &&Known| matches!(known.state, State::Revoked(_));
        self.known.lock().unwrap().iter().filter(is_revoked).count()
    }

    /// Logs in, or out, whatever happens to the service.
    pub(super) fn come_and_go(&self, number: usize, is_over: &AtomicBool) {
        let mut random = Random::seeded(number as u64);
        while !is_over.load(Ordering::SeqCst) {
            let good: Vec<usize> = {
                let known = self.known.lock().unwrap();
                (0..known.len()).filter(|index| known[*index].state == State::Good).collect()
            };
            if good.len() < SESSIONS / 3 || random.below(2) == 0 && good.len() < SESSIONS {
                self.log_in();
            } else {
                self.log_out(good[random.place(good.len())]);
            }
            pause(Duration::from_millis(random.below(60)));
        }
    }

    fn log_in(&self) {
        let body = serde_json::json!({ "account": ALICE, "password": PASSWORD });
        let Ok(answer) = self.http.post("/v1/login").json(&body).try_send() else { return };
        if answer.status == 200 {
            let token = answer.data()["access_token"].as_str().unwrap().to_owned();
            self.known.lock().unwrap().push(Known { token, state: State::Good });
        }
    }

    fn log_out(&self, index: usize) {
        let token = {
            let mut known = self.known.lock().unwrap();
            known[index].state = State::Unknown;
            known[index].token.clone()
        };
        let answer = self.http.post("/v1/logout").bearer(&token).try_send();
        if answer.is_ok_and(|answer| answer.status == 200) {
            self.known.lock().unwrap()[index].state = State::Revoked(Instant::now());
        }
    }

    /// A verifier that is fresh again refuses what was revoked, and nothing else.
    pub(super) fn assert_known_to(&self, verifier: &Verifier) {
        for Known { token, state } in self.tokens() {
            match (state, verifier.verdict(&token)) {
                (State::Revoked(_), Err(refusal)) => assert_eq!(refusal.code(), "logged_out"),
                (State::Good, Ok(_)) | (State::Unknown, _) => {}
                (state, verdict) => panic!("{state:?}, and at last {verdict:?}"),
            }
        }
    }
}
