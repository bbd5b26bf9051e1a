//! The contract on every deployment, as the user of `deploy/redis`.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use jeton_session::SessionStore as _;
use jeton_store::{Deployment, RedisLogin, RedisSettings, RedisStore, RedisTls};
use tempfile::TempDir;
use zeroize::Zeroizing;

use crate::redis::certificates::Certificates;
use crate::redis::cluster::Cluster;
use crate::redis::fleet::{self, eventually};
use crate::redis::sentinels::{NAME, Sentinels};
use crate::redis::servers::Redis;

/// Everybody's password in these tests.
const PASSWORD: &str = "correct horse";

/// Its hash, as `sha256sum` prints it.
const HASH: &str = "4104d36f8da2c254349f85836793ebe029e0c957063a34c91c2e9203187b5631";

/// Servers, and how a node reaches them.
struct Started<T> {
    servers: T,
    folder: TempDir,
    settings: RedisSettings,
}

/// An empty store for each promise: it has a prefix of its own.
async fn store<T>(started: &Started<T>, promise: &str) -> Arc<RedisStore> {
    let folder = started.folder.path().join(promise);
    fs::create_dir(&folder).unwrap();
    let prefix = format!("jeton:{promise}");
    let settings = RedisSettings { prefix, folder, ..started.settings.clone() };
    Arc::new(RedisStore::connect(settings).await.expect("the node connects"))
}

fn started<T>(servers: T, deployment: Deployment, tls: Option<RedisTls>) -> Started<T> {
    let folder = tempfile::tempdir().unwrap();
    let settings =
        RedisSettings { login: Some(login()), tls, ..fleet::settings(deployment, folder.path()) };
    Started { servers, folder, settings }
}

fn login() -> RedisLogin {
    RedisLogin { user: "jeton".to_owned(), password: Zeroizing::new(PASSWORD.to_owned()) }
}

/// A file of `deploy/redis`, with a password for everybody.
fn users(file: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../deploy/redis").join(file);
    let text = fs::read_to_string(path).unwrap();
    ["JETON", "REPLICATION", "SENTINEL"]
        .into_iter()
        .fold(text, |text, user| text.replace(&format!("HASH_OF_{user}"), HASH))
}

/// Gives a server that runs the users of a file, but leaves the others.
fn add_users(server: &Redis, file: &str) {
    for user in users(file).lines() {
        let rules: Vec<_> = user.split_whitespace().skip(1).collect();
        if rules.first() != Some(&"default") {
            assert_eq!(server.cli(&[&["ACL", "SETUSER"], rules.as_slice()].concat()), "OK");
        }
    }
}

#[expect(clippy::unused_async, reason = "the contract waits for what it starts")]
async fn encrypted() -> Started<(Redis, Certificates, TempDir)> {
    let certificates = Certificates::for_name("127.0.0.1");
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("users.acl");
    fs::write(&file, users("users.acl")).unwrap();
    let server = Redis::encrypted(|port| {
        let mut options = certificates.options(port);
        options.extend(["--aclfile".to_owned(), file.to_str().unwrap().to_owned()]);
        options
    });
    let deployment = Deployment::Standalone { server: server.address() };
    let tls = RedisTls { authorities: Some(certificates.authorities()) };
    started((server, certificates, folder), deployment, Some(tls))
}

#[expect(clippy::unused_async, reason = "the contract waits for what it starts")]
async fn watched() -> Started<Sentinels> {
    let all = Sentinels::start();
    for server in &all.servers {
        add_users(server, "users-replicated.acl");
    }
    let (sentinels, primary) = (all.addresses(), NAME.to_owned());
    started(all, Deployment::Sentinel { sentinels, primary, login: None }, None)
}

#[expect(clippy::unused_async, reason = "the contract waits for what it starts")]
async fn clustered() -> Started<Cluster> {
    let cluster = Cluster::start(3);
    for server in &cluster.nodes {
        add_users(server, "users.acl");
    }
    let nodes = cluster.addresses();
    started(cluster, Deployment::Cluster { nodes }, None)
}

// C2, C3: all of it as the user of the sample file, who may do nothing else.
jeton_session::contract_tests!(with_tls_and_the_users_of_the_sample_file: encrypted, store);
jeton_session::contract_tests!(behind_sentinels: watched, store);
jeton_session::contract_tests!(in_a_cluster: clustered, store);

/// INV4: Redis reads its log as the default user, who is off, and forgets what that one may not do.
#[tokio::test(flavor = "multi_thread")]
async fn a_restart_with_the_users_of_the_sample_file_forgets_nothing() {
    for name in ["users.acl", "users-replicated.acl"] {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join(name);
        fs::write(&file, users(name)).unwrap();
        let server = Redis::with(&["--aclfile", file.to_str().unwrap()]);
        let deployment = Deployment::Standalone { server: server.address() };
        let mut started = started(server, deployment, None);
        let before = store(&started, "before").await;
        assert_eq!(before.update(fleet::subject(1), fleet::count).await, Ok(1), "{name}");
        before.close().await;

        started.servers.restart();

        let settings = RedisSettings {
            prefix: "jeton:before".to_owned(),
            folder: started.folder.path().to_owned(),
            ..started.settings.clone()
        };
        let after = RedisStore::connect(settings).await.expect("the node connects");
        let subject = after.load(fleet::subject(1)).await.unwrap();
        assert_eq!(subject.version, 1, "{name}: {}", started.servers.log());
        let stranger = started.servers.cli(&["PING"]);
        assert!(stranger.starts_with("NOAUTH"), "{name}: the default user is off: {stranger}");
        let nobody = started.servers.cli(&["AUTH", "default", ""]);
        assert!(nobody.starts_with("WRONGPASS"), "{name}: {nobody}");
    }
}

/// C2, C3: the user of the sample file may do nothing that is dangerous.
#[test]
fn the_user_of_the_sample_file_may_do_nothing_dangerous() {
    let server = Redis::start();
    add_users(&server, "users.acl");
    let login = ["--user", "jeton", "--pass", PASSWORD];
    let may = |command: &[&str]| !server.cli(&[&login, command].concat()).starts_with("NOPERM");

    let forbidden: [&[&str]; 13] = [
        &["RESTORE", "jeton:a", "0", "x"],
        &["MIGRATE", "127.0.0.1", "1", "jeton:a", "0", "1"],
        &["CONFIG", "GET", "dir"],
        &["KEYS", "*"],
        &["SCAN", "0"],
        &["FLUSHALL"],
        &["MODULE", "LIST"],
        &["EVAL", "return 1", "0"],
        &["FUNCTION", "LIST"],
        &["ACL", "LIST"],
        &["SHUTDOWN"],
        &["REPLICAOF", "NO", "ONE"],
        &["GET", "others:a"],
    ];
    for command in forbidden {
        assert!(!may(command), "{command:?}");
    }
    assert!(may(&["GET", "jeton:a"]));
}

/// With the users of the sample file for all, and nobody else, servers replicate and Sentinels
/// replace a primary.
#[tokio::test(flavor = "multi_thread")]
async fn a_failover_works_with_the_users_of_the_sample_file_alone() {
    let mut all = Sentinels::start();
    let operator = ["--user", "operator", "--pass", PASSWORD];
    let as_operator = |server: &Redis, command: &[&str]| server.cli(&[&operator, command].concat());
    for server in &all.servers {
        server.cli(&["ACL", "SETUSER", "operator", "on", &format!("#{HASH}"), "~*", "&*", "+@all"]);
        add_users(server, "users-replicated.acl");
        as_operator(
            server,
            &["CONFIG", "SET", "masteruser", "replication", "masterauth", PASSWORD],
        );
    }
    all.log_in("sentinel", PASSWORD);
    for server in &all.servers {
        as_operator(server, &["ACL", "SETUSER", "default", "off"]);
        for kind in ["normal", "pubsub", "replica"] {
            as_operator(server, &["CLIENT", "KILL", "TYPE", kind]);
        }
    }
    eventually("the replicas follow again", async || {
        let told = as_operator(&all.servers[0], &["INFO", "replication"]);
        (told.matches("state=online").count() == 2).then_some(())
    })
    .await;
    for user in users("sentinel-users.acl").lines().rev() {
        all.add_user(&user.split_whitespace().skip(1).collect::<Vec<_>>());
    }
    let (sentinels, primary) = (all.addresses(), NAME.to_owned());
    let login = Some(login());
    let started = started((), Deployment::Sentinel { sentinels, primary, login }, None);
    let store = store(&started, "failover").await;
    fleet::revoke(&store, 1).await.unwrap();

    all.servers[0].kill();

    eventually("the next primary takes a revocation", async || fleet::revoke(&store, 2).await.ok())
        .await;
    assert_ne!(all.primary(), 0);
}
