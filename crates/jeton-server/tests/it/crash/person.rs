//! Somebody who works with the service, one act after the other, and remembers every answer.

use serde_json::json;

use crate::answer::{Answer, Tokens};
use crate::client::Client;
use crate::random::Random;
use crate::setup::Setup;

/// An account and what was acknowledged to it.
#[derive(Debug)]
pub(super) struct Person {
    pub(super) name: String,
    pub(super) password: String,
    pub(super) former_password: Option<String>,
    pub(super) sessions: Vec<Session>,
    pub(super) ended: Vec<(Tokens, &'static str)>,
    /// What was not answered.
    pub(super) pending: Option<Act>,
}

/// A living session: its newest tokens, and refresh tokens that were spent, oldest first.
#[derive(Debug)]
pub(super) struct Session {
    pub(super) tokens: Tokens,
    pub(super) spent: Vec<String>,
}

/// Something to do; with a session by its place in the list.
#[derive(Clone, Debug)]
pub(super) enum Act {
    Login,
    Refresh(usize),
    Logout(usize),
    /// Presents a refresh token that was spent long ago, as a thief would.
    Replay(usize),
    EndOthers(usize),
    ChangePassword(usize, String),
}

impl Person {
    pub(super) fn new(setup: &Setup, number: usize) -> Self {
        let (name, password) = (format!("person-{number}"), "the very first one".to_owned());
        setup.add_account(&name, &password);
        Self {
            name,
            password,
            former_password: None,
            sessions: Vec::new(),
            ended: Vec::new(),
            pending: None,
        }
    }

    /// Does something at random, and remembers it once it is acknowledged; an error is no answer.
    pub(super) fn act(&mut self, http: &Client, random: &mut Random) -> Result<(), ureq::Error> {
        let act = self.choose(random);
        self.pending = Some(act.clone());
        let answer = self.send(http, &act)?;
        self.remember(&act, &answer);
        self.pending = None;
        Ok(())
    }

    fn choose(&self, random: &mut Random) -> Act {
        if self.sessions.is_empty() {
            return Act::Login;
        }
        let chosen = random.place(self.sessions.len());
        let can_replay = self.sessions[chosen].spent.len() > 1;
        match random.below(100) {
            0..8 => Act::Login,
            8..16 => Act::Logout(chosen),
            16..22 if can_replay => Act::Replay(chosen),
            22..26 => Act::EndOthers(chosen),
            26..30 => Act::ChangePassword(chosen, format!("a new one: {}", random.next())),
            _ => Act::Refresh(chosen),
        }
    }

    fn send(&self, http: &Client, act: &Act) -> Result<Answer, ureq::Error> {
        let session = |chosen: &usize| &self.sessions[*chosen];
        let access = |chosen: &usize| &session(chosen).tokens.access;
        let body = |token: &str| json!({ "refresh_token": token });
        let ask = match act {
            Act::Login => {
                let body = json!({ "account": self.name, "password": self.password });
                http.post("/v1/login").json(&body)
            }
            Act::Refresh(chosen) => {
                http.post("/v1/refresh").json(&body(&session(chosen).tokens.refresh))
            }
            Act::Logout(chosen) => http.post("/v1/logout").bearer(access(chosen)),
            Act::Replay(chosen) => http.post("/v1/refresh").json(&body(&session(chosen).spent[0])),
            Act::EndOthers(chosen) => {
                http.delete("/v1/sessions?keep=current").bearer(access(chosen))
            }
            Act::ChangePassword(chosen, new) => {
                let body = json!({ "current_password": self.password, "new_password": new });
                http.post("/v1/password").bearer(access(chosen)).json(&body)
            }
        };
        ask.try_send()
    }

    fn remember(&mut self, act: &Act, answer: &Answer) {
        match act {
            Act::Login => {
                self.sessions.push(Session { tokens: answer.tokens(), spent: Vec::new() });
            }
            Act::Refresh(chosen) => {
                let session = &mut self.sessions[*chosen];
                let before = std::mem::replace(&mut session.tokens, answer.tokens());
                session.spent.push(before.refresh);
            }
            Act::Replay(_) => answer.assert_refused(401, "replayed", &self.name),
            Act::Logout(_) | Act::EndOthers(_) | Act::ChangePassword(..) => drop(answer.data()),
        }
        self.apply(act);
    }

    /// What ends with an act that was done.
    pub(super) fn apply(&mut self, act: &Act) {
        match act {
            Act::Login | Act::Refresh(_) => {}
            Act::Logout(chosen) => self.end("logged_out", |place| place == *chosen),
            Act::Replay(chosen) => self.end("replayed", |place| place == *chosen),
            Act::EndOthers(kept) => self.end("revoked", |place| place != *kept),
            Act::ChangePassword(kept, new) => {
                self.end("password_changed", |place| place != *kept);
                let former = std::mem::replace(&mut self.password, new.clone());
                self.former_password = Some(former);
            }
        }
    }

    /// Moves the sessions at these places to those that have ended.
    pub(super) fn end(&mut self, reason: &'static str, which: impl Fn(usize) -> bool) {
        for (place, session) in std::mem::take(&mut self.sessions).into_iter().enumerate() {
            if which(place) {
                self.ended.push((session.tokens, reason));
            } else {
                self.sessions.push(session);
            }
        }
    }
}
