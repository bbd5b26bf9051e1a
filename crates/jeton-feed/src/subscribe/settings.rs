//! What a subscriber is told before it starts.

use std::path::PathBuf;
use std::sync::Arc;

use jeton::{Bound, RevocationList, Staleness, Timestamp};
use rustls::RootCertStore;
use rustls::pki_types::CertificateDer;

use super::StartError;
use super::credentials::Credentials;
use crate::follow::Tap;

/// Most of a snapshot: all that an issuer holds by default, four million entries of 15 to 22 bytes.
const SNAPSHOT: usize = 128 * 1024 * 1024;

/// One's own time of day: usually `|| SystemTime::now().into()`.
pub type WallClock = fn() -> Timestamp;

/// Where to subscribe, as whom, and what to make of it.
///
/// # Examples
///
/// ```
/// use std::time::{Duration, SystemTime};
/// use jeton::{StalePolicy, Staleness};
/// use jeton_feed::subscribe::{Credentials, Settings};
///
/// let client = Credentials::client("orders-api", "jcs_from-a-file");
/// let settings = Settings::new("https://login.example", client, || SystemTime::now().into())
///     .with_name("orders-api-3")
///     .with_file("/var/lib/orders/revocations")
///     .with_staleness(Staleness { max: Duration::from_secs(2), policy: StalePolicy::Refuse });
/// # let _ = settings;
/// ```
#[derive(Clone, Debug)]
pub struct Settings {
    pub(super) url: String,
    pub(super) feed: Option<String>,
    pub(super) credentials: Credentials,
    pub(super) wall: WallClock,
    pub(super) name: String,
    pub(super) file: Option<PathBuf>,
    pub(super) staleness: Staleness,
    pub(super) list: Arc<RevocationList>,
    pub(super) snapshot_limit: usize,
    pub(super) allow_plain_http: bool,
    pub(super) roots: Option<RootCertStore>,
    pub(super) tap: Option<Tap>,
}

impl Settings {
    /// Subscribes at the issuer with this address: `https`, or `http` if it is on this machine.
    pub fn new(url: impl Into<String>, credentials: Credentials, wall: WallClock) -> Self {
        Self {
            url: url.into(),
            feed: None,
            credentials,
            wall,
            name: "verifier".to_owned(),
            file: None,
            staleness: Staleness::default(),
            list: Arc::new(RevocationList::following()),
            snapshot_limit: SNAPSHOT,
            allow_plain_http: false,
            roots: None,
            tap: None,
        }
    }

    /// Reads the feed at this address, a relay's, and asks the issuer for nothing but tokens. The
    /// same is asked of this address: `https`, or this machine.
    #[must_use]
    pub fn with_feed(self, url: impl Into<String>) -> Self {
        Self { feed: Some(url.into()), ..self }
    }

    /// Reports under this name how long revocations take: one for each process, or they are taken
    /// for one. 1 to 64 letters, digits or `._:/@-`; `verifier` unless told otherwise.
    #[must_use]
    pub fn with_name(self, name: impl Into<String>) -> Self {
        Self { name: name.into(), ..self }
    }

    /// Keeps the list in this file, about every half minute, and starts from it: what it refuses is
    /// refused before the issuer was heard. It makes nothing fresh. Its folder has to be there, and
    /// to be one that nobody else writes into.
    #[must_use]
    pub fn with_file(self, path: impl Into<PathBuf>) -> Self {
        Self { file: Some(path.into()), ..self }
    }

    /// How old the list may be, and what its guards do past that: 5 seconds, and
    /// [`AcceptRecent`](jeton::StalePolicy::AcceptRecent), unless told otherwise.
    #[must_use]
    pub fn with_staleness(self, staleness: Staleness) -> Self {
        Self { staleness, ..self }
    }

    /// How much the list holds before it says less with less. Not lower than the issuer's.
    #[must_use]
    pub fn with_bound(self, bound: Bound) -> Self {
        self.with_list(Arc::new(RevocationList::following().with_bound(bound)))
    }

    /// Fills this list, a [following](RevocationList::following) one, that others hold as well.
    #[must_use]
    pub fn with_list(self, list: Arc<RevocationList>) -> Self {
        Self { list, ..self }
    }

    /// Tells this of everything that comes to the list by the feed, for those who pass it on.
    #[must_use]
    pub fn with_tap(self, tap: Tap) -> Self {
        Self { tap: Some(tap), ..self }
    }

    /// Takes snapshots of up to this many bytes; 128 MiB unless told otherwise.
    #[must_use]
    pub fn with_snapshot_limit(self, bytes: usize) -> Self {
        Self { snapshot_limit: bytes, ..self }
    }

    /// Talks plain HTTP to another machine. Whoever is on the way reads the secret, and can keep
    /// revocations back: for a network where that is somebody else's worry.
    #[must_use]
    pub fn allow_plain_http(self) -> Self {
        Self { allow_plain_http: true, ..self }
    }

    /// Trusts this certificate authority, given in DER, and others that are given so, in place of
    /// those that the system trusts.
    ///
    /// # Errors
    ///
    /// [`StartError::Tls`] if it is no certificate.
    pub fn with_authority(mut self, der: &[u8]) -> Result<Self, StartError> {
        let mut roots = self.roots.take().unwrap_or_else(RootCertStore::empty);
        let added = roots.add(CertificateDer::from(der.to_vec()));
        added.map_err(|error| StartError::Tls(error.to_string()))?;
        Ok(Self { roots: Some(roots), ..self })
    }
}
