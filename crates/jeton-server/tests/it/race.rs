//! Requests that get in each other's way. `JETON_RACE_ROUNDS` says how often they are tried.

use std::env;
use std::io::{Read as _, Write as _};
use std::net::Shutdown;
use std::sync::Barrier;
use std::thread;

use serde_json::json;

use crate::answer::{Answer, Tokens};
use crate::client::begin;
use crate::service::{Service, eventually};
use crate::setup::{ALICE, PASSWORD, Setup};

/// How many present one refresh token at the same time.
const TABS: usize = 64;

/// Grace enough for any machine; nothing waits for it to pass.
const GRACE: (&str, &str) = ("SESSION__GRACE", "60");

fn rounds() -> usize {
    let rounds = env::var_os("JETON_RACE_ROUNDS");
    rounds.map_or(20, |rounds| rounds.to_str().unwrap().parse().unwrap())
}

/// Acts from so many threads, all at once.
fn at_once<T: Send>(tabs: usize, act: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let start = Barrier::new(tabs);
    thread::scope(|scope| {
        let tabs: Vec<_> = (0..tabs)
            .map(|tab| {
                let (start, act) = (&start, &act);
                scope.spawn(move || {
                    start.wait();
                    act(tab)
                })
            })
            .collect();
        tabs.into_iter().map(|tab| tab.join().unwrap()).collect()
    })
}

/// R2, R3, B23, B24: parallel tabs all get the same successor, minted once, and all stay logged in.
#[test]
fn a_refresh_token_presented_by_many_at_once_has_one_successor() {
    let setup = Setup::new().with(GRACE.0, GRACE.1).with("LOG__LEVEL", "debug");
    let service = setup.start();
    let http = &service.http;
    let mut refresh = http.login().tokens().refresh;

    for round in 0..rounds() {
        let answers = at_once(TABS, |_| http.refresh(&refresh).tokens());

        let next = answers[0].refresh.clone();
        assert_ne!(next, refresh, "round {round}");
        for (tab, tokens) in answers.iter().enumerate() {
            assert_eq!(tokens.refresh, next, "round {round}, tab {tab}");
            assert_eq!(http.me(&tokens.access).status, 200, "round {round}, tab {tab}");
        }
        refresh = next;
    }

    assert_eq!(http.refresh(&refresh).status, 200);
    let log = service.kill();
    let rotated = log.iter().filter(|line| line.contains(r#""outcome":"Rotated""#));
    assert_eq!(rotated.count(), rounds() + 1, "one rotation a round");
}

/// R1, R2: without a grace the first one is answered, the second is a replay, and nothing of the
/// session works after that.
#[test]
fn without_grace_a_token_presented_by_many_at_once_ends_its_session() {
    let setup = Setup::new().with("SESSION__GRACE", "0").with("LOG__LEVEL", "debug");
    let service = setup.start();
    let http = &service.http;

    for round in 0..rounds() {
        let login = http.login().tokens();

        let answers = at_once(TABS, |_| http.refresh(&login.refresh));

        let (won, lost): (Vec<&Answer>, _) =
            answers.iter().partition(|answer| answer.status == 200);
        assert_eq!(won.len(), 1, "round {round}");
        for answer in lost {
            answer.assert_refused(401, "replayed", &format!("round {round}"));
        }
        let Tokens { access, refresh, .. } = won[0].tokens();
        http.refresh(&refresh).assert_refused(401, "replayed", "the successor");
        http.me(&access).assert_refused(401, "replayed", "its access token");
        http.me(&login.access).assert_refused(401, "replayed", "the first access token");
    }

    let log = service.kill();
    let replays = log.iter().filter(|line| line.contains("refresh_replayed"));
    assert_eq!(replays.count(), rounds(), "one replay a round");
}

/// R4, B2: a logout that was acknowledged has the last word, however many refreshes it meets.
#[test]
fn no_refresh_survives_a_logout_that_it_meets() {
    let setup = Setup::new().with(GRACE.0, GRACE.1);
    let service = setup.start();
    let http = &service.http;

    for round in 0..rounds() {
        let login = http.login().tokens();

        let answers = at_once(TABS, |tab| match tab {
            0 => http.logout(&login.access),
            _ => http.refresh(&login.refresh),
        });

        assert_eq!(answers[0].status, 200, "round {round}: {:?}", answers[0]);
        http.refresh(&login.refresh).assert_refused(401, "logged_out", "the token of the login");
        for answer in &answers[1..] {
            if answer.status == 200 {
                let Tokens { access, refresh, .. } = answer.tokens();
                http.me(&access).assert_refused(401, "logged_out", "an access token");
                http.refresh(&refresh).assert_refused(401, "logged_out", "a refresh token");
            } else {
                answer.assert_refused(401, "logged_out", "a refresh that came late");
            }
        }
    }
}

/// R20, INV1: whoever hears that a session has ended, may rely on it: also if somebody else has
/// ended it at the same moment.
#[test]
fn every_one_of_many_logouts_is_true_when_it_is_answered() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;

    for round in 0..rounds() {
        let login = http.login().tokens();
        let body = json!({ "refresh_token": login.refresh });

        let answers = at_once(TABS, |_| {
            let logout = http.post("/v1/logout").json(&body).send();
            (logout, http.me(&login.access))
        });

        for (logout, after) in answers {
            assert_eq!(logout.status, 200, "round {round}: {logout:?}");
            after.assert_refused(401, "logged_out", &format!("round {round}"));
        }
    }
}

/// R20, INV1: a client may hang up while the store commits what it asked for. That is done all the
/// same, and wholly: a session that is gone has no access token that works.
#[test]
fn a_logout_is_whole_even_if_its_client_hangs_up() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    let watcher = http.login().tokens();
    let (mut tried, mut ended, wanted) = (0, 0, rounds().div_ceil(4));

    // A client that hangs up very early has asked for nothing yet.
    while ended < wanted {
        tried += 1;
        assert!(tried < 100 * wanted, "{ended} of {tried} clients have hung up in time");
        let login = http.login().tokens();
        let body = json!({ "refresh_token": login.refresh }).to_string();

        hang_up_after(&service, "/v1/logout", &body);

        let listed = http.get("/v1/sessions").bearer(&watcher.access).send().text;
        if listed.contains(&login.session) {
            http.logout(&login.access);
        } else {
            ended += 1;
            let is_refused = || http.me(&login.access).code() == "logged_out";
            eventually("the access token is refused", is_refused);
        }
    }
}

/// R15, B22: a password change meets refreshes of other sessions, and logins with the old password.
/// Whatever they were answered, afterwards only the session that made the change works.
#[test]
fn a_password_change_outruns_the_refreshes_and_logins_that_it_meets() {
    const OTHERS: usize = 16;
    const LOGINS: usize = 6;
    let setup = Setup::new().with(GRACE.0, GRACE.1);
    let service = setup.start();
    let http = &service.http;
    let mut password = PASSWORD.to_owned();

    for round in 0..rounds().div_ceil(10) {
        let new = format!("a walk in the park, round {round}");
        let change = json!({ "current_password": password, "new_password": new });
        let login = || http.login_as(ALICE, &password);
        let kept = login().tokens();
        let others: Vec<Tokens> = (0..OTHERS).map(|_| login().tokens()).collect();

        let answers = at_once(1 + OTHERS + LOGINS, |tab| match tab {
            0 => http.post("/v1/password").bearer(&kept.access).json(&change).send(),
            _ => match others.get(tab - 1) {
                Some(other) => http.refresh(&other.refresh),
                None => login(),
            },
        });

        assert_eq!(answers[0].status, 200, "round {round}: {:?}", answers[0]);
        let granted = answers[1..].iter().filter(|answer| answer.status == 200);
        for Tokens { access, refresh, .. } in granted.map(Answer::tokens).chain(others) {
            http.me(&access).assert_refused(401, "password_changed", "an access token");
            http.refresh(&refresh).assert_refused(401, "password_changed", "a refresh token");
        }
        login().assert_refused(401, "invalid_credentials", "the old password");
        assert_eq!(http.me(&kept.access).status, 200, "round {round}");
        assert_eq!(http.refresh(&kept.refresh).status, 200, "round {round}");
        password = new;
    }
}

/// Sends a request, and hangs up right after its last byte.
fn hang_up_after(service: &Service, path: &str, body: &str) {
    let mut connection = begin(service.address, path, body.len());
    connection.write_all(body.as_bytes()).unwrap();
    // Another request takes about as long as this one takes to reach the store.
    service.http.get("/health/live").send();
    connection.shutdown(Shutdown::Write).unwrap();
    // The service closes its side once it has noticed.
    connection.read_to_end(&mut Vec::new()).unwrap();
}
