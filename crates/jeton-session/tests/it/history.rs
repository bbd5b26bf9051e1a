//! Random histories: what owners, thieves, administrators and time do to sessions.

use std::collections::BTreeMap;
use std::future::Future;
use std::time::Duration;

use jeton::{Algorithm, Reason, SessionId, Timestamp};
use jeton_session::{Cursor, Login, SessionStore as _, TokenPair};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::support::{Issuer, NOW, payload, terms};

const NAMES: [&str; 3] = ["alice", "bob", "carol"];
/// Spans at which something changes: grace, lead, retention, lifetimes.
const SPANS: [u64; 9] = [0, 1, 9, 10, 60, 600, 690, 3_600, 24 * 3_600];

/// One thing that happens. An [`Index`] chooses among the pairs issued so far.
#[derive(Clone, Debug)]
pub(crate) enum Act {
    Open(&'static str),
    /// With the last refresh token of a session.
    Refresh(Index),
    /// With any refresh token there ever was.
    RefreshWithAny(Index),
    End(Index),
    EndOthers(Index),
    EndAll(&'static str),
    Recall(&'static str),
    RevokeToken(Index),
    RotateKeys,
    Wait(u64),
    SetClockBack(u64),
    Sweep,
}

/// Up to 60 acts, on a clock that only goes forward.
pub(crate) fn histories() -> impl Strategy<Value = Vec<Act>> {
    vec(prop_oneof![12 => peaceful(), 5 => ending()], 1..60)
}

/// The same, or on a clock that is also set back. There nothing is swept and no key is rotated: what
/// was forgotten on time would live again, and a new key begin before the last refresh.
pub(crate) fn histories_on_any_clock() -> impl Strategy<Value = Vec<Act>> {
    let back = select(&SPANS[..8]).prop_map(Act::SetClockBack);
    let set_back = vec(prop_oneof![12 => usage(), 5 => ending(), 1 => back], 1..60);
    prop_oneof![histories(), set_back]
}

/// What ends no session.
pub(crate) fn peaceful() -> impl Strategy<Value = Act> {
    prop_oneof![10 => usage(), 1 => Just(Act::RotateKeys), 1 => Just(Act::Sweep)]
}

fn usage() -> impl Strategy<Value = Act> {
    let names = || select(&NAMES[..]);
    prop_oneof![
        3 => names().prop_map(Act::Open),
        10 => any::<Index>().prop_map(Act::Refresh),
        1 => names().prop_map(Act::Recall),
        1 => any::<Index>().prop_map(Act::RevokeToken),
        6 => select(&SPANS[..]).prop_map(Act::Wait),
    ]
}

/// What ends sessions, or may.
fn ending() -> impl Strategy<Value = Act> {
    let names = || select(&NAMES[..]);
    prop_oneof![
        6 => any::<Index>().prop_map(Act::RefreshWithAny),
        2 => any::<Index>().prop_map(Act::End),
        1 => any::<Index>().prop_map(Act::EndOthers),
        1 => names().prop_map(Act::EndAll),
        1 => Just(Act::Wait(terms().idle_lifetime.as_secs())),
    ]
}

/// An issuer, its time, and everything it ever handed out.
#[derive(Debug)]
pub(crate) struct World {
    pub(crate) issuer: Issuer,
    pub(crate) now: Timestamp,
    pub(crate) issued: Vec<Issued>,
}

#[derive(Clone, Debug)]
pub(crate) struct Issued {
    pub(crate) pair: TokenPair,
    /// Where the feed ended when it was issued.
    pub(crate) cursor: Cursor,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self { issuer: Issuer::new().await, now: NOW, issued: Vec::new() }
    }

    pub(crate) async fn after(history: &[Act]) -> Self {
        let mut world = Self::new().await;
        for act in history {
            world.play(act).await;
        }
        world
    }

    pub(crate) async fn play(&mut self, act: &Act) {
        let (sessions, now) = (self.issuer.sessions.clone(), self.now);
        let (reason, subject) = (Reason::Kicked, jeton::SubjectKey::of);
        match act {
            Act::Open(name) => {
                let pair = sessions.open(Login::of(*name), now).await.unwrap();
                self.keep(pair).await;
            }
            Act::Refresh(index) => {
                if let Some(pair) = self.pair(*index) {
                    let last = self.last_of(pair.session);
                    self.refresh(&last).await;
                }
            }
            Act::RefreshWithAny(index) => {
                if let Some(pair) = self.pair(*index) {
                    self.refresh(&pair.refresh_token).await;
                }
            }
            Act::End(index) => {
                if let Some(pair) = self.pair(*index) {
                    sessions.end(pair.session, reason, now).await.unwrap();
                }
            }
            Act::EndOthers(index) => {
                if let Some(pair) = self.pair(*index) {
                    sessions.end_others(pair.session, reason, now).await.unwrap();
                }
            }
            Act::EndAll(name) => drop(sessions.end_all(subject(name), reason, now).await.unwrap()),
            Act::Recall(name) => drop(sessions.recall(subject(name), now).await.unwrap()),
            Act::RevokeToken(index) => {
                if let Some(pair) = self.pair(*index) {
                    let token_id = claim(&pair.access_token, "jti");
                    let subject = pair.session.subject();
                    sessions.revoke_token(subject, &token_id, now).await.unwrap();
                }
            }
            Act::RotateKeys => {
                let times = sessions.terms().key_times();
                if let Ok(rotated) = self.issuer.keyring.rotate(Algorithm::Hs256, times, now) {
                    self.issuer.set_keyring(rotated);
                }
            }
            Act::Wait(secs) => self.now = now.after(Duration::from_secs(*secs)),
            Act::SetClockBack(secs) => self.now = now.before(Duration::from_secs(*secs)),
            Act::Sweep => {
                sessions.store().sweep(now);
                sessions.guard().revocations().sweep(now);
            }
        }
    }

    /// The refresh tokens of each session, each string once, in the order they were issued.
    pub(crate) fn refresh_tokens(&self) -> BTreeMap<SessionId, Vec<String>> {
        let mut tokens: BTreeMap<SessionId, Vec<String>> = BTreeMap::new();
        for Issued { pair, .. } in &self.issued {
            let of_session = tokens.entry(pair.session).or_default();
            if !of_session.contains(&pair.refresh_token) {
                of_session.push(pair.refresh_token.clone());
            }
        }
        tokens
    }

    fn pair(&self, index: Index) -> Option<TokenPair> {
        let chosen = (!self.issued.is_empty()).then(|| index.get(&self.issued));
        chosen.map(|issued| issued.pair.clone())
    }

    /// The refresh token of a session's highest generation.
    fn last_of(&self, session: SessionId) -> String {
        let tokens = self.issued.iter().filter(|issued| issued.pair.session == session);
        let tokens = tokens.map(|issued| &issued.pair.refresh_token);
        let last = tokens.max_by_key(|token| payload(token)["gen"].as_u64());
        last.unwrap().clone()
    }

    async fn refresh(&mut self, token: &str) {
        if let Ok(refreshed) = self.issuer.sessions.refresh(token, self.now).await {
            self.keep(refreshed.pair).await;
        }
    }

    async fn keep(&mut self, pair: TokenPair) {
        let cursor = self.issued.last().map_or(Cursor::START, |last| last.cursor);
        let news = self.issuer.sessions.store().tail(cursor, Duration::ZERO).await;
        self.issued.push(Issued { pair, cursor: news.unwrap().cursor });
    }
}

/// A text claim of a token, read without any check.
pub(crate) fn claim(token: &str, name: &str) -> String {
    payload(token)[name].as_str().unwrap().to_owned()
}

/// Runs one history: nothing here waits for anything.
pub(crate) fn run(history: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().build();
    runtime.unwrap().block_on(history);
}
