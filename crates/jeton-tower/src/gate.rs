//! From a request to an identity.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use jeton::{Guard, Moment, Reason, Refusal, Staleness, Unconfirmed, Verdict};

use crate::confirm::Confirmer;
use crate::{Confirm, Denied, GuardLayer, Head, Identity, Realm, Rejection, Transport};

/// A guard, and where requests keep their tokens. Cheap to clone.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use http::HeaderMap;
/// use jeton::{Guard, KeySet, Policy, RevocationList, Timestamp};
/// use jeton_tower::{Gate, Rejection, Transport};
///
/// let policy = Policy::access_token("https://login.example", "https://api.example");
/// let guard = Guard::new(KeySet::default(), policy, Arc::new(RevocationList::new()));
/// let gate = Gate::new(Arc::new(guard), Transport::bearer(), || Timestamp::from_secs(0));
///
/// assert_eq!(gate.check(&HeaderMap::new()).unwrap_err(), Rejection::Missing);
/// ```
#[derive(Clone)]
pub struct Gate {
    parts: Arc<Parts>,
}

#[derive(Clone)]
struct Parts {
    guard: Arc<Guard>,
    transport: Transport,
    clock: Arc<dyn Fn() -> Moment + Send + Sync>,
    realm: Realm,
    confirmer: Option<Confirmer>,
}

/// What a gate found without asking anybody.
pub(crate) enum Found<'r> {
    Admitted(Identity),
    Unconfirmed(&'r str, Unconfirmed),
}

impl Gate {
    /// A gate with this guard.
    ///
    /// The clock tells a [`Timestamp`](jeton::Timestamp), which will do in the process that issues,
    /// or a [`Moment`], which a guard needs whose revocation list follows another.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::sync::Arc;
    /// use std::time::{Instant, SystemTime};
    /// use jeton::{Guard, KeySet, Moment, Policy, RevocationList, Timestamp};
    /// use jeton_tower::{Gate, Transport};
    ///
    /// let policy = Policy::access_token("https://login.example", "https://api.example");
    /// let guard = Guard::new(KeySet::default(), policy, Arc::new(RevocationList::following()));
    /// let gate = Gate::new(Arc::new(guard), Transport::bearer(), || {
    ///     Moment::new(Timestamp::from(SystemTime::now()), Instant::now())
    /// });
    /// # let _ = gate;
    /// ```
    #[must_use]
    pub fn new<M: Into<Moment>>(
        guard: Arc<Guard>,
        transport: Transport,
        clock: impl Fn() -> M + Send + Sync + 'static,
    ) -> Self {
        let clock = Arc::new(move || clock().into());
        let parts = Parts { guard, transport, clock, realm: Realm::default(), confirmer: None };
        Self { parts: Arc::new(parts) }
    }

    /// The same gate with another realm.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::{Guard, KeySet, Policy, RevocationList, Timestamp};
    /// # use jeton_tower::{Gate, InvalidRealm, Realm, Transport};
    /// # fn example(gate: Gate) -> Result<Gate, InvalidRealm> {
    /// Ok(gate.with_realm(Realm::new("shop")?))
    /// # }
    /// ```
    #[must_use]
    pub fn with_realm(self, realm: Realm) -> Self {
        Self { parts: Arc::new(Parts { realm, ..Arc::unwrap_or_clone(self.parts) }) }
    }

    /// The same gate with somebody to ask under [`StalePolicy::Ask`](jeton::StalePolicy::Ask).
    /// Without it, what that policy would ask about is [stale](Rejection::Stale). [`Confirm`] has an
    /// example.
    #[must_use]
    pub fn with_confirm(self, confirm: impl Confirm) -> Self {
        let confirmer = Some(Confirmer::new(confirm));
        Self { parts: Arc::new(Parts { confirmer, ..Arc::unwrap_or_clone(self.parts) }) }
    }

    /// Who sends a request, without asking anybody: where somebody has to be asked, that is
    /// [`Rejection::Stale`].
    ///
    /// # Errors
    ///
    /// [`Rejection`]
    pub fn check<'r>(&self, request: impl Into<Head<'r>>) -> Result<Identity, Rejection> {
        match self.find(request.into(), None)? {
            Found::Admitted(identity) => Ok(identity),
            Found::Unconfirmed(..) => Err(Rejection::Stale),
        }
    }

    /// Who sends a request. Asks the issuer where the guard's [staleness](Guard::staleness) says so.
    ///
    /// # Errors
    ///
    /// [`Rejection`]
    ///
    /// # Examples
    ///
    /// ```
    /// use http::request::Parts;
    /// use jeton_tower::{Gate, Identity, Rejection};
    ///
    /// async fn who(gate: &Gate, request: &Parts) -> Result<Identity, Rejection> {
    ///     gate.admit(request).await
    /// }
    /// ```
    pub async fn admit<'r>(&self, request: impl Into<Head<'r>>) -> Result<Identity, Rejection> {
        match self.find(request.into(), None)? {
            Found::Admitted(identity) => Ok(identity),
            Found::Unconfirmed(token, unconfirmed) => self.ask(token, unconfirmed).await,
        }
    }

    /// A layer that lets through what this gate admits.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::{Gate, GuardLayer};
    ///
    /// fn for_writing(gate: &Gate) -> GuardLayer {
    ///     gate.layer().scope("orders:write")
    /// }
    /// ```
    #[must_use]
    pub fn layer(&self) -> GuardLayer {
        GuardLayer::new(self.clone())
    }

    /// The answer to a rejection, in this gate's realm.
    ///
    /// # Examples
    ///
    /// ```
    /// use http::Response;
    /// use jeton_tower::{Gate, Rejection};
    ///
    /// fn refuse(gate: &Gate, rejection: Rejection) -> Response<String> {
    ///     gate.deny(rejection).into_http()
    /// }
    /// ```
    #[must_use]
    pub fn deny(&self, rejection: Rejection) -> Denied {
        Denied::new(rejection, self.parts.realm.clone())
    }

    /// Where requests keep their tokens.
    #[must_use]
    pub fn transport(&self) -> &Transport {
        &self.parts.transport
    }

    /// What checks their tokens.
    #[must_use]
    pub fn guard(&self) -> &Arc<Guard> {
        &self.parts.guard
    }

    /// Who sends a request, under the guard's staleness or another.
    pub(crate) fn find<'r>(
        &self,
        head: Head<'r>,
        staleness: Option<Staleness>,
    ) -> Result<Found<'r>, Rejection> {
        let Parts { guard, transport, clock, .. } = &*self.parts;
        let token = transport.token(head)?;
        let staleness = staleness.unwrap_or_else(|| guard.staleness());
        match guard.examine(token, clock(), staleness)? {
            Verdict::Admitted(identity) => {
                Ok(Found::Admitted(Identity::new(identity, Arc::clone(guard))))
            }
            Verdict::Unconfirmed(unconfirmed) => Ok(Found::Unconfirmed(token, unconfirmed)),
        }
    }

    /// Asks whether this token is active.
    pub(crate) fn ask(
        &self,
        token: &str,
        unconfirmed: Unconfirmed,
    ) -> impl Future<Output = Result<Identity, Rejection>> + Send + 'static + use<> {
        let answer = self.parts.confirmer.as_ref().map(|confirmer| confirmer.ask(token));
        let guard = Arc::clone(&self.parts.guard);
        async move {
            match answer.ok_or(Rejection::Stale)?.await {
                Ok(true) => Ok(Identity::new(unconfirmed.confirmed(), guard)),
                // The issuer does not say why.
                Ok(false) => Err(Rejection::Refused(Refusal::Ended(Reason::Revoked))),
                Err(_) => Err(Rejection::Stale),
            }
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Parts { guard, transport, realm, .. } = &*self.parts;
        f.debug_struct("Gate")
            .field("guard", guard)
            .field("transport", transport)
            .field("realm", realm)
            .finish_non_exhaustive()
    }
}
