//! A fleet: a real Redis, a real PostgreSQL, and as many services over them as a test likes.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use serde_json::json;
use tempfile::TempDir;

use crate::answer::Tokens;
use crate::postgres::Postgres;
use crate::redis_servers::Redis;
use crate::service::{Service, eventually};
use crate::setup::Setup;

/// A client that opens sessions, ends them and introspects.
pub(super) const BACKEND: &str = "backend";
/// A client that reads the feed.
pub(super) const VERIFIER: &str = "verifier";

/// What all nodes have in common.
pub(super) struct Fleet {
    pub(super) redis: Redis,
    pub(super) postgres: Postgres,
    folder: TempDir,
    settings: Vec<(&'static str, String)>,
}

impl Fleet {
    pub(super) fn new() -> Self {
        Self::over(Redis::start())
    }

    /// Over this Redis, whatever it is like.
    pub(super) fn over(redis: Redis) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let postgres = Postgres::start();
        let fleet = Self { redis, postgres, folder, settings: Vec::new() };
        fleet.secret("fleet.key", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n");
        let address = fleet.redis.address();
        let key = fleet.path("fleet.key").display().to_string();
        let accounts = fleet.postgres.address();
        fleet
            .with("FLEET__REDIS", &address)
            .with("FLEET__KEY_FILE", &key)
            .with("ACCOUNTS__POSTGRES", &accounts)
    }

    /// With a setting of every node.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.settings.push((name, value.to_owned()));
        self
    }

    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A file for its owner alone.
    pub(super) fn secret(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).unwrap();
        fs::set_permissions(self.path(name), Permissions::from_mode(0o600)).unwrap();
    }

    /// A node that was not started yet.
    pub(super) fn node(&self) -> Setup {
        let node = Setup::empty()
            .with_client(BACKEND, &["sessions:manage", "tokens:introspect", "sessions:revoke-all"])
            .with_client(VERIFIER, &["revocations:read"])
            .with("FEED__CANARY", "0");
        let settings = self.settings.iter();
        settings.fold(node, |node, (name, value)| node.with(name, value))
    }

    /// Nodes that run, and are ready.
    pub(super) fn start<const N: usize>(&self) -> ([Setup; N], [Service; N]) {
        let nodes = [(); N].map(|()| self.node());
        let services = nodes.each_ref().map(Setup::start);
        services.iter().for_each(until_ready);
        (nodes, services)
    }
}

/// Waits until requests may come.
pub(super) fn until_ready(service: &Service) {
    eventually("ready", || service.http.get("/health/ready").send().status == 200);
}

/// A session of this subject, opened at this node by its backend.
pub(super) fn open(service: &Service, subject: &str) -> Tokens {
    let token = service.http.client_token(BACKEND, "sessions:manage");
    service.http.open(&token, subject, &json!({})).tokens()
}
