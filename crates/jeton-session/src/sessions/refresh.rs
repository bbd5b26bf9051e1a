//! What gives tokens again: a refresh.

use std::sync::Arc;

use jeton::{SessionId, Timestamp};

use crate::error::RefreshError;
use crate::issue::TokenPair;
use crate::login::FIRST_PARTY;
use crate::refresh_token::{self, RefreshToken};
use crate::rules::{self, Presenter, Rotation, SessionPolicy};
use crate::sessions::Sessions;
use crate::store::SessionStore;
use crate::subject::Subject;

/// A pair, and how it came about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refreshed {
    /// The tokens.
    pub pair: TokenPair,
    /// The scope of the access token.
    pub scope: Option<String>,
    /// What the store had to do for them; for logs and counters.
    pub outcome: Outcome,
}

/// How a refresh went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// As it should.
    Rotated,
    /// The same refresh token once more, within the grace.
    Repeated,
    /// The store had lost our last write and was moved forward.
    Repaired,
}

impl<S: SessionStore> Sessions<S> {
    /// Trades a refresh token for the next pair. The session has to be of the
    /// [first-party](FIRST_PARTY) client, which nobody has to prove to be.
    ///
    /// # Errors
    ///
    /// [`RefreshError`]. A forged, truncated or foreign token changes nothing.
    pub async fn refresh(&self, token: &str, now: Timestamp) -> Result<Refreshed, RefreshError> {
        self.refresh_as(token, Presenter::client(FIRST_PARTY), now).await
    }

    /// The same for a client that has authenticated, and perhaps for less than the session's scope
    /// (RFC 6749 section 6). Less is less for this access token alone.
    ///
    /// # Errors
    ///
    /// [`RefreshError`]. A forged, truncated or foreign token changes nothing.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, Timestamp};
    /// use jeton_session::{Keyring, Login, MemoryStore, Presenter, RefreshError, Sessions, Terms};
    ///
    /// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
    /// # let now = Timestamp::from_secs(1_800_000_000);
    /// # let terms = Terms::new("https://login.example", "https://api.example");
    /// # let keyring = Keyring::generate(Algorithm::Es256, now)?;
    /// # let sessions = Sessions::start(MemoryStore::new(), terms, keyring).await?;
    /// let login = Login { client: "web".to_owned(), ..Login::of("alice") };
    /// let pair = sessions.open(login, now).await?;
    ///
    /// let foreign = sessions.refresh_as(&pair.refresh_token, Presenter::client("app"), now).await;
    /// assert_eq!(foreign, Err(RefreshError::Foreign));
    /// assert!(sessions.refresh_as(&pair.refresh_token, Presenter::client("web"), now).await.is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// # }).unwrap();
    /// ```
    pub async fn refresh_as(
        &self,
        token: &str,
        by: Presenter,
        now: Timestamp,
    ) -> Result<Refreshed, RefreshError> {
        let RefreshToken { subject, presented } = self.verify_refresh(token, now)?;
        // What has ended stays ended, should the store have forgotten it.
        if let Some(reason) = self.guard.revocations().ended(presented.session) {
            return Err(RefreshError::Ended(Some(reason)));
        }
        let (policy, stalls) = (self.terms.session_policy(), Arc::clone(&self.stalls));
        let wanted = by.scope.clone();
        let rule = move |subject: &Subject| {
            let policy =
                SessionPolicy { grace: stalls.extend(policy.grace, subject.key), ..policy };
            rules::rotate(subject, presented, &by, &policy, now)
        };
        let (mut granted, outcome) = match self.update(presented.session.subject(), rule).await? {
            Rotation::Rotated(granted) => (granted, Outcome::Rotated),
            Rotation::Repeated(granted) => (granted, Outcome::Repeated),
            Rotation::Repaired(granted) => (granted, Outcome::Repaired),
            Rotation::Replayed => return Err(RefreshError::Replayed),
            Rotation::Foreign => return Err(RefreshError::Foreign),
            Rotation::TooWide => return Err(RefreshError::TooWide),
            Rotation::Gone => {
                self.catch_up_with(presented.session.subject()).await?;
                let reason = self.guard.revocations().ended(presented.session);
                return Err(RefreshError::Ended(reason));
            }
        };
        // In the token, not in the session.
        granted.session.scope = wanted.or(granted.session.scope);
        let pair = self.issue(&subject, &granted, now)?;
        Ok(Refreshed { pair, scope: granted.session.scope, outcome })
    }

    /// The session a refresh token belongs to, spent or not: whoever has it may end it.
    ///
    /// # Errors
    ///
    /// [`RefreshError::Invalid`]
    pub fn session_of(&self, token: &str, now: Timestamp) -> Result<SessionId, RefreshError> {
        self.verify_refresh(token, now).map(|token| token.presented.session)
    }

    pub(super) fn verify_refresh(
        &self,
        token: &str,
        now: Timestamp,
    ) -> Result<RefreshToken, RefreshError> {
        Ok(refresh_token::read(&self.keys.load().refresh, token, now)?)
    }
}
