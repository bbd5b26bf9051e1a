//! Where PostgreSQL is, and how it is spoken to.

use std::fmt;
use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use tokio_postgres::Config;
use tokio_postgres::config::{Host, SslMode, TargetSessionAttrs};

use crate::postgres::OpenPostgresError;

/// What an operation may take unless told otherwise.
const DEADLINE: Duration = Duration::from_secs(3);

/// Connections of one process unless told otherwise.
const CONNECTIONS: usize = 8;

/// How long sent data may stay unacknowledged before the connection is given up.
const UNACKNOWLEDGED: Duration = Duration::from_secs(10);

/// How long a connection may be silent before the other side is asked whether it is still there.
const SILENCE: Duration = Duration::from_secs(30);

/// How a [`PostgresAccounts`](crate::PostgresAccounts) finds its server, and what it may take of it.
#[derive(Clone)]
pub struct PostgresSettings {
    config: Config,
    authorities: Option<PathBuf>,
    connections: usize,
    deadline: Duration,
}

impl PostgresSettings {
    /// Reads a connection string as libpq takes it: `host=db user=jeton dbname=jeton`, or
    /// `postgresql://jeton@db/jeton`. Of several hosts, the first that allows writing is taken.
    ///
    /// TLS is used unless all hosts are loopback addresses or Unix sockets, or the string says
    /// `sslmode=disable`; and where it is used, certificates and names are verified, whether it says
    /// `require` or `verify-full`.
    ///
    /// # Errors
    ///
    /// [`OpenPostgresError::Address`] if it is none, or has no host;
    /// [`OpenPostgresError::PasswordInAddress`] if it has a password, which would be seen wherever
    /// settings are.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_account::{OpenPostgresError, PostgresSettings};
    ///
    /// assert!(PostgresSettings::parse("postgresql://jeton@db.example/jeton").is_ok());
    ///
    /// let refused = PostgresSettings::parse("postgresql://jeton:secret@db.example/jeton");
    /// assert!(matches!(refused, Err(OpenPostgresError::PasswordInAddress)));
    /// ```
    pub fn parse(text: &str) -> Result<Self, OpenPostgresError> {
        let wrong = |why: &str| OpenPostgresError::Address(why.to_owned());
        // The driver does not know these, and we verify always.
        let text = text.replace("sslmode=verify-full", "sslmode=require");
        let text = text.replace("sslmode=verify-ca", "sslmode=require");
        let mut config: Config = text.parse().map_err(|error| wrong(&super::causes(&error)))?;
        if config.get_password().is_some() {
            return Err(OpenPostgresError::PasswordInAddress);
        }
        if config.get_hosts().is_empty() && config.get_hostaddrs().is_empty() {
            return Err(wrong("it names no host"));
        }
        let ssl_mode = ssl_mode(&config);
        if ssl_mode == SslMode::Require && !has_names(&config) {
            return Err(wrong("TLS verifies the names of hosts, and there is one without a name"));
        }
        if config.get_application_name().is_none() {
            config.application_name("jeton");
        }
        config
            .ssl_mode(ssl_mode)
            .target_session_attrs(TargetSessionAttrs::ReadWrite)
            .keepalives_idle(SILENCE)
            .tcp_user_timeout(UNACKNOWLEDGED);
        Ok(Self { config, authorities: None, connections: CONNECTIONS, deadline: DEADLINE })
    }

    /// With the password of the user.
    #[must_use]
    pub fn with_password(mut self, password: &str) -> Self {
        self.config.password(password);
        self
    }

    /// With a PEM file of the authorities to trust in place of the system's.
    #[must_use]
    pub fn with_authorities(mut self, file: PathBuf) -> Self {
        self.authorities = Some(file);
        self
    }

    /// With this many connections at most, and at least one; 8 if nothing is said.
    #[must_use]
    pub fn with_connections(mut self, connections: usize) -> Self {
        self.connections = connections.max(1);
        self
    }

    /// With this much time for one operation, waiting for a connection included; 3 seconds if nothing
    /// is said. What takes longer is unknown, and its connection is dropped.
    #[must_use]
    pub fn with_deadline(mut self, deadline: Duration) -> Self {
        self.deadline = deadline;
        self
    }

    /// Whether everything goes through TLS.
    #[must_use]
    pub fn is_encrypted(&self) -> bool {
        self.config.get_ssl_mode() == SslMode::Require
    }

    pub(super) fn config(&self) -> Config {
        let mut config = self.config.clone();
        config.connect_timeout(self.deadline);
        config
    }

    pub(super) const fn authorities(&self) -> Option<&PathBuf> {
        self.authorities.as_ref()
    }

    pub(super) const fn connections(&self) -> usize {
        self.connections
    }

    pub(super) const fn deadline(&self) -> Duration {
        self.deadline
    }

    /// Which server, for people.
    pub(super) fn server(&self) -> String {
        let names = self.config.get_hosts().iter().map(|host| match host {
            Host::Tcp(name) => name.clone(),
            Host::Unix(path) => path.display().to_string(),
        });
        let addresses = self.config.get_hostaddrs().iter().map(ToString::to_string);
        let mut hosts: Vec<String> = names.collect();
        if hosts.is_empty() {
            hosts.extend(addresses);
        }
        let ports: Vec<String> = self.config.get_ports().iter().map(ToString::to_string).collect();
        let ports = if ports.is_empty() { "5432".to_owned() } else { ports.join(",") };
        format!("{} port {ports}", hosts.join(","))
    }

    pub(super) fn user(&self) -> &str {
        self.config.get_user().unwrap_or("(the user of this process)")
    }

    pub(super) fn database(&self) -> &str {
        self.config.get_dbname().unwrap_or_else(|| self.user())
    }
}

impl fmt::Debug for PostgresSettings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("PostgresSettings")
            .field("server", &self.server())
            .field("user", &self.user())
            .field("database", &self.database())
            .finish_non_exhaustive()
    }
}

/// Plain only where nobody can listen, or where somebody has decided so. What libpq calls `prefer`
/// would let anybody in between choose.
fn ssl_mode(config: &Config) -> SslMode {
    match config.get_ssl_mode() {
        SslMode::Disable => SslMode::Disable,
        SslMode::Require => SslMode::Require,
        _ if is_local(config) => SslMode::Disable,
        _ => SslMode::Require,
    }
}

fn is_local(config: &Config) -> bool {
    let names = config.get_hosts().iter().all(|host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => name == "localhost" || is_loopback(name),
    });
    let addresses = config.get_hostaddrs();
    // Where there are addresses, the names are not looked up.
    if addresses.is_empty() { names } else { addresses.iter().all(IpAddr::is_loopback) }
}

fn is_loopback(name: &str) -> bool {
    let address = name.trim_start_matches('[').trim_end_matches(']').parse::<IpAddr>();
    address.is_ok_and(|address| address.is_loopback())
}

fn has_names(config: &Config) -> bool {
    let hosts = config.get_hosts();
    !hosts.is_empty() && hosts.iter().all(|host| matches!(host, Host::Tcp(_)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// T1: plain only where nobody is in between, or on request.
    #[test]
    fn tls_is_off_only_on_this_machine_or_on_request() {
        let cases = [
            ("host=db.example user=jeton", true),
            ("host=db.example user=jeton sslmode=prefer", true),
            ("host=db.example user=jeton sslmode=require", true),
            ("host=db.example user=jeton sslmode=verify-full", true),
            ("host=db.example user=jeton sslmode=disable", false),
            ("host=localhost user=jeton", false),
            ("host=127.0.0.1 user=jeton", false),
            ("host=localhost user=jeton sslmode=verify-ca", true),
            ("host=localhost,db.example user=jeton", true),
            ("host=localhost hostaddr=192.0.2.1 user=jeton", true),
            ("host=db.example hostaddr=127.0.0.1 user=jeton", false),
            ("host=/run/postgresql user=jeton", false),
            ("postgresql://jeton@db.example/jeton", true),
            ("postgresql://jeton@db.example/jeton?sslmode=verify-full", true),
            ("postgresql://jeton@db.example/jeton?sslmode=disable", false),
            ("postgresql://jeton@[::1]:5433/jeton", false),
            ("postgresql://jeton@%2Frun%2Fpostgresql/jeton", false),
        ];
        for (text, expected) in cases {
            let settings = PostgresSettings::parse(text).unwrap();

            assert_eq!(settings.is_encrypted(), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_an_address_is_refused() {
        let cases = [
            ("", "it names no host"),
            ("user=jeton", "it names no host"),
            ("host=db.example sslmode=allow", "sslmode"),
            ("host=db.example hots=a", "hots"),
            ("host=/run/postgresql sslmode=require", "without a name"),
            ("hostaddr=192.0.2.1", "without a name"),
            ("postgresql://jeton@db:port/jeton", "port"),
            ("host=db password=hunter2", "password_file"),
            ("postgresql://jeton:hunter2@db/jeton", "password_file"),
            ("postgresql://jeton@db/jeton?password=hunter2", "password_file"),
        ];
        for (text, reason) in cases {
            let refused = PostgresSettings::parse(text).unwrap_err().to_string();

            assert!(refused.contains(reason), "{text}: {refused}");
            assert!(!refused.contains("hunter2"), "{text}: {refused}");
        }
    }

    #[test]
    fn the_password_is_never_shown() {
        let settings = PostgresSettings::parse("host=db user=jeton dbname=accounts");

        let shown = format!("{:?}", settings.unwrap().with_password("hunter2"));

        assert!(shown.contains("db port 5432") && shown.contains("accounts"), "{shown}");
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}
