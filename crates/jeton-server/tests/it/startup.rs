//! Starting, and refusing to start: with an exit code for scripts and a sentence for people.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;

use crate::setup::{Ended, Setup};

const SERVE: [&str; 3] = ["serve", "--listen", "127.0.0.1:0"];

#[track_caller]
fn assert_refused(ended: &Ended, code: i32, words: &str, case: &str) {
    assert_eq!(ended.code, Some(code), "{case}: {ended:?}");
    let said = ended.errors.to_lowercase();
    assert!(said.contains(&words.to_lowercase()), "{case}: {ended:?}");
    assert!(ended.output.is_empty(), "{case}: {ended:?}");
}

/// Two processes on one database would each believe that they know every revocation.
#[test]
fn a_second_service_on_the_same_folder_is_refused() {
    let setup = Setup::new();
    let service = setup.start();
    let tokens = service.http.login().tokens();

    let second = setup.run(&SERVE, "");

    assert_refused(&second, 3, "is in use by another process", "second");
    assert_eq!(service.http.me(&tokens.access).status, 200);
    drop(service);
    assert_eq!(setup.start().http.me(&tokens.access).status, 200);
}

#[test]
fn a_port_that_is_taken_is_refused_by_its_number() {
    let (setup, other) = (Setup::new(), Setup::new());
    let service = setup.start();
    let address = service.address.to_string();

    let second = other.run(&["serve", "--listen", &address], "");

    assert_refused(&second, 3, &format!("cannot listen on {address}: "), "second");
    assert_eq!(service.http.login().status, 200);
}

/// T3: keys that others could read may have been read.
#[test]
fn keys_that_others_can_read_are_refused() {
    let setup = Setup::new();
    drop(setup.start());
    let keys = setup.data().join("keys.json");

    for mode in [0o640, 0o604, 0o620, 0o666] {
        fs::set_permissions(&keys, Permissions::from_mode(mode)).unwrap();
        for command in [&SERVE[..], &["keys", "list"], &["keys", "rotate"]] {
            assert_refused(&setup.run(command, ""), 3, "chmod 600", &format!("{mode:o}"));
        }
    }
    fs::set_permissions(&keys, Permissions::from_mode(0o600)).unwrap();
    assert_eq!(setup.start().http.login().status, 200);
}

/// A keyring that is cut short is not replaced by a new one: that would end every session.
#[test]
fn damaged_keys_are_refused_and_not_shown() {
    let setup = Setup::new();
    drop(setup.start());
    let path = setup.data().join("keys.json");
    let keys = fs::read_to_string(&path).unwrap();

    for length in [0, 10, keys.len() / 2, keys.len() - 3] {
        fs::write(&path, &keys[..length]).unwrap();

        let ended = setup.run(&SERVE, "");

        assert_refused(&ended, 3, "keys.json: not a keyring document", "damaged");
        assert!(!ended.errors.contains("PRIVATE"), "{ended:?}");
        assert_eq!(fs::read_to_string(&path).unwrap(), &keys[..length]);
    }
}

/// I6, P12: a setting that does not exist, or is out of bounds, is refused by its name.
#[test]
fn a_wrong_setting_is_refused_by_its_name() {
    let cases = [
        ("unknown", "LISTN", "127.0.0.1:0", "listn"),
        ("unknown section", "SESION__GRACE", "1", "sesion"),
        ("unknown in a section", "SESSION__GRAC", "1", "grac"),
        ("a word for a number", "SESSION__GRACE", "long", "grace"),
        ("a negative number", "SESSION__GRACE", "-1", "grace"),
        ("too much grace", "SESSION__GRACE", "61", "grace must be at most 60 seconds"),
        (
            "too long a life",
            "TOKENS__ACCESS_LIFETIME",
            "3601",
            "access_lifetime must be at most 1 hour",
        ),
        ("too much leeway", "TOKENS__LEEWAY", "61", "leeway must be at most 60 seconds"),
        ("no sessions", "SESSION__MAX_SESSIONS", "0", "max_sessions must be from 1 to 1000"),
        ("no algorithm", "TOKENS__ALGORITHM", "none", "tokens.algorithm"),
        ("no issuer", "ISSUER", "", "issuer"),
        ("an issuer in the clear", "ISSUER", "http://login.example", "issuer"),
        ("an issuer with a query", "ISSUER", "https://login.example/?x", "issuer"),
        (
            "for ourselves",
            "AUDIENCE",
            "http://localhost:8080",
            "audience must be another than the issuer",
        ),
        ("a weak hash", "PASSWORD__MEMORY", "19455", "password"),
        ("no address", "LISTEN", "somewhere", "listen"),
        ("no header", "TOKENS__HEADERS", "a b", "a b"),
        ("the standard header", "TOKENS__HEADERS", "Authorization", "Authorization"),
        ("one that frames", "TOKENS__RESPONSE_HEADER", "Content-Length", "Content-Length"),
        ("cookies, which any page can send", "TOKENS__HEADERS", "Cookie", "Cookie"),
        ("a cookie of an answer", "TOKENS__RESPONSE_HEADER", "set-cookie", "set-cookie"),
        ("one twice", "TOKENS__HEADERS", "at, AT", "twice"),
        ("connections without end", "HTTP__CONNECTIONS", "9000000000000000000", "http.connections"),
        ("no origin", "HTTP__ORIGINS", "https://app.example/", "http.origins"),
        ("no connections", "HTTP__CONNECTIONS", "0", "http.connections"),
        ("no level", "LOG__LEVEL", "loud", "log.level"),
        ("no format", "LOG__FORMAT", "xml", "log.format"),
    ];
    for (name, setting, value, words) in cases {
        let setup = Setup::empty().with(setting, value);

        for command in [&["config", "check"][..], &["serve"]] {
            assert_refused(&setup.run(command, ""), 2, words, name);
        }
        assert!(!setup.data().exists(), "{name}");
    }
}

#[test]
fn a_wrong_settings_file_is_refused_by_what_is_wrong_in_it() {
    let cases = [
        ("unknown", "listn = 1", "listn"),
        ("unknown in a section", "[session]\ngrac = 1", "grac"),
        ("a word for a number", "[session]\ngrace = \"1\"", "grace"),
        ("not TOML", "[session", "jeton.toml"),
    ];
    for (name, text, words) in cases {
        let setup = Setup::empty();
        fs::write(setup.path("jeton.toml"), text).unwrap();

        for command in [&["config", "check"][..], &["serve"]] {
            assert_refused(&setup.run(command, ""), 2, words, name);
        }
    }
    let named = Setup::empty().run(&["config", "check", "--config", "nowhere.toml"], "");
    assert_refused(&named, 2, "nowhere.toml: no such file", "a file that is not there");
}

/// File, environment, flags: the later wins.
#[test]
fn settings_come_from_the_file_the_environment_and_flags_in_this_order() {
    let setup = Setup::empty().with("ISSUER", "https://from.environment");
    let file = "issuer = \"https://from.file\"\nlisten = \"127.0.0.1:1\"\ndata = \"from-file\"\n";
    fs::write(setup.path("jeton.toml"), file).unwrap();

    let checked = setup.run(&["config", "check"], "");
    drop(setup.start());

    assert_eq!(checked.output, "ok: https://from.environment on 127.0.0.1:1\n");
    assert!(setup.path("from-file").join("jeton.db").exists());
}

/// The reference is a settings file by itself, and one that changes nothing.
#[test]
fn the_reference_is_a_settings_file_of_all_defaults() {
    let setup = Setup::empty();

    let reference = setup.run(&["config", "reference"], "");
    fs::write(setup.path("jeton.toml"), &reference.output).unwrap();
    let checked = setup.run(&["config", "check"], "");

    assert_eq!((reference.code, checked.code), (Some(0), Some(0)), "{checked:?}");
    assert_eq!(checked.output, "ok: http://localhost:8080 on 127.0.0.1:8080\n");
    for line in ["grace = 10", "# JETON_SESSION__GRACE", "access_lifetime = 600"] {
        assert!(reference.output.contains(line), "{line}");
    }
}

#[test]
fn a_command_that_is_not_one_is_wrong_usage() {
    let setup = Setup::empty();
    for command in [&[][..], &["dance"], &["serve", "--listen", "nowhere"], &["account", "add"]] {
        assert_eq!(setup.run(command, "").code, Some(2), "{command:?}");
    }
    for command in ["--help", "--version"] {
        assert_eq!(setup.run(&[command], "").code, Some(0), "{command}");
    }
}
