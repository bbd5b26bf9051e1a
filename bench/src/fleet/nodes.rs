//! Three nodes with one configuration.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::Command;

use anyhow::Context as _;
use jeton_feed::subscribe::Subscriber;
use tempfile::TempDir;

use super::servers::{Postgres, Redis};
use crate::feed::{Client, client};
use crate::service::Server;

/// Any 32 bytes, base64.
const KEY: &str = "amV0b24gYmVuY2htYXJrIGtleSBvZiAzMiBieXRlcyE=";

pub struct Nodes {
    servers: Vec<Server>,
    client: Client,
    _folder: TempDir,
}

impl Nodes {
    pub fn start(jeton: &Path, redis: &Redis, postgres: &Postgres) -> anyhow::Result<Self> {
        let folder = tempfile::tempdir()?;
        let (client, table) = client(jeton)?;
        let key = folder.path().join("key");
        fs::write(&key, KEY)?;
        fs::set_permissions(&key, Permissions::from_mode(0o600))?;
        let config = folder.path().join("jeton.toml");
        fs::write(
            &config,
            format!(
                "[fleet]\nredis = [{:?}]\nkey_file = {key:?}\n[accounts]\n\
                 postgres = \"host=127.0.0.1 port={} user=jeton dbname=postgres\"\n{table}",
                redis.address(),
                postgres.port
            ),
        )?;
        let node = |number| {
            let mut serve = Command::new(jeton);
            let data = folder.path().join(format!("node-{number}"));
            serve.args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data);
            Server::start(serve.arg("--config").arg(&config))
        };
        let servers = (1..=3).map(node).collect::<anyhow::Result<Vec<_>>>()?;
        let nodes = Self { servers, client, _folder: folder };
        nodes.until_ready()?;
        Ok(nodes)
    }

    fn until_ready(&self) -> anyhow::Result<()> {
        for server in &self.servers {
            let start = std::time::Instant::now();
            while ureq::get(format!("{}/health/ready", server.url)).call().is_err() {
                anyhow::ensure!(start.elapsed().as_secs() < 30, "a node is not ready");
                std::thread::sleep(std::time::Duration::from_millis(20));
            }
        }
        Ok(())
    }

    /// The address of one of them; numbers go round.
    pub fn url(&self, number: usize) -> &str {
        &self.servers[number % self.servers.len()].url
    }

    /// `Authorization` of the client that may do everything.
    pub fn bearer(&self) -> anyhow::Result<String> {
        Ok(format!("Bearer {}", self.client.token(self.url(0)).context("no token")?))
    }

    /// A verifier that follows one of them.
    pub fn subscribe(&self, number: usize) -> anyhow::Result<Subscriber> {
        self.client.subscribe(self.url(number), format!("verifier-{number}"))
    }

    pub fn memory(&self) -> anyhow::Result<Vec<f64>> {
        self.servers.iter().map(Server::memory).collect()
    }
}
