//! A guard in front of any service.

mod future;

use std::sync::Arc;
use std::task::{Context, Poll};

use http::{Request, Response};
use jeton::Staleness;
use tower_layer::Layer;
use tower_service::Service;

pub use self::future::GuardedFuture;
use crate::gate::Found;
use crate::{Gate, Head, Identity, Rejection, Scopes};

/// Guards services: only requests that its [`Gate`] admits, and that have what the route asks for,
/// get to them. Made by [`Gate::layer`].
///
/// The service finds the [`Identity`] in the request's extensions, and axum handlers take it as an
/// argument. Answers to the others are those of [`Denied`](crate::Denied), in any body that is made
/// of a `String`.
///
/// # Examples
///
/// ```
/// use axum::Router;
/// use axum::routing::{get, post};
/// use jeton_tower::{Gate, Identity};
///
/// fn orders(gate: Gate) -> Router {
///     let writing = gate.layer().scope("orders:write").users_only();
///     Router::new()
///         .route("/orders", post(|| async { "taken" }).layer(writing))
///         .route("/orders", get(|identity: Identity| async move {
///             format!("the orders of {}", identity.subject())
///         }))
///         .with_state(gate)
/// }
/// ```
#[derive(Clone, Debug)]
pub struct GuardLayer {
    gate: Gate,
    rules: Rules,
}

/// What a route asks for.
#[derive(Clone, Debug, Default)]
struct Rules {
    scopes: Scopes,
    staleness: Option<Staleness>,
    is_optional: bool,
    is_for_users: bool,
}

impl GuardLayer {
    pub(crate) fn new(gate: Gate) -> Self {
        Self { gate, rules: Rules::default() }
    }

    /// Asks for this scope too, or for several in one text. A token without it is refused with 403.
    ///
    /// A token of `jeton serve` has the scopes that its session was opened with by a backend, or that
    /// a client asked for. One that a user got from `/v1/login` has none.
    #[must_use]
    pub fn scope(mut self, scope: impl Into<Scopes>) -> Self {
        self.rules.scopes = self.rules.scopes.and(&scope.into());
        self
    }

    /// Has the revocation list judged by another staleness than the guard's: a stricter one where
    /// money moves, a laxer one where nothing is lost.
    #[must_use]
    pub fn staleness(mut self, staleness: Staleness) -> Self {
        self.rules.staleness = Some(staleness);
        self
    }

    /// Lets requests without any token pass, without an identity. A bad token is refused all the
    /// same.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.rules.is_optional = true;
        self
    }

    /// Refuses clients that speak for themselves, with 403.
    #[must_use]
    pub fn users_only(mut self) -> Self {
        self.rules.is_for_users = true;
        self
    }
}

impl Rules {
    fn accept(&self, identity: &Identity) -> Result<(), Rejection> {
        if self.is_for_users && identity.is_client() {
            return Err(Rejection::NotAUser);
        }
        identity.require(self.scopes.clone())
    }
}

impl<S> Layer<S> for GuardLayer {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        let Self { gate, rules } = self.clone();
        Guarded { inner, gate, rules: Arc::new(rules) }
    }
}

/// A service behind a [`GuardLayer`].
#[derive(Clone, Debug)]
pub struct Guarded<S> {
    inner: S,
    gate: Gate,
    rules: Arc<Rules>,
}

impl<S, B, R> Service<Request<B>> for Guarded<S>
where
    S: Service<Request<B>, Response = Response<R>> + Clone,
    R: From<String>,
{
    type Response = Response<R>;
    type Error = S::Error;
    type Future = GuardedFuture<S, B>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), S::Error>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, mut request: Request<B>) -> GuardedFuture<S, B> {
        let Self { inner, gate, rules } = self;
        // Only this layer may say who it is.
        request.extensions_mut().remove::<Identity>();
        let found = match gate.find(Head::from(&request), rules.staleness) {
            Ok(found) => found,
            Err(Rejection::Missing) if rules.is_optional => {
                return GuardedFuture::run(inner.call(request));
            }
            Err(rejection) => return GuardedFuture::denied(gate.deny(rejection)),
        };
        let identity = match found {
            Found::Admitted(identity) => identity,
            Found::Unconfirmed(token, unconfirmed) => {
                let asked = gate.ask(token, unconfirmed);
                let (gate, rules) = (gate.clone(), Arc::clone(rules));
                // The one that is ready takes the request; a clone of it may not be.
                let ready = std::mem::replace(inner, inner.clone());
                let admit = async move {
                    let identity =
                        asked.await.and_then(|identity| rules.accept(&identity).map(|()| identity));
                    identity.map_err(|rejection| gate.deny(rejection))
                };
                return GuardedFuture::ask(admit, ready, request);
            }
        };
        match rules.accept(&identity) {
            Ok(()) => {
                request.extensions_mut().insert(identity);
                GuardedFuture::run(inner.call(request))
            }
            Err(rejection) => GuardedFuture::denied(gate.deny(rejection)),
        }
    }
}
