//! Accounts in a PostgreSQL: of one service, and of several.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::thread;

use serde_json::json;

use crate::postgres::{PASSWORD as DATABASE_PASSWORD, Postgres};
use crate::service::eventually;
use crate::setup::{ALICE, PASSWORD, Setup};

const NEW: &str = "a walk in the park at night";

/// A service with its own folder, and accounts over there.
fn empty_on(postgres: &Postgres) -> Setup {
    Setup::empty().with("ACCOUNTS__POSTGRES", &postgres.address())
}

/// F10, R15: what a service does with accounts, it does with these.
#[test]
fn a_service_with_accounts_in_postgresql_logs_in_and_changes_passwords() {
    let postgres = Postgres::start();
    let setup = empty_on(&postgres);
    let subject = setup.add_account(ALICE, PASSWORD);
    let service = setup.start();
    let http = &service.http;

    let (kept, other) = (http.login().tokens(), http.login().tokens());
    let body = json!({ "current_password": PASSWORD, "new_password": NEW });
    let changed = http.post("/v1/password").bearer(&kept.access).json(&body).send();

    assert_eq!(changed.data(), json!({ "sessions_ended": 1 }));
    assert_eq!(http.me(&kept.access).data()["sub"], *subject);
    http.me(&other.access).assert_refused(401, "password_changed", "the other session");
    http.login().assert_refused(401, "invalid_credentials", "the old password");
    assert_eq!(http.login_as(ALICE, NEW).status, 200);
    assert_eq!(postgres.sql("SELECT count(*) FROM jeton_account_change"), "0");
    assert!(service.printed.is_empty(), "alice was the first: {:?}", service.printed);
}

/// R9: the command line and the service find the same accounts.
#[test]
fn the_command_line_manages_the_same_accounts() {
    let postgres = Postgres::start();
    let setup = empty_on(&postgres);
    let service = setup.start();
    let subject = setup.add_account(ALICE, PASSWORD);
    let alice = service.http.login().tokens();

    let listed = setup.run(&["account", "list"], "");
    let set = setup.run(&["account", "passwd", ALICE, "--password-stdin"], NEW);

    assert!(listed.output.contains(&subject) && listed.output.contains("admin"), "{listed:?}");
    assert_eq!(set.output, "password of alice changed\nits sessions have ended\n", "{set:?}");
    service.http.me(&alice.access).assert_refused(401, "password_changed", "her session");
    assert_eq!(service.http.login_as(ALICE, NEW).status, 200);
    let folder: Vec<_> = fs::read_dir(setup.data()).unwrap().collect();
    assert!(!folder.is_empty(), "keys and sessions are here, as before");
}

/// P12: of nodes that start together, one makes the first account and shows its password.
#[test]
fn nodes_that_start_together_make_one_first_account() {
    let postgres = Postgres::start();
    let setups = [empty_on(&postgres), empty_on(&postgres), empty_on(&postgres)];

    let services = thread::scope(|scope| {
        let starting = setups.each_ref().map(|setup| scope.spawn(|| setup.start()));
        starting.map(|service| service.join().unwrap())
    });

    let printed: Vec<&String> = services.iter().flat_map(|service| &service.printed).collect();
    let passwords: Vec<&str> =
        printed.iter().filter_map(|line| line.trim().strip_prefix("password  ")).collect();
    assert_eq!(passwords.len(), 1, "{printed:?}");
    for service in &services {
        assert_eq!(service.http.login_as("admin", passwords[0]).status, 200);
    }
}

/// R20: while PostgreSQL is gone nobody is told that a password is wrong; sessions go on, and logins
/// come back with it.
#[test]
fn a_killed_postgresql_is_an_outage_of_logins_alone() {
    let mut postgres = Postgres::start();
    let setup = empty_on(&postgres);
    setup.add_account(ALICE, PASSWORD);
    let service = setup.start();
    let http = &service.http;
    let tokens = http.login().tokens();

    let during = thread::scope(|scope| {
        let logins: Vec<_> =
            (0..8).map(|_| scope.spawn(|| [http.login(), http.login_as(ALICE, NEW)])).collect();
        postgres.kill();
        logins.into_iter().flat_map(|login| login.join().unwrap()).collect::<Vec<_>>()
    });
    let down = [http.login(), http.login_as(ALICE, NEW), http.login_as("nobody", PASSWORD)];
    let (me, refreshed) = (http.me(&tokens.access), http.refresh(&tokens.refresh));
    postgres.resume();

    for (n, answer) in during.iter().enumerate() {
        let expected = if n % 2 == 0 { 200 } else { 401 };
        assert!([expected, 503].contains(&answer.status), "{n}: {answer:?}");
    }
    for answer in &down {
        answer.assert_refused(503, "unavailable", "PostgreSQL is gone");
        assert_eq!(answer.header("retry-after"), "1");
        assert!(!answer.text.contains("PostgreSQL"), "the cause is for the log: {answer:?}");
    }
    assert_eq!((me.status, refreshed.status), (200, 200));
    eventually("logins are back", || http.login().status == 200);
    http.login_as(ALICE, NEW).assert_refused(401, "invalid_credentials", "a wrong password");
}

/// T1, T3: a password stands in a file of its own, and everything wrong is said before anybody is
/// served.
#[test]
fn settings_that_will_not_do_are_refused_in_one_sentence() {
    let postgres = Postgres::start();
    postgres.let_in("local all postgres trust\nlocal all all scram-sha-256\n");
    let setup = |name: &str, value: &str| empty_on(&postgres).with(name, value);
    let with_secret = format!("{} password=hunter2", postgres.address());
    let password_for = |mode: u32, text: &str| {
        let setup = setup("ACCOUNTS__PASSWORD_FILE", "secret");
        fs::write(setup.path("secret"), text).unwrap();
        fs::set_permissions(setup.path("secret"), Permissions::from_mode(mode)).unwrap();
        setup
    };
    let password = |text: &str| password_for(0o600, text);

    let cases = [
        ("a password in it", setup("ACCOUNTS__POSTGRES", &with_secret), 2, "password_file"),
        ("no address", setup("ACCOUNTS__POSTGRES", "host=db hots=db"), 2, "hots"),
        ("no connections", setup("ACCOUNTS__CONNECTIONS", "0"), 2, "from 1 to 1000"),
        ("no server", setup("ACCOUNTS__POSTGRES", "host=/nowhere user=jeton"), 3, "is it running"),
        ("no password", setup("ACCOUNTS__CONNECTIONS", "2"), 3, "does not let jeton in"),
        ("no file", setup("ACCOUNTS__PASSWORD_FILE", "absent"), 2, "absent: No such file"),
        ("for all to read", password_for(0o644, "hunter2"), 2, "can be read by others"),
        ("a wrong password", password("hunter2\n"), 3, "does not let jeton in"),
    ];
    for (name, setup, code, words) in cases {
        for command in [&["serve", "--listen", "127.0.0.1:0"][..], &["account", "list"]] {
            let ended = setup.run(command, "");

            assert_eq!(ended.code, Some(code), "{name}: {ended:?}");
            assert!(ended.errors.contains(words), "{name}: {ended:?}");
            assert!(!ended.errors.contains("hunter2"), "{name}: {ended:?}");
        }
    }
    let good = password(&format!("{DATABASE_PASSWORD}\n"));
    good.add_account(ALICE, PASSWORD);
    assert_eq!(good.start().http.login().status, 200);
}
