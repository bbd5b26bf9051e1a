//! Settings of a fleet: where Redis is, what is promised, and what a node does that knows too little.

use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use jeton::{StalePolicy, Staleness};
use jeton_store::{Acknowledge, Deployment, RedisLogin, RedisSettings, RedisTls};
use serde::{Deserialize, Serialize};

use crate::file;
use crate::settings::{Settings, SettingsError};

/// Most addresses of Redis that may be named.
const SERVERS: usize = 100;

/// Longest prefix of keys, in bytes.
const PREFIX: usize = 64;

section! {
    /// Several nodes that share their sessions: one `jeton serve` each, with the same settings.
    Fleet {
        /// Where Redis (or Valkey) is, as `host:port`. None: this is no fleet but one service, which
        /// keeps everything in its data folder. Several are for `sentinel` and `cluster`.
        redis: Vec<String> = Vec::new();
        /// What these addresses are: `standalone`, one server; `sentinel`, Sentinels, which know the
        /// primary; or `cluster`, nodes of a Cluster.
        mode: String = "standalone".to_owned();
        /// What the Sentinels call the primary.
        primary: String = "jeton".to_owned();
        /// The user at Redis (ACL); empty for `default`.
        user: String = String::new();
        /// A file with the password of that user, that nobody else reads. Empty for none.
        password_file: PathBuf = PathBuf::new();
        /// The user at the Sentinels, which have users of their own; empty for `default`.
        sentinel_user: String = String::new();
        /// A file with the password of that user at the Sentinels.
        sentinel_password_file: PathBuf = PathBuf::new();
        /// Speak TLS to all of them. Certificates are always verified.
        tls: bool = false;
        /// A PEM file of the authorities that have signed those certificates; empty for the
        /// system's.
        authorities: PathBuf = PathBuf::new();
        /// What every key in Redis begins with. Another one for each fleet that shares a Redis.
        prefix: String = "jeton".to_owned();
        /// Milliseconds that one call to Redis may take. Whatever takes longer is answered 503.
        deadline: u64 = 1_000;
        /// When a login, a refresh or a revocation counts as made: in the `memory` of Redis; in a
        /// synced `journal` of the node as well, from which it is brought back should Redis lose it;
        /// or in a `replica` besides.
        acknowledge: String = "journal".to_owned();
        /// Start although Redis is set up so that it may lose what it has acknowledged.
        accept_loss: bool = false;
        /// A file with 32 random bytes in base64, the same on every node, that nobody else reads:
        /// `openssl rand -base64 32`. It seals the keys of the fleet, which lie in Redis: keep a copy
        /// apart from Redis.
        key_file: PathBuf = PathBuf::new();
        /// Seconds by which a node may be behind the others before it does what `stale` says.
        max_staleness: u64 = 5;
        /// What a node does with a good access token while it may be behind by more: `refuse` (503),
        /// `accept_recent` those that were issued within that time, or `accept` for as long as such a
        /// token lives.
        stale: String = "accept_recent".to_owned();
    }
}

impl Fleet {
    /// Whether there is one.
    #[must_use]
    pub const fn is_on(&self) -> bool {
        !self.redis.is_empty()
    }

    /// What is wrong with these settings, files apart.
    pub(super) fn check(&self, settings: &Settings) -> Result<(), SettingsError> {
        let fail = |text: String| Err(SettingsError(format!("fleet.{text}")));
        if !self.is_on() {
            return Ok(());
        }
        if self.redis.len() > SERVERS {
            return fail(format!("redis: there are more than {SERVERS}"));
        }
        for server in &self.redis {
            if !is_server(server) {
                return fail(format!("redis: {server:?} is not host:port"));
            }
        }
        let is_prefix = |byte: u8| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte);
        if self.prefix.is_empty()
            || self.prefix.len() > PREFIX
            || !self.prefix.bytes().all(is_prefix)
        {
            return fail(format!("prefix needs 1 to {PREFIX} of A-Z a-z 0-9 . _ : -"));
        }
        if !(10..=60_000).contains(&self.deadline) {
            return fail("deadline must be from 10 to 60000 milliseconds".to_owned());
        }
        if self.key_file.as_os_str().is_empty() {
            return fail(
                "key_file is missing: make one for all nodes by `openssl rand -base64 32`"
                    .to_owned(),
            );
        }
        if settings.accounts.postgres.is_empty() {
            return Err(SettingsError(
                "accounts.postgres is missing: the nodes of a fleet share their accounts"
                    .to_owned(),
            ));
        }
        if !(1..=settings.tokens.access_lifetime).contains(&self.max_staleness) {
            return fail("max_staleness must be from 1 to tokens.access_lifetime".to_owned());
        }
        if !self.tls && !self.authorities.as_os_str().is_empty() {
            return fail("authorities are for fleet.tls, which is off".to_owned());
        }
        if !self.user.is_empty() && self.password_file.as_os_str().is_empty() {
            return fail("password_file is missing: the password of fleet.user".to_owned());
        }
        self.deployment(None)?;
        self.acknowledged()?;
        self.staleness(settings).map(drop)
    }

    /// How the store of this node is opened. Reads the files with passwords.
    ///
    /// # Errors
    ///
    /// [`SettingsError`]
    pub fn redis(&self, settings: &Settings) -> Result<RedisSettings, SettingsError> {
        let sentinel =
            login(&self.sentinel_user, "sentinel_password_file", &self.sentinel_password_file)?;
        let authorities = Some(&self.authorities).filter(|path| !path.as_os_str().is_empty());
        Ok(RedisSettings {
            deployment: self.deployment(sentinel)?,
            login: login(&self.user, "password_file", &self.password_file)?,
            tls: self.tls.then(|| RedisTls { authorities: authorities.cloned() }),
            prefix: self.prefix.clone(),
            deadline: Duration::from_millis(self.deadline),
            retention: settings.terms().retention(),
            acknowledge: self.acknowledged()?,
            folder: settings.data.clone(),
            accept_loss: self.accept_loss,
        })
    }

    /// How old this node's list may be.
    ///
    /// # Errors
    ///
    /// [`SettingsError`]
    pub fn staleness(&self, settings: &Settings) -> Result<Staleness, SettingsError> {
        let policy = match self.stale.as_str() {
            "refuse" => StalePolicy::Refuse,
            "accept_recent" => StalePolicy::AcceptRecent,
            "accept" => StalePolicy::Accept(settings.terms().access_lifetime),
            other => {
                let text = format!("fleet.stale: {other:?} is not refuse, accept_recent or accept");
                return Err(SettingsError(text));
            }
        };
        Ok(Staleness { max: Duration::from_secs(self.max_staleness), policy })
    }

    fn deployment(&self, login: Option<RedisLogin>) -> Result<Deployment, SettingsError> {
        let fail = |text: &str| Err(SettingsError(format!("fleet.{text}")));
        match (self.mode.as_str(), self.redis.as_slice()) {
            ("standalone", [server]) => Ok(Deployment::Standalone { server: server.clone() }),
            ("standalone", _) => fail(
                "redis: there are several addresses, so fleet.mode has to be sentinel or cluster",
            ),
            ("sentinel", _) if self.primary.is_empty() => {
                fail("primary is missing: what the Sentinels call it")
            }
            ("sentinel", sentinels) => Ok(Deployment::Sentinel {
                sentinels: sentinels.to_vec(),
                primary: self.primary.clone(),
                login,
            }),
            ("cluster", nodes) => Ok(Deployment::Cluster { nodes: nodes.to_vec() }),
            (other, _) => fail(&format!("mode: {other:?} is not standalone, sentinel or cluster")),
        }
    }

    fn acknowledged(&self) -> Result<Acknowledge, SettingsError> {
        match self.acknowledge.as_str() {
            "memory" => Ok(Acknowledge::Memory),
            "journal" => Ok(Acknowledge::Journal),
            "replica" => Ok(Acknowledge::Replica),
            other => Err(SettingsError(format!(
                "fleet.acknowledge: {other:?} is not memory, journal or replica"
            ))),
        }
    }
}

/// A name or an address, and a port. No URL: it could have a password in it, which settings must not.
fn is_server(text: &str) -> bool {
    let Some((host, port)) = text.rsplit_once(':') else { return false };
    let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let is_name = !host.is_empty() && host.len() <= 253 && host.bytes().all(is_letter);
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let is_address =
        bracketed.is_some_and(|host| host.parse().is_ok_and(|ip: IpAddr| ip.is_ipv6()));
    (is_name || is_address) && port.parse().is_ok_and(|port: u16| port > 0)
}

/// Who we are, by a file with a password.
fn login(user: &str, name: &str, path: &Path) -> Result<Option<RedisLogin>, SettingsError> {
    if path.as_os_str().is_empty() {
        return Ok(None);
    }
    let password =
        file::read_secret(path).map_err(|error| SettingsError(format!("fleet.{name}: {error}")))?;
    let user = if user.is_empty() { "default" } else { user };
    Ok(Some(RedisLogin { user: user.to_owned(), password }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_is_a_host_and_a_port() {
        for good in ["localhost:6379", "redis-1.example:7000", "10.0.0.1:1", "[::1]:6379"] {
            assert!(is_server(good), "{good}");
        }
        let bad = [
            "",
            "localhost",
            ":6379",
            "localhost:",
            "localhost:0",
            "localhost:65536",
            "::1:6379",
            "redis://localhost:6379",
            "user:secret@localhost:6379",
            "[localhost]:6379",
            "a b:1",
        ];
        for bad in bad {
            assert!(!is_server(bad), "{bad}");
        }
    }

    /// I6
    #[test]
    fn what_cannot_be_is_refused_by_its_name() {
        type Change = fn(&mut Fleet);
        let cases: [(&str, Change); 14] = [
            ("redis: \"here\" is not host:port", |fleet| fleet.redis = vec!["here".to_owned()]),
            ("redis: there are several", |fleet| fleet.redis.push("b:1".to_owned())),
            ("mode: \"one\" is not", |fleet| fleet.mode = "one".to_owned()),
            ("primary is missing", |fleet| {
                fleet.mode = "sentinel".to_owned();
                fleet.primary.clear();
            }),
            ("prefix needs", |fleet| fleet.prefix.clear()),
            ("prefix needs", |fleet| fleet.prefix = "{a}".to_owned()),
            ("deadline must be", |fleet| fleet.deadline = 9),
            ("deadline must be", |fleet| fleet.deadline = 60_001),
            ("acknowledge: \"disk\" is not", |fleet| fleet.acknowledge = "disk".to_owned()),
            ("key_file is missing", |fleet| fleet.key_file = PathBuf::new()),
            ("max_staleness must be", |fleet| fleet.max_staleness = 0),
            ("stale: \"ask\" is not", |fleet| fleet.stale = "ask".to_owned()),
            ("authorities are for", |fleet| fleet.authorities = "ca.pem".into()),
            ("password_file is missing", |fleet| fleet.user = "jeton".to_owned()),
        ];
        for (words, change) in cases {
            let mut fleet = Fleet {
                redis: vec!["localhost:6379".to_owned()],
                key_file: "fleet.key".into(),
                ..Fleet::default()
            };
            let mut settings = Settings::default();
            let missing = fleet.check(&settings).unwrap_err().to_string();
            assert!(missing.starts_with("accounts.postgres is missing"), "{missing}");
            settings.accounts.postgres = "host=/run/postgresql user=jeton".to_owned();
            assert_eq!(fleet.check(&settings), Ok(()));

            change(&mut fleet);
            let refused = fleet.check(&settings).unwrap_err().to_string();

            assert!(refused.starts_with(&format!("fleet.{words}")), "{words}: {refused}");
        }
    }
}
