//! Who calls: a user, or a client for itself. No client is a user, whatever it is called.

use http::HeaderMap;
use jeton_tower::{Identity, Rejection};

use crate::app::App;
use crate::clients::Client;
use crate::http::error::ApiError;

/// The user whose token this is.
///
/// # Errors
///
/// The gate's, and 403 for a client's own token.
pub(crate) fn user(app: &App, headers: &HeaderMap) -> Result<Identity, ApiError> {
    let identity = app.gate().check(headers)?;
    if identity.is_client() { Err(Rejection::NotAUser.into()) } else { Ok(identity) }
}

/// The client whose own token this is, if the token and the settings both give it this scope.
///
/// # Errors
///
/// The gate's, and 403.
pub(crate) fn client<'a>(
    app: &'a App,
    headers: &HeaderMap,
    scope: &'static str,
) -> Result<&'a Client, ApiError> {
    let identity = app.gate().check(headers)?;
    let client = app.clients().get(identity.subject()).filter(|_| identity.is_client());
    client
        .filter(|client| client.may(scope) && identity.has_scope(scope))
        .ok_or_else(|| Rejection::InsufficientScope(scope.into()).into())
}
