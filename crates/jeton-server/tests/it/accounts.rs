//! Accounts at the command line, beside a running service and without one.

use serde_json::Value;

use crate::setup::{ALICE, PASSWORD, Setup};

const NEW: &str = "a walk in the park at night";

/// The password that a first start shows.
fn shown(printed: &[String]) -> Option<&str> {
    printed.iter().find_map(|line| line.trim().strip_prefix("password  "))
}

/// P12: there is no password that somebody could forget to change.
#[test]
fn a_first_administrator_is_shown_once_and_can_log_in() {
    let setup = Setup::empty();
    let first = setup.start();
    let password = shown(&first.printed).unwrap().to_owned();
    assert_eq!(password.len(), 29, "125 bits: {password}");
    let tokens = first.http.login_as("admin", &password).tokens();
    let me = first.http.me(&tokens.access).data();
    assert_eq!(me["claims"]["roles"][0], "admin");
    let log = first.kill();
    assert!(!log.iter().any(|line| line.contains(&password)), "{log:#?}");

    let second = setup.start();

    assert_eq!(second.printed, Vec::<String>::new());
    assert_eq!(second.http.login_as("admin", &password).status, 200);
    let other = Setup::empty();
    assert_ne!(shown(&other.start().printed), Some(&*password));
}

#[test]
fn no_administrator_is_made_where_there_is_an_account() {
    let setup = Setup::new();

    let service = setup.start();

    assert_eq!(service.printed, Vec::<String>::new());
    let refused = service.http.login_as("admin", "admin");
    refused.assert_refused(401, "invalid_credentials", "admin");
}

#[test]
fn an_account_added_beside_the_service_can_log_in_at_once() {
    let setup = Setup::new();
    let service = setup.start();

    let subject = setup.add_account("bob", PASSWORD);

    let tokens = service.http.login_as("bob", PASSWORD).tokens();
    assert_eq!(service.http.me(&tokens.access).data()["sub"], *subject);
    let list = setup.run(&["account", "list", "--json"], "").output;
    let list: Value = serde_json::from_str(&list).unwrap();
    let names: Vec<&Value> =
        list.as_array().unwrap().iter().map(|account| &account["name"]).collect();
    assert_eq!(names, [ALICE, "bob"]);
    for output in [list.to_string(), setup.run(&["account", "list"], "").output] {
        assert!(output.contains(&subject) && !output.contains("argon2"), "{output}");
    }
}

/// P1: refused with exit code 1 and a reason, which never repeats the password.
#[test]
fn what_cannot_be_an_account_is_refused_with_a_reason() {
    let setup = Setup::new();
    let long = "x".repeat(257);
    let cases = [
        ("taken", &["account", "add", "ALICE"][..], PASSWORD, "taken"),
        ("weak", &["account", "add", "bob"], "hunter2", "at least 8 characters"),
        ("nothing", &["account", "add", "bob"], "", "cannot be empty"),
        ("its name", &["account", "add", "bob-hunter2"], "BOB-hunter2", "name of the account"),
        (
            "too long",
            &["account", "add", "bob"],
            &format!("hunter2{}", "x".repeat(1018)),
            "1024 bytes",
        ),
        ("a long name", &["account", "add", &long], PASSWORD, "256 bytes"),
        ("a line break", &["account", "add", "bob\nadmin"], PASSWORD, "control characters"),
        ("a bad role", &["account", "add", "bob", "--role", "a b"], PASSWORD, "white space"),
        ("nobody's", &["account", "passwd", "nobody"], PASSWORD, "no such account"),
        ("weak again", &["account", "passwd", ALICE], "hunter2", "at least 8 characters"),
    ];
    for (name, command, password, reason) in cases {
        let ended = setup.run(command, password);

        assert_eq!(ended.code, Some(1), "{name}: {ended:?}");
        assert!(ended.errors.contains(reason), "{name}: {ended:?}");
        assert!(!ended.errors.contains(password) || password.is_empty(), "{name}: {ended:?}");
    }
    assert_eq!(setup.run(&["account", "list"], "").output.lines().count(), 1);
}

/// R9, R15: an administrator resets a password; when the command says so, nobody is in any more.
#[test]
fn a_password_set_beside_the_service_ends_the_sessions() {
    let setup = Setup::new();
    setup.add_account("bob", PASSWORD);
    let service = setup.start();
    let http = &service.http;
    let (alice, bob) = (http.login().tokens(), http.login_as("bob", PASSWORD).tokens());

    let ended = setup.run(&["account", "passwd", ALICE, "--password-stdin"], NEW);

    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert_eq!(ended.output, "password of alice changed\nits sessions have ended\n");
    http.me(&alice.access).assert_refused(401, "password_changed", "access token");
    http.refresh(&alice.refresh).assert_refused(401, "password_changed", "refresh token");
    http.login().assert_refused(401, "invalid_credentials", "the old password");
    assert_eq!(http.login_as(ALICE, NEW).status, 200);
    assert_eq!(http.me(&bob.access).status, 200);
}

/// R15: the change ends what was opened with the old password, and nothing that was opened since.
#[test]
fn a_login_with_the_new_password_is_not_ended_by_the_change() {
    let setup = Setup::new();
    let service = setup.start();
    let http = &service.http;
    http.login().tokens();

    for new in ["a new password, the first", "a new password, the second"] {
        let (ended, early) = std::thread::scope(|scope| {
            let command = scope.spawn(|| setup.run(&["account", "passwd", ALICE], new));
            let mut login = http.login_as(ALICE, new);
            while login.status != 200 {
                login = http.login_as(ALICE, new);
            }
            (command.join().unwrap(), login.tokens())
        });

        assert_eq!(ended.output, "password of alice changed\nits sessions have ended\n");
        assert_eq!(http.me(&early.access).status, 200, "{new}");
        assert_eq!(http.refresh(&early.refresh).status, 200, "{new}");
    }
}

/// R9, R15: the same without a service; it ends the sessions before it answers anybody.
#[test]
fn a_password_set_while_the_service_is_down_ends_the_sessions_at_its_start() {
    let setup = Setup::new();
    let service = setup.start();
    let alice = service.http.login().tokens();
    service.kill();

    let ended = setup.run(&["account", "passwd", ALICE], NEW);
    let service = setup.start();
    let http = &service.http;

    assert_eq!(ended.code, Some(0), "{ended:?}");
    assert!(ended.output.contains("end when it starts"), "{ended:?}");
    http.me(&alice.access).assert_refused(401, "password_changed", "access token");
    http.refresh(&alice.refresh).assert_refused(401, "password_changed", "refresh token");
    http.login().assert_refused(401, "invalid_credentials", "the old password");
    assert_eq!(http.login_as(ALICE, NEW).status, 200);
}
