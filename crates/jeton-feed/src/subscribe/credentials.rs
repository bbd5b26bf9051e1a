//! Whom a subscriber presents itself as.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use zeroize::Zeroizing;

/// An access token for the feed, of whatever made it.
#[derive(Clone)]
pub struct BearerToken {
    pub(super) text: Arc<Zeroizing<String>>,
    pub(super) lifetime: Option<Duration>,
}

impl BearerToken {
    /// A token that lives for so long from now on; `None` if nobody knows.
    pub fn new(text: impl Into<String>, lifetime: Option<Duration>) -> Self {
        Self { text: Arc::new(Zeroizing::new(text.into())), lifetime }
    }
}

impl fmt::Debug for BearerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BearerToken").field("lifetime", &self.lifetime).finish_non_exhaustive()
    }
}

/// Why there is no token. What it says goes to the log.
pub type NoToken = Box<dyn std::error::Error + Send + Sync>;

type Fetching = Pin<Box<dyn Future<Output = Result<BearerToken, NoToken>> + Send>>;
type Source = Arc<dyn Fn() -> Fetching + Send + Sync>;

/// Whom a subscriber presents itself as.
///
/// # Examples
///
/// ```
/// use jeton_feed::subscribe::{BearerToken, Credentials};
///
/// let client = Credentials::client("orders-api", "jcs_from-a-file");
/// assert!(!format!("{client:?}").contains("jcs_"));
///
/// let of_our_own = Credentials::source(|| async {
///     Ok(BearerToken::new("ey…", None)) // asked for again when it is refused
/// });
/// # let _ = of_our_own;
/// ```
#[derive(Clone)]
pub struct Credentials(pub(super) Kind);

#[derive(Clone)]
pub(super) enum Kind {
    Client { id: String, secret: Arc<Zeroizing<String>> },
    Source(Source),
}

impl Credentials {
    /// A client of the issuer's (RFC 6749 section 4.4), which may ask for the scope
    /// `revocations:read`. The secret belongs in a file that nobody else reads.
    pub fn client(id: impl Into<String>, secret: impl Into<String>) -> Self {
        let secret = Arc::new(Zeroizing::new(secret.into()));
        Self(Kind::Client { id: id.into(), secret })
    }

    /// Tokens with the scope `revocations:read` from elsewhere. Asked when two thirds of the last
    /// token's life are over, and when it was refused.
    pub fn source<F, T>(source: F) -> Self
    where
        F: Fn() -> T + Send + Sync + 'static,
        T: Future<Output = Result<BearerToken, NoToken>> + Send + 'static,
    {
        Self(Kind::Source(Arc::new(move || Box::pin(source()))))
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Kind::Client { id, .. } => {
                f.debug_struct("Client").field("id", id).finish_non_exhaustive()
            }
            Kind::Source(_) => f.write_str("Source"),
        }
    }
}
