//! `deploy/redis`: real servers with these very files, but for folders and ports.

use std::fs::{self, File};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use jeton::SubjectKey;
use jeton_session::{SessionStore as _, Step, Subject};
use jeton_store::{Acknowledge, Deployment, OpenRedisError, RedisLogin, RedisSettings, RedisStore};
use tempfile::TempDir;
use tokio::time::timeout;
use zeroize::Zeroizing;

use super::{path, text};
use crate::service::{PATIENCE, eventually};

/// A server of Redis, or a Sentinel, with files of its own. Killed when dropped.
struct Server {
    process: Child,
    folder: TempDir,
    port: u16,
}

impl Server {
    /// With a file of `deploy/redis`, changed so that it can run here.
    fn start(file: &str, change: &[(&str, &str)]) -> Self {
        let (folder, port) = (tempfile::tempdir().unwrap(), free_port());
        let home = folder.path().to_str().unwrap();
        let here = [
            ("\ndir /var/lib/redis\n", format!("\ndir {home}\n")),
            ("\nport 6379\n", format!("\nport {port}\n")),
            ("\nport 26379\n", format!("\nport {port}\n")),
            ("\ninclude /etc/redis/redis.conf\n", format!("\ninclude {home}/redis.conf\n")),
        ];
        for name in ["redis.conf", file] {
            let mut text = text(&format!("redis/{name}"));
            for (written, meant) in &here {
                text = text.replace(written, meant);
            }
            for (written, meant) in change.iter().filter(|_| name == file) {
                assert_eq!(text.matches(written).count(), 1, "{name}: {written}");
                text = text.replace(written, meant);
            }
            fs::write(folder.path().join(name), text).unwrap();
        }
        let mut command = Command::new("redis-server");
        command.arg(folder.path().join(file)).current_dir(&folder).stdin(Stdio::null());
        if file == "sentinel.conf" {
            command.arg("--sentinel");
        }
        let log = File::create(folder.path().join("log")).unwrap();
        let process = command.stdout(log).spawn().expect("apt-get install redis-server");
        let mut server = Self { process, folder, port };
        eventually("Redis answers", || {
            let ended = server.process.try_wait().unwrap();
            assert!(ended.is_none(), "{file}: {}", server.log());
            let answer = server.ask(&["ping"]);
            answer == "PONG" || answer.starts_with("NOAUTH")
        });
        server
    }

    fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    fn ask(&self, words: &[&str]) -> String {
        let mut command = Command::new("redis-cli");
        let output = command.args(["-p", &self.port.to_string()]).args(words).output();
        let output = output.expect("apt-get install redis-tools");
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn free_port() -> u16 {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port()
}

fn settings(deployment: Deployment, folder: &Path) -> RedisSettings {
    RedisSettings {
        deployment,
        login: None,
        tls: None,
        prefix: "jeton".to_owned(),
        deadline: Duration::from_secs(5),
        retention: Duration::from_secs(690),
        acknowledge: Acknowledge::Journal,
        folder: folder.to_owned(),
        accept_loss: false,
    }
}

/// Whether somebody can be changed.
async fn takes_updates(store: &RedisStore) -> bool {
    let step = |subject: &Subject| {
        let version = subject.version + 1;
        Step::change(Subject { version, ..subject.clone() }, ())
    };
    store.update(SubjectKey::of("somebody"), step).await.is_ok()
}

/// What there is to complain about, but for the version, which is this machine's.
fn complaints(store: &RedisStore) -> Vec<&String> {
    store.warnings().iter().filter(|warning| !warning.contains("CVE-")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn one_server_with_these_settings_is_nothing_to_warn_of() {
    let (redis, folder) = (Server::start("redis.conf", &[]), tempfile::tempdir().unwrap());
    let deployment = Deployment::Standalone { server: redis.address() };

    let store = RedisStore::connect(settings(deployment, folder.path())).await.unwrap();

    assert_eq!(complaints(&store), Vec::<&String>::new());
    assert!(takes_updates(&store).await);
}

/// C3: whoever has the password that the script has made does what a node does, and no more.
#[tokio::test(flavor = "multi_thread")]
async fn the_secrets_of_the_composition_fit_each_other() {
    let (folder, home) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for name in ["compose/secrets.sh", "redis/users.acl"] {
        let copy = folder.path().join(name);
        fs::create_dir_all(copy.parent().unwrap()).unwrap();
        fs::copy(path(name), copy).unwrap();
    }
    let made = Command::new("sh").arg(folder.path().join("compose/secrets.sh")).output().unwrap();
    assert!(made.status.success(), "{made:?}");
    let secret = |name: &str| folder.path().join("compose/secrets").join(name);
    let users = format!("\naclfile {}\n", secret("users.acl").display());
    let redis = Server::start("redis.conf", &[("\n# aclfile /etc/redis/users.acl\n", &*users)]);
    let password = fs::read_to_string(secret("redis-password")).unwrap();
    let (user, password) = ("jeton".to_owned(), Zeroizing::new(password.trim().to_owned()));
    let deployment = Deployment::Standalone { server: redis.address() };
    let mut settings = settings(deployment, home.path());

    let stranger = RedisStore::connect(settings.clone()).await;
    settings.login = Some(RedisLogin { user: user.clone(), password: password.clone() });
    let store = RedisStore::connect(settings).await.unwrap();

    assert!(matches!(stranger, Err(OpenRedisError::Login { .. })), "{stranger:?}");
    assert!(takes_updates(&store).await);
    let login = ["--no-auth-warning", "--user", &*user, "--pass", &*password];
    for forbidden in [&["keys", "*"][..], &["config", "get", "*"], &["flushall"]] {
        let answer = redis.ask(&[&login, forbidden].concat());
        assert!(answer.starts_with("NOPERM"), "{forbidden:?}: {answer}");
    }
    let both = ["postgres-password", "postgres-server-password"].map(|name| fs::read(secret(name)));
    assert_eq!(both[0].as_ref().unwrap(), both[1].as_ref().unwrap());
    assert_eq!(fs::metadata(secret("fleet-key")).unwrap().permissions().mode() & 0o777, 0o600);
}

/// INV4: a primary with replicas, and Sentinels that put one of them in its place.
#[tokio::test(flavor = "multi_thread")]
async fn sentinels_with_these_settings_replace_a_primary() {
    let folder = tempfile::tempdir().unwrap();
    let primary = Server::start("replicated.conf", &[]);
    let follow = format!("\nreplicaof 127.0.0.1 {}\n", primary.port);
    let replica =
        || Server::start("replicated.conf", &[("\n# replicaof 10.0.0.1 6379\n", &*follow)]);
    let _replicas = [replica(), replica()];
    eventually("both replicas follow", || {
        primary.ask(&["info", "replication"]).matches("state=online").count() == 2
    });
    let monitor = format!("monitor jeton {} 2", primary.address().replace(':', " "));
    let sentinel =
        || Server::start("sentinel.conf", &[("monitor jeton 127.0.0.1 6379 2", &*monitor)]);
    let sentinels = [sentinel(), sentinel(), sentinel()];
    for sentinel in &sentinels {
        eventually("the Sentinels know each other", || {
            let known = sentinel.ask(&["sentinel", "master", "jeton"]);
            known.contains("num-slaves\n2\n") && known.contains("num-other-sentinels\n2\n")
        });
    }
    let deployment = Deployment::Sentinel {
        sentinels: sentinels.iter().map(Server::address).collect(),
        primary: "jeton".to_owned(),
        login: None,
    };
    let store = RedisStore::connect(settings(deployment, folder.path())).await.unwrap();

    assert_eq!(complaints(&store), Vec::<&String>::new());
    assert!(takes_updates(&store).await);
    drop(primary);
    let replaced = async { while !takes_updates(&store).await {} };
    timeout(PATIENCE * 2, replaced).await.expect("another primary takes updates");
}

/// Its nodes take no writes before they have replicas, so it is only started here.
#[test]
fn a_node_of_a_cluster_starts_with_these_settings() {
    let node = Server::start("cluster.conf", &[]);

    assert!(node.ask(&["cluster", "info"]).starts_with("cluster_state:"), "{}", node.log());
}
