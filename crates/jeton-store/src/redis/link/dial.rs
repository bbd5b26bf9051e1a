//! How a connection is made: TCP, TLS, who we are, and an answer that only Redis gives.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::time::Duration;

use redis::aio::MultiplexedConnection;
use redis::{AsyncConnectionConfig, Cmd, RedisConnectionInfo, RedisResult, Script, Value};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::AbortHandle;
use tokio::time::{Instant, timeout_at};
use tokio_rustls::TlsConnector;

use crate::redis::link::address::Address;
use crate::redis::link::failure::DialError;
use crate::redis::open::OpenRedisError;
use crate::redis::settings::{Deployment, RedisLogin, RedisSettings, RedisTls};

/// How many commands may wait to be written; whoever comes later waits for a place.
const QUEUE: usize = 1_024;

/// Makes connections to all servers of one kind.
pub(super) struct Dialer {
    login: Option<RedisLogin>,
    tls: Option<TlsConnector>,
    /// How long it may take until a connection is there.
    patience: Duration,
    role: Expected,
}

/// What a server has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Expected {
    /// A primary: a replica would answer, and what it says would be of some time ago.
    Primary,
    /// A node of a Cluster: it sends us on by itself if it is a replica.
    Node,
    /// A Sentinel.
    Sentinel,
}

/// A connection, shared by any number of callers. It is closed with the last of them.
#[derive(Clone)]
pub(super) struct Live {
    connection: MultiplexedConnection,
    driver: Arc<Driver>,
}

/// What carries a connection. Nothing of it is left when it is dropped.
struct Driver {
    task: AbortHandle,
    writes: Writes,
}

/// The writes of one connection, in the order in which they were answered.
#[derive(Default)]
pub(super) struct Writes {
    /// How many there were.
    pub(super) answered: AtomicU64,
    /// How many of them replicas have. Whoever holds it waits for everybody.
    pub(super) replicated: Mutex<u64>,
}

impl Dialer {
    /// To the servers that keep the data.
    pub(super) fn to_servers(settings: &RedisSettings) -> Result<Self, OpenRedisError> {
        let role = match settings.deployment {
            Deployment::Cluster { .. } => Expected::Node,
            Deployment::Standalone { .. } | Deployment::Sentinel { .. } => Expected::Primary,
        };
        Self::new(settings.login.as_ref(), settings, role)
    }

    /// To Sentinels, which have users of their own.
    pub(super) fn to_sentinels(
        login: Option<&RedisLogin>,
        settings: &RedisSettings,
    ) -> Result<Self, OpenRedisError> {
        Self::new(login, settings, Expected::Sentinel)
    }

    fn new(
        login: Option<&RedisLogin>,
        settings: &RedisSettings,
        role: Expected,
    ) -> Result<Self, OpenRedisError> {
        let tls = settings.tls.as_ref().map(connector).transpose()?;
        Ok(Self { login: login.cloned(), tls, patience: settings.deadline, role })
    }

    /// Connects, and hears once from the server.
    pub(super) async fn dial(&self, address: &Address) -> Result<Live, DialError> {
        let until = Instant::now() + self.patience;
        let unreachable = |error: io::Error| DialError::Unreachable(error.to_string());
        let stream = TcpStream::connect((&*address.host, address.port));
        let stream = within(until, DialError::Silent, stream).await?.map_err(unreachable)?;
        stream.set_nodelay(true).map_err(unreachable)?;
        let Some(tls) = &self.tls else {
            return within(until, DialError::Silent, self.introduce(stream)).await?;
        };
        let name = ServerName::try_from(address.host.clone())
            .map_err(|_| DialError::Tls(format!("`{}` is no name of a server", address.host)))?;
        let silence = DialError::Tls("it does not answer".to_owned());
        let stream = within(until, silence, tls.connect(name, stream))
            .await?
            .map_err(|error| DialError::Tls(error.to_string()))?;
        within(until, DialError::Silent, self.introduce(stream)).await?
    }

    /// Says who we are, and asks whether Redis is there.
    async fn introduce<S>(&self, stream: S) -> Result<Live, DialError>
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        // The deadline is the caller's, and a connection lives as long as it answers.
        let config = AsyncConnectionConfig::new()
            .set_connection_timeout(None)
            .set_response_timeout(None)
            .set_pipeline_buffer_size(QUEUE);
        let mut whoami = RedisConnectionInfo::default().set_skip_set_lib_name();
        if let Some(login) = &self.login {
            whoami = whoami.set_username(&login.user).set_password(&*login.password);
        }
        let (connection, driver) = MultiplexedConnection::new_with_config(&whoami, stream, config)
            .await
            .map_err(|error| DialError::of(&error))?;
        let task = tokio::spawn(driver).abort_handle();
        let driver = Arc::new(Driver { task, writes: Writes::default() });
        let live = Live { connection, driver };
        let answer = live.ask(&redis::cmd("ROLE")).await.map_err(|error| DialError::of(&error))?;
        self.role.check(answer)?;
        Ok(live)
    }
}

impl Expected {
    /// Reads the answer to `ROLE`, which begins with a word.
    fn check(self, answer: Value) -> Result<(), DialError> {
        let Value::Array(parts) = answer else {
            return Err(DialError::Foreign("it has no role".to_owned()));
        };
        let role = parts.into_iter().next().map(redis::from_redis_value::<String>);
        match (self, role.and_then(Result::ok).as_deref()) {
            (Self::Primary | Self::Node, Some("master"))
            | (Self::Node, Some("slave"))
            | (Self::Sentinel, Some("sentinel")) => Ok(()),
            (_, Some("master")) => Err(DialError::Role("a server")),
            (_, Some("slave")) => Err(DialError::Role("a replica")),
            (_, Some("sentinel")) => Err(DialError::Role("a Sentinel")),
            _ => Err(DialError::Foreign("it has no role".to_owned())),
        }
    }
}

impl Live {
    /// Whether it carries anything. If it does not, no command was sent.
    pub(super) fn is_open(&self) -> bool {
        !self.driver.task.is_finished()
    }

    /// Whether it is this very connection.
    pub(super) fn is(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.driver, &other.driver)
    }

    /// What was written on it.
    pub(super) fn writes(&self) -> &Writes {
        &self.driver.writes
    }

    /// Sends a command for keys that are on their way to this server, and waits for its answer.
    pub(super) async fn ask_as_guest(&self, command: &Cmd) -> RedisResult<Value> {
        let mut both = redis::pipe();
        both.cmd("ASKING").add_command(command.clone());
        // One packet, so that nothing comes between the two.
        let answers = self.connection.clone().send_packed_commands(&both, 0, 2).await?;
        answers.into_iter().next_back().unwrap_or(Value::Nil).extract_error()
    }

    /// Makes a script known.
    pub(super) async fn load(&self, script: &Script) -> RedisResult<String> {
        script.load_async(&mut self.connection.clone()).await
    }

    /// Sends a command and waits for its own answer.
    pub(super) async fn ask(&self, command: &Cmd) -> RedisResult<Value> {
        command.query_async(&mut self.connection.clone()).await
    }
}

impl Drop for Driver {
    fn drop(&mut self) {
        self.task.abort();
    }
}

async fn within<T>(
    until: Instant,
    silence: DialError,
    step: impl Future<Output = T>,
) -> Result<T, DialError> {
    timeout_at(until, step).await.map_err(|_| silence)
}

/// TLS 1.2 and later, with certificates that the operator's authorities vouch for.
fn connector(tls: &RedisTls) -> Result<TlsConnector, OpenRedisError> {
    let roots = authorities(tls)?;
    let provider = rustls::crypto::aws_lc_rs::default_provider();
    let config = ClientConfig::builder_with_provider(provider.into())
        .with_safe_default_protocol_versions()
        .map_err(|error| OpenRedisError::Authorities(error.to_string()))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(TlsConnector::from(Arc::new(config)))
}

fn authorities(tls: &RedisTls) -> Result<RootCertStore, OpenRedisError> {
    let mut roots = RootCertStore::empty();
    let Some(path) = &tls.authorities else {
        let (usable, _) =
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        return if usable > 0 {
            Ok(roots)
        } else {
            Err(OpenRedisError::Authorities("this machine trusts nobody".to_owned()))
        };
    };
    let unusable = |why: String| OpenRedisError::Authorities(format!("{}: {why}", path.display()));
    let pem = std::fs::read(path).map_err(|error| unusable(error.to_string()))?;
    for certificate in CertificateDer::pem_slice_iter(&pem) {
        let certificate = certificate.map_err(|error| unusable(error.to_string()))?;
        roots.add(certificate).map_err(|error| unusable(error.to_string()))?;
    }
    if roots.is_empty() { Err(unusable("it holds no certificate".to_owned())) } else { Ok(roots) }
}
