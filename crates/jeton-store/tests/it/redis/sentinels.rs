//! A primary, two replicas and three Sentinels that watch them.

use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::servers::{Redis, free_ports, until};

/// What the Sentinels call the primary.
pub(crate) const NAME: &str = "sessions";

/// Three servers and three Sentinels. A primary that does not answer is replaced after half a second.
pub(crate) struct Sentinels {
    /// The first is primary at the start.
    pub(crate) servers: Vec<Redis>,
    pub(crate) ports: Vec<u16>,
    processes: Vec<Child>,
    _folder: TempDir,
}

impl Sentinels {
    pub(crate) fn start() -> Self {
        Self::with(&["--min-replicas-to-write", "1"])
    }

    /// Servers with these options.
    pub(crate) fn with(options: &[&str]) -> Self {
        let first = Redis::with(options);
        let port = first.port.to_string();
        let follow = ["--replicaof", "127.0.0.1", &port];
        let replica = || Redis::with(&[options, &follow].concat());
        let servers = vec![replica(), replica()];
        let servers: Vec<_> = [first].into_iter().chain(servers).collect();
        until("both replicas follow", || {
            servers[0].cli(&["INFO", "replication"]).matches("state=online").count() == 2
        });
        let folder = tempfile::tempdir().unwrap();
        let ports = free_ports(3);
        let start = |at: &u16| start(*at, servers[0].port, &folder);
        let processes = ports.iter().map(start).collect();
        let all = Self { servers, ports, processes, _folder: folder };
        for port in &all.ports {
            until("the Sentinels know each other and the replicas", || {
                let known = cli(*port, &["SENTINEL", "MASTER", NAME]);
                let is = |name: &str, value: &str| known.contains(&format!("{name}\n{value}\n"));
                is("num-slaves", "2") && is("num-other-sentinels", "2")
            });
        }
        all
    }

    /// `host:port` of each Sentinel.
    pub(crate) fn addresses(&self) -> Vec<String> {
        self.ports.iter().map(|port| format!("127.0.0.1:{port}")).collect()
    }

    /// Which of the servers the first Sentinel calls primary.
    pub(crate) fn primary(&self) -> usize {
        let told = cli(self.ports[0], &["SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME]);
        let port = told.lines().last().unwrap_or_default().to_owned();
        let is_it = |server: &Redis| server.port.to_string() == port;
        self.servers.iter().position(is_it).expect("one of ours")
    }

    /// How the Sentinels log in to the servers from now on.
    pub(crate) fn log_in(&self, user: &str, password: &str) {
        for port in &self.ports {
            for (name, value) in [("auth-user", user), ("auth-pass", password)] {
                assert_eq!(cli(*port, &["SENTINEL", "SET", NAME, name, value]), "OK");
            }
        }
    }

    /// Gives every Sentinel a user.
    pub(crate) fn add_user(&self, rules: &[&str]) {
        for port in &self.ports {
            assert_eq!(cli(*port, &[&["ACL", "SETUSER"], rules].concat()), "OK");
        }
    }

    /// Makes another server primary although this one is well, and waits until it is.
    pub(crate) fn switch(&self) {
        let before = self.primary();
        until("the Sentinels switch", || {
            cli(self.ports[0], &["SENTINEL", "FAILOVER", NAME]) == "OK" || self.primary() != before
        });
        until("another server is primary", || self.primary() != before);
    }
}

impl Drop for Sentinels {
    fn drop(&mut self) {
        for process in &mut self.processes {
            let _ = process.kill();
            let _ = process.wait();
        }
    }
}

fn start(port: u16, primary: u16, folder: &TempDir) -> Child {
    let file = folder.path().join(port.to_string());
    let settings = format!(
        "port {port}\nbind 127.0.0.1\ndir {}\n\
         sentinel monitor {NAME} 127.0.0.1 {primary} 2\n\
         sentinel down-after-milliseconds {NAME} 500\n\
         sentinel failover-timeout {NAME} 1000\n",
        folder.path().display(),
    );
    std::fs::write(&file, settings).unwrap();
    let server = Command::new("redis-server")
        .arg(&file)
        .arg("--sentinel")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn();
    server.expect("redis-server is installed")
}

fn cli(port: u16, arguments: &[&str]) -> String {
    let output =
        Command::new("redis-cli").args(["-p", &port.to_string()]).args(arguments).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim_end().to_owned()
}
