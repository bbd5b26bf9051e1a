//! From a request to an identity.

use std::sync::Arc;

use axum_core::extract::{FromRef, FromRequestParts};
use http::HeaderMap;
use http::request::Parts;
use jeton::{Guard, Identity, Timestamp};

use crate::{Rejection, Transport};

/// A guard, and where requests keep their tokens. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Gate {
    guard: Arc<Guard>,
    transport: Arc<Transport>,
    now: fn() -> Timestamp,
}

impl Gate {
    /// A gate with this guard. `now` is the clock: usually
    /// `|| Timestamp::from(SystemTime::now())`.
    #[must_use]
    pub fn new(guard: Arc<Guard>, transport: Transport, now: fn() -> Timestamp) -> Self {
        Self { guard, transport: Arc::new(transport), now }
    }

    /// Who sends a request with these headers.
    ///
    /// # Errors
    ///
    /// [`Rejection`]
    pub fn check(&self, headers: &HeaderMap) -> Result<Identity, Rejection> {
        let token = self.transport.token(headers)?;
        Ok(self.guard.check(token, (self.now)())?)
    }

    /// Where requests keep their tokens.
    #[must_use]
    pub fn transport(&self) -> &Transport {
        &self.transport
    }
}

/// The identity of a request, for axum handlers whose state has a [`Gate`].
///
/// # Examples
///
/// ```
/// use jeton_tower::Authenticated;
///
/// async fn hello(Authenticated(identity): Authenticated) -> String {
///     format!("hello, {}", identity.subject())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct Authenticated(pub Identity);

impl<S> FromRequestParts<S> for Authenticated
where
    Gate: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Rejection;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Rejection> {
        Gate::from_ref(state).check(&parts.headers).map(Self)
    }
}
