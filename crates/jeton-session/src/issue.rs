//! From a session to its pair of tokens.

use std::fmt;
use std::time::Duration;

use jeton::{NewAccessToken, SessionId, SignError, Signer, Timestamp};

use crate::keyring::Keyring;
use crate::refresh_token;
use crate::rules::Granted;
use crate::terms::Terms;

/// What a login or a refresh answers. `Debug` does not show the tokens.
#[derive(Clone, PartialEq, Eq)]
pub struct TokenPair {
    /// A JWT for resource servers.
    pub access_token: String,
    /// A JWT for us alone, to be used once.
    pub refresh_token: String,
    /// How long the access token lives.
    pub expires_in: Duration,
    /// How long the refresh token lives.
    pub refresh_expires_in: Duration,
    /// The session both belong to.
    pub session: SessionId,
}

impl fmt::Debug for TokenPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TokenPair")
            .field("session", &self.session)
            .field("expires_in", &self.expires_in)
            .finish_non_exhaustive()
    }
}

/// What a client gets for itself. `Debug` does not show the token.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientToken {
    /// A JWT for resource servers.
    pub access_token: String,
    /// How long it lives.
    pub expires_in: Duration,
}

impl fmt::Debug for ClientToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientToken").field("expires_in", &self.expires_in).finish_non_exhaustive()
    }
}

/// What one pair is made of.
pub(crate) struct Issue<'a> {
    pub(crate) terms: &'a Terms,
    pub(crate) keyring: &'a Keyring,
    pub(crate) subject: &'a str,
    pub(crate) granted: &'a Granted,
    pub(crate) token_id: &'a str,
}

impl Issue<'_> {
    /// Signs a fresh access token and the refresh token of the session's generation.
    pub(crate) fn sign(&self, now: Timestamp) -> Result<TokenPair, SignError> {
        let Granted { session, version } = self.granted;
        // The end of the session is the end of everything in it; it idles out at the latest then.
        let expires_at = now.after(self.terms.access_lifetime).min(session.idle_expires_at);
        let claims = NewAccessToken {
            issuer: &self.terms.issuer,
            subject: self.subject,
            audience: &self.terms.audience,
            client_id: &session.client,
            issued_at: now,
            expires_at,
            token_id: self.token_id,
            session: Some(session.id),
            version: *version,
            scope: session.scope.as_deref(),
            auth_time: Some(session.auth_time),
            amr: &session.amr,
            other: &session.claims,
        };
        let key = self.keyring.access_key(now).clone();
        Ok(TokenPair {
            access_token: Signer::new(key).access_token(&claims)?,
            refresh_token: refresh_token::sign(self.terms, self.keyring, self.subject, session)?,
            expires_in: expires_at.since(now),
            refresh_expires_in: session.idle_expires_at.since(now),
            session: session.id,
        })
    }
}
