//! After a restart: does the service know what it has acknowledged, and has it done nothing by half?

use std::collections::BTreeSet;

use crate::client::Client;
use crate::crash::person::{Act, Person, Session};

/// Ends that are checked again after later rounds.
const REMEMBERED: usize = 24;

impl Person {
    /// Checks everything, and leaves one session to go on with.
    pub(super) fn check(&mut self, http: &Client, round: u64) {
        let case = format!("round {round}, {}, in flight: {:?}", self.name, self.pending);
        let pending = self.pending.take();
        if let Some(act) = pending.as_ref().filter(|act| self.was_done(act, http)) {
            self.apply(act);
        }
        let fresh = self.check_password(http, &case);
        let may_be_more = matches!(pending, Some(Act::Login));
        self.check_list(http, &fresh, may_be_more, &case);
        self.check_ended(http, &case);
        self.check_alive(http, &case);
        self.check_replay(http, &case);
        self.tidy_up(http, fresh);
    }

    /// Whether an act that was not acknowledged was done: its first visible effect decides, and
    /// everything else has to agree.
    fn was_done(&self, act: &Act, http: &Client) -> bool {
        let is_gone = |place: usize| http.me(&self.sessions[place].tokens.access).status == 401;
        match act {
            // Done or not, the same tokens work.
            Act::Login | Act::Refresh(_) => false,
            Act::Logout(chosen) | Act::Replay(chosen) => is_gone(*chosen),
            Act::EndOthers(kept) => {
                let other = (0..self.sessions.len()).find(|place| place != kept);
                other.is_some_and(is_gone)
            }
            Act::ChangePassword(_, new) => {
                let login = http.login_as(&self.name, new);
                let is_new = login.status == 200;
                if is_new {
                    http.logout(&login.tokens().access);
                }
                is_new
            }
        }
    }

    /// The password opens a session, the one before does not.
    fn check_password(&self, http: &Client, case: &str) -> Session {
        let login = http.login_as(&self.name, &self.password);
        assert_eq!(login.status, 200, "{case}: {login:?}");
        if let Some(former) = &self.former_password {
            let refused = http.login_as(&self.name, former);
            refused.assert_refused(401, "invalid_credentials", case);
        }
        Session { tokens: login.tokens(), spent: Vec::new() }
    }

    /// Exactly the sessions that must be there are there; a login that was not answered may have
    /// opened another one.
    fn check_list(&self, http: &Client, fresh: &Session, may_be_more: bool, case: &str) {
        let listed = http.get("/v1/sessions").bearer(&fresh.tokens.access).send().data();
        let listed: BTreeSet<&str> = listed
            .as_array()
            .unwrap()
            .iter()
            .map(|listed| listed["session"].as_str().unwrap())
            .collect();
        let expected: BTreeSet<&str> =
            self.sessions.iter().chain([fresh]).map(|session| &*session.tokens.session).collect();
        let lost: Vec<_> = expected.difference(&listed).collect();
        assert!(lost.is_empty(), "{case}: lost {lost:?}");
        let more = listed.difference(&expected).count();
        assert!(more <= usize::from(may_be_more), "{case}: {listed:?} instead of {expected:?}");
    }

    /// What has ended stays ended, for the reason that was told.
    fn check_ended(&self, http: &Client, case: &str) {
        for (tokens, reason) in &self.ended {
            http.me(&tokens.access).assert_refused(401, reason, case);
            http.refresh(&tokens.refresh).assert_refused(401, reason, case);
        }
    }

    /// What was given works, and what it is traded for works as well.
    fn check_alive(&mut self, http: &Client, case: &str) {
        for session in &mut self.sessions {
            let me = http.me(&session.tokens.access);
            assert_eq!(me.status, 200, "{case}: {me:?}");
            let refreshed = http.refresh(&session.tokens.refresh);
            assert_eq!(refreshed.status, 200, "{case}: {refreshed:?}");
            let before = std::mem::replace(&mut session.tokens, refreshed.tokens());
            session.spent.push(before.refresh);
            assert_eq!(http.me(&session.tokens.access).status, 200, "{case}");
        }
    }

    /// A token that was spent before the restart, and is older than the grace allows, still
    /// ends its session.
    fn check_replay(&mut self, http: &Client, case: &str) {
        let Some(place) = self.sessions.iter().position(|session| session.spent.len() > 1) else {
            return;
        };
        let spent = &self.sessions[place].spent[0];
        http.refresh(spent).assert_refused(401, "replayed", case);
        self.end("replayed", |other| other == place);
        self.check_ended(http, case);
    }

    /// Keeps the fresh session alone, so that they do not become more from round to round.
    fn tidy_up(&mut self, http: &Client, fresh: Session) {
        let ended = http.delete("/v1/sessions?keep=current").bearer(&fresh.tokens.access).send();
        assert_eq!(ended.status, 200, "{ended:?}");
        self.end("revoked", |_| true);
        self.sessions.push(fresh);
        let old = self.ended.len().saturating_sub(REMEMBERED);
        self.ended.drain(..old);
    }
}
