//! A node that cannot or must not join says so in one sentence, and ends.

use crate::fleet::nodes::{Fleet, open};
use crate::redis_servers::{Redis, free_ports};
use crate::setup::{Ended, Setup};

#[track_caller]
fn assert_ends(node: &Setup, code: i32, words: &[&str], case: &str) {
    let Ended { code: ended, output, errors } = node.run(&["serve", "--listen", "127.0.0.1:0"], "");
    let said: Vec<&str> = errors.lines().filter(|line| line.starts_with("jeton: ")).collect();
    assert_eq!(ended, Some(code), "{case}: {errors}");
    assert_eq!(said.len(), 1, "{case}: {errors}");
    assert!(words.iter().all(|words| said[0].contains(words)), "{case}: {errors}");
    assert!(output.is_empty(), "{case}: {output}");
}

/// Each is said in one sentence, and by its exit code whether waiting will mend it.
#[test]
fn where_redis_is_not_what_it_should_be_a_node_says_what_to_do() {
    let fleet = Fleet::new();
    let port = free_ports(1)[0];
    let nowhere = format!("127.0.0.1:{port}");
    assert_ends(&fleet.node().with("FLEET__REDIS", &nowhere), 3, &[&nowhere], "nobody there");
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let silent = other.local_addr().unwrap().to_string();
    let node = fleet.node().with("FLEET__REDIS", &silent).with("FLEET__DEADLINE", "200");
    assert_ends(&node, 3, &[&silent], "nobody answers");

    let cases: [(&[&str], &str); 3] = [
        (&["--maxmemory-policy", "allkeys-lru"], "maxmemory-policy noeviction"),
        (&["--appendonly", "no"], "appendonly yes"),
        (&["--cluster-enabled", "yes"], "Cluster"),
    ];
    for (options, words) in cases {
        let redis = Redis::with(options);
        let node = fleet.node().with("FLEET__REDIS", &redis.address());
        assert_ends(&node, 2, &[words], words);
    }
    fleet.redis.cli(&["HSET", "later:cfg", "format", "2", "retention", "690000", "feed", "1"]);
    assert_ends(&fleet.node().with("FLEET__PREFIX", "later"), 2, &["format 2"], "a later format");

    let guarded = Fleet::over(Redis::with(&["--requirepass", "a good password"]));
    assert_ends(&guarded.node(), 2, &["password"], "no password");
    guarded.secret("wrong", "not that one\n");
    guarded.secret("right", "a good password\n");
    let with = |name: &str| {
        let path = guarded.path(name).display().to_string();
        guarded.node().with("FLEET__PASSWORD_FILE", &path)
    };
    assert_ends(&with("wrong"), 2, &["password"], "a wrong password");
    assert_ends(&with("nowhere"), 2, &["fleet.password_file", "nowhere"], "no file");
    drop(open(&with("right").start(), "alice"));
}

/// The same of the accounts.
#[test]
fn where_the_accounts_are_not_what_they_should_be_a_node_says_what_to_do() {
    let fleet = Fleet::new();
    assert_ends(&fleet.node().with("ACCOUNTS__POSTGRES", ""), 2, &["accounts.postgres"], "none");
    let secret = fleet.node().with("ACCOUNTS__POSTGRES", "host=db password=hunter2");
    assert_ends(&secret, 2, &["accounts.postgres"], "a password in it");
    let nowhere = fleet.node().with("ACCOUNTS__POSTGRES", "host=/nowhere user=jeton");
    assert_ends(&nowhere, 3, &["/nowhere"], "nobody there");
    let other = fleet.postgres.address_of("other");
    assert_ends(&fleet.node().with("ACCOUNTS__POSTGRES", &other), 3, &["other"], "no database");
}

/// T3: the file that seals all keys is nobody else's.
#[test]
fn a_key_file_that_others_read_or_that_is_none_is_refused() {
    use std::fs::{self, Permissions};
    use std::os::unix::fs::PermissionsExt as _;

    let fleet = Fleet::new();
    let path = fleet.path("fleet.key");
    fs::set_permissions(&path, Permissions::from_mode(0o644)).unwrap();
    assert_ends(&fleet.node(), 2, &["fleet.key_file", "chmod 600"], "open to all");
    fleet.secret("fleet.key", "short");
    assert_ends(&fleet.node(), 2, &["fleet.key_file", "openssl rand -base64 32"], "too short");
    fs::remove_file(&path).unwrap();
    assert_ends(&fleet.node(), 2, &["fleet.key_file", "fleet.key"], "gone");
    let none = fleet.node().with("FLEET__KEY_FILE", "");
    assert_ends(&none, 2, &["fleet.key_file is missing"], "not set");
}
