//! What gives tokens for the first time: a login.

use jeton::{SignError, SubjectKey, Timestamp, VerifyError};

use crate::error::OpenError;
use crate::issue::TokenPair;
use crate::login::Login;
use crate::rules::{self, Opening};
use crate::sessions::{Sessions, random};
use crate::store::SessionStore;
use crate::subject::Subject;

impl<S: SessionStore> Sessions<S> {
    /// Opens a session and answers its first pair.
    ///
    /// # Errors
    ///
    /// [`OpenError`]
    pub async fn open(&self, login: Login, now: Timestamp) -> Result<TokenPair, OpenError> {
        login.check()?;
        let Login { subject, device, client, scope, claims, amr } = login;
        let random = random()?;
        let opening = Opening { random, device, client, scope, claims, amr };
        self.rehearse(&subject, &opening, now)?;
        let policy = self.terms.session_policy();
        let rule = move |subject: &Subject| rules::open(subject, &opening, &policy, now);
        let granted = self.update(SubjectKey::of(&subject), rule).await?;
        let granted = granted.ok_or(OpenError::TooManySessions)?;
        Ok(self.issue(&subject, &granted, now)?)
    }

    /// Whether we accept what this login would be given: its claims may be too long or nested too
    /// deep. Asked before anything is stored, so that a login that fails replaces nobody.
    fn rehearse(&self, subject: &str, ask: &Opening, now: Timestamp) -> Result<(), OpenError> {
        let longest = Subject { version: u64::MAX, ..Subject::new(SubjectKey::of(subject)) };
        let granted = rules::open(&longest, ask, &self.terms.session_policy(), now).answer;
        let granted = granted.ok_or(OpenError::TooManySessions)?;
        let pair = match self.issue(subject, &granted, now) {
            Err(SignError::Claims) => {
                return Err(OpenError::Unacceptable(VerifyError::Malformed.into()));
            }
            issued => issued?,
        };
        let checked = self.guard.check(&pair.access_token, now);
        checked.map(drop).map_err(OpenError::Unacceptable)
    }
}
