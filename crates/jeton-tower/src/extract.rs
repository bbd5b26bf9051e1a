//! Identities as arguments of axum handlers.

use axum_core::extract::{FromRef, FromRequestParts, OptionalFromRequestParts};
use http::request::Parts;

use crate::{Denied, Gate, Identity, Rejection, User};

/// Who sends the request: as the layer has found, if there is one of this guard, or as the gate does.
/// Whoever asks next finds it.
async fn identity(parts: &mut Parts, gate: &Gate) -> Result<Identity, Rejection> {
    let known = parts.extensions.get::<Identity>();
    if let Some(identity) = known.filter(|identity| identity.is_from(gate.guard())) {
        return Ok(identity.clone());
    }
    let identity = gate.admit(&*parts).await?;
    parts.extensions.insert(identity.clone());
    Ok(identity)
}

/// The same, or nobody where no token was sent.
async fn if_any(parts: &mut Parts, gate: &Gate) -> Result<Option<Identity>, Rejection> {
    match identity(parts, gate).await {
        Ok(identity) => Ok(Some(identity)),
        Err(Rejection::Missing) => Ok(None),
        Err(rejection) => Err(rejection),
    }
}

impl<S> FromRequestParts<S> for Identity
where
    Gate: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Denied> {
        let gate = Gate::from_ref(state);
        identity(parts, &gate).await.map_err(|rejection| gate.deny(rejection))
    }
}

impl<S> OptionalFromRequestParts<S> for Identity
where
    Gate: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Denied> {
        let gate = Gate::from_ref(state);
        if_any(parts, &gate).await.map_err(|rejection| gate.deny(rejection))
    }
}

impl<S> FromRequestParts<S> for User
where
    Gate: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Denied> {
        let gate = Gate::from_ref(state);
        let user = identity(parts, &gate).await.and_then(Identity::into_user);
        user.map_err(|rejection| gate.deny(rejection))
    }
}

impl<S> OptionalFromRequestParts<S> for User
where
    Gate: FromRef<S>,
    S: Send + Sync,
{
    type Rejection = Denied;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Option<Self>, Denied> {
        let gate = Gate::from_ref(state);
        let found = if_any(parts, &gate).await;
        let user = found.and_then(|found| found.map(Identity::into_user).transpose());
        user.map_err(|rejection| gate.deny(rejection))
    }
}
