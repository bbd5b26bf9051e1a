//! Asking the issuer, where a list is too old to tell.

use std::error::Error;
use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

/// Asks the issuer about a token: introspection (RFC 7662), as a rule.
///
/// A [`Gate`](crate::Gate) asks under [`StalePolicy::Ask`](jeton::StalePolicy::Ask) only, and only
/// about tokens that are good in all that can be known without asking. Bound the time and the number
/// of what is asked in here: every request of a service may come by when its feed is gone.
///
/// A closure will do.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use jeton::{Guard, KeySet, Policy, RevocationList, Timestamp};
/// use jeton_tower::{Gate, Outage, Transport};
///
/// # let policy = Policy::access_token("https://login.example", "https://api.example");
/// # let guard = Guard::new(KeySet::default(), policy, Arc::new(RevocationList::following()));
/// let gate = Gate::new(Arc::new(guard), Transport::bearer(), || Timestamp::from_secs(0))
///     .with_confirm(|token: String| async move {
///         // let active = subscriber.introspect(&token).await.map_err(Outage::new)?;
/// #       let _ = token;
///         Err(Outage::new("the issuer did not answer in time"))
///     });
/// # let _ = gate;
/// ```
pub trait Confirm: Send + Sync + 'static {
    /// Whether the issuer says that this token is active.
    ///
    /// # Errors
    ///
    /// [`Outage`] if it has not said: the request hears 503.
    fn confirm(&self, token: String) -> impl Future<Output = Result<bool, Outage>> + Send;
}

impl<F, A> Confirm for F
where
    F: Fn(String) -> A + Send + Sync + 'static,
    A: Future<Output = Result<bool, Outage>> + Send,
{
    fn confirm(&self, token: String) -> impl Future<Output = Result<bool, Outage>> + Send {
        self(token)
    }
}

/// Nobody answered, so nobody knows. Its cause is for the log of whoever makes it.
#[derive(Debug, thiserror::Error)]
#[error("the issuer could not be asked")]
pub struct Outage(#[source] Box<dyn Error + Send + Sync>);

impl Outage {
    /// With this cause.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::error::Error as _;
    ///
    /// let outage = jeton_tower::Outage::new("connection refused");
    /// assert!(outage.source().is_some_and(|cause| cause.to_string() == "connection refused"));
    /// ```
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// What is being asked.
pub(crate) type Answer = Pin<Box<dyn Future<Output = Result<bool, Outage>> + Send>>;

/// Any [`Confirm`].
#[derive(Clone)]
pub(crate) struct Confirmer(Arc<dyn Fn(String) -> Answer + Send + Sync>);

impl Confirmer {
    pub(crate) fn new(confirm: impl Confirm) -> Self {
        let confirm = Arc::new(confirm);
        Self(Arc::new(move |token| {
            let confirm = Arc::clone(&confirm);
            Box::pin(async move { confirm.confirm(token).await })
        }))
    }

    pub(crate) fn ask(&self, token: &str) -> Answer {
        (self.0)(token.to_owned())
    }
}

impl fmt::Debug for Confirmer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Confirmer").finish_non_exhaustive()
    }
}
