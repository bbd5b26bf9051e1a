//! Who sends a request, and until when that holds.

use std::fmt;
use std::ops::Deref;
use std::sync::Arc;

use jeton::{Ended, Guard};

use crate::{Rejection, Scopes, UntilEnded};

/// Who sends a request: a [`jeton::Identity`] that knows when it ends.
///
/// It is an axum extractor for handlers whose state has a [`Gate`](crate::Gate): a request without a
/// good token is refused before the handler runs. `Option<Identity>` lets requests without any token
/// pass; a bad one is refused all the same. Where a [layer](crate::GuardLayer) of the same guard has
/// looked already, nothing is looked at twice.
///
/// A client that speaks for itself has an identity too. Where only users are meant, ask for a
/// [`User`].
///
/// # Examples
///
/// ```
/// use jeton_tower::Identity;
///
/// async fn hello(identity: Identity) -> String {
///     format!("hello, {}", identity.subject())
/// }
///
/// async fn greet(identity: Option<Identity>) -> String {
///     identity.map_or("hello, whoever you are".to_owned(), |known| {
///         format!("hello, {}", known.subject())
///     })
/// }
/// ```
#[derive(Clone)]
pub struct Identity {
    identity: jeton::Identity,
    guard: Arc<Guard>,
}

impl Identity {
    pub(crate) const fn new(identity: jeton::Identity, guard: Arc<Guard>) -> Self {
        Self { identity, guard }
    }

    /// Whether this guard has let it in.
    pub(crate) fn is_from(&self, guard: &Arc<Guard>) -> bool {
        Arc::ptr_eq(&self.guard, guard)
    }

    /// Asks for scopes.
    ///
    /// # Errors
    ///
    /// [`Rejection::InsufficientScope`] with all of these if one is missing.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::{Identity, Rejection};
    ///
    /// fn cancel(identity: &Identity) -> Result<(), Rejection> {
    ///     identity.require("orders:write")
    /// }
    /// ```
    pub fn require(&self, scopes: impl Into<Scopes>) -> Result<(), Rejection> {
        let scopes = scopes.into();
        if scopes.iter().all(|scope| self.identity.has_scope(scope)) {
            Ok(())
        } else {
            Err(Rejection::InsufficientScope(scopes))
        }
    }

    /// Resolves, with the refusal, when the session, the token or its key is revoked. It needs no
    /// runtime, and borrows nothing.
    ///
    /// What was begun with an identity ends with it: race this against a WebSocket, a long download,
    /// a job. The token's own end, `claims().expires_at`, is yours to time, if it is to count. A
    /// revocation list that hears nothing any more ends nothing either: give what must not outlive
    /// that a bound of its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::Identity;
    ///
    /// /// Works until there is nothing to do, or nobody to do it for.
    /// async fn serve(identity: Identity, work: impl Future<Output = ()>) -> &'static str {
    ///     tokio::select! {
    ///         refusal = identity.ended() => refusal.code(), // `logged_out`, for one
    ///         () = work => "done",
    ///     }
    /// }
    /// ```
    pub fn ended(&self) -> Ended {
        self.guard.ending(&self.identity)
    }

    /// This stream, until the [identity ends](Self::ended).
    ///
    /// # Examples
    ///
    /// A body of any length that stops when the session is over:
    ///
    /// ```
    /// use axum_core::body::Body;
    /// use jeton_tower::Identity;
    ///
    /// async fn export(identity: Identity) -> Body {
    ///     let rows = Body::from("all the rows, for hours").into_data_stream();
    ///     Body::from_stream(identity.until_ended(rows))
    /// }
    /// ```
    #[must_use]
    pub fn until_ended<S>(&self, stream: S) -> UntilEnded<S> {
        UntilEnded::new(stream, self.ended())
    }

    /// The user that this is.
    ///
    /// # Errors
    ///
    /// [`Rejection::NotAUser`] if it is a client.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::{Identity, Rejection};
    ///
    /// fn owner(identity: Identity) -> Result<String, Rejection> {
    ///     Ok(identity.into_user()?.subject().to_owned())
    /// }
    /// ```
    pub fn into_user(self) -> Result<User, Rejection> {
        if self.identity.is_client() { Err(Rejection::NotAUser) } else { Ok(User(self)) }
    }
}

impl Deref for Identity {
    type Target = jeton::Identity;

    fn deref(&self) -> &jeton::Identity {
        &self.identity
    }
}

impl From<Identity> for jeton::Identity {
    fn from(identity: Identity) -> Self {
        identity.identity
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.identity.fmt(f)
    }
}

/// An [`Identity`] that is a user's: no client that speaks for itself, whatever it is called (RFC
/// 9700 section 4.15). As an extractor it refuses those with 403.
///
/// # Examples
///
/// ```
/// use jeton_tower::User;
///
/// async fn my_orders(user: User) -> String {
///     format!("the orders of {}", user.subject())
/// }
/// ```
#[derive(Clone, Debug)]
pub struct User(Identity);

impl Deref for User {
    type Target = Identity;

    fn deref(&self) -> &Identity {
        &self.0
    }
}

impl From<User> for Identity {
    fn from(user: User) -> Self {
        user.0
    }
}
