//! Who logs in and out, and what the service has acknowledged of it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use crate::chaos::network::pause;
use crate::chaos::verifier::Verifier;
use crate::client::{Ask, Client};
use crate::random::Random;
use crate::setup::{ALICE, PASSWORD};

/// Most sessions at a time; each is asked about all the time.
const SESSIONS: usize = 24;

/// How long a token is asked about: it lives for ten minutes.
const LIFE: Duration = Duration::from_mins(8);

/// A token, and what became of it.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    pub(crate) token: String,
    pub(crate) state: State,
    /// When its session was opened.
    since: Instant,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    Good,
    /// A logout was sent and nobody knows what became of it.
    Unknown,
    /// A logout was acknowledged at this moment.
    Revoked(Instant),
}

/// How somebody logs in: a token, if the service gives one.
type LogIn = fn(&Client) -> Option<String>;

pub(crate) struct People {
    /// Whom they may ask, each as well as any other.
    services: Mutex<Vec<Client>>,
    log_in: LogIn,
    known: Mutex<Vec<Known>>,
}

/// With the password of the one account there is.
pub(crate) fn with_a_password(http: &Client) -> Option<String> {
    let body = serde_json::json!({ "account": ALICE, "password": PASSWORD });
    token(http.post("/v1/login").json(&body))
}

/// The token in an answer that has one.
pub(crate) fn token(login: Ask<'_>) -> Option<String> {
    let answer = login.try_send().ok().filter(|answer| answer.status == 200)?;
    answer.data()["access_token"].as_str().map(str::to_owned)
}

impl People {
    pub(crate) fn new(services: impl Into<Vec<Client>>, log_in: LogIn) -> Self {
        Self { services: Mutex::new(services.into()), log_in, known: Mutex::default() }
    }

    /// One of the services is somewhere else now.
    pub(crate) fn find(&self, index: usize, service: Client) {
        self.services.lock().unwrap()[index] = service;
    }

    /// Every token there is, and its number, but for those that will soon expire.
    pub(crate) fn tokens(&self) -> Vec<(usize, Known)> {
        let known = self.known.lock().unwrap();
        let young = known.iter().enumerate().filter(|(_, known)| known.since.elapsed() < LIFE);
        young.map(|(index, known)| (index, known.clone())).collect()
    }

    /// What has become of one of them by now.
    pub(crate) fn state(&self, index: usize) -> State {
        self.known.lock().unwrap()[index].state
    }

    pub(crate) fn revoked(&self) -> usize {
        let is_revoked = |known: &&Known| matches!(known.state, State::Revoked(_));
        self.known.lock().unwrap().iter().filter(is_revoked).count()
    }

    /// Logs in, or out, whatever happens to the service.
    pub(crate) fn come_and_go(&self, number: usize, is_over: &AtomicBool) {
        let mut random = Random::seeded(number as u64);
        while !is_over.load(Ordering::SeqCst) {
            let good: Vec<usize> = self
                .tokens()
                .into_iter()
                .filter_map(|(index, known)| (known.state == State::Good).then_some(index))
                .collect();
            let service = {
                let services = self.services.lock().unwrap();
                services[random.place(services.len())].clone()
            };
            if good.len() < SESSIONS / 3 || random.below(2) == 0 && good.len() < SESSIONS {
                if let Some(token) = (self.log_in)(&service) {
                    let known = Known { token, state: State::Good, since: Instant::now() };
                    self.known.lock().unwrap().push(known);
                }
            } else {
                self.log_out(&service, good[random.place(good.len())]);
            }
            pause(Duration::from_millis(random.below(60)));
        }
    }

    fn log_out(&self, service: &Client, index: usize) {
        let token = {
            let mut known = self.known.lock().unwrap();
            known[index].state = State::Unknown;
            known[index].token.clone()
        };
        let answer = service.post("/v1/logout").bearer(&token).try_send();
        if answer.is_ok_and(|answer| answer.status == 200) {
            self.known.lock().unwrap()[index].state = State::Revoked(Instant::now());
        }
    }

    /// A verifier that is fresh again refuses what was revoked, and nothing else.
    pub(crate) fn assert_known_to(&self, verifier: &Verifier) {
        for (_, Known { token, state, .. }) in self.tokens() {
            match (state, verifier.verdict(&token)) {
                (State::Revoked(_), Err(refusal)) => assert_eq!(refusal.code(), "logged_out"),
                (State::Good, Ok(_)) | (State::Unknown, _) => {}
                (state, verdict) => panic!("{state:?}, and at last {verdict:?}"),
            }
        }
    }
}
