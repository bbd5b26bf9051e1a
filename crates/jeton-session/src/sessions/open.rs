//! What gives tokens for the first time: a login.

use jeton::{SignError, SubjectKey, Timestamp, VerifyError};
use serde_json::{Map, Value};

use crate::error::OpenError;
use crate::issue::TokenPair;
use crate::login::Login;
use crate::rules::{self, Granted, Opening};
use crate::sessions::{Sessions, random};
use crate::store::SessionStore;
use crate::subject::{Session, Subject};

impl<S: SessionStore> Sessions<S> {
    /// Opens a session and answers its first pair.
    ///
    /// # Errors
    ///
    /// [`OpenError`]
    pub async fn open(&self, login: Login, now: Timestamp) -> Result<TokenPair, OpenError> {
        login.check()?;
        let subject = login.subject.clone();
        let opening = opening(login, random()?);
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
        let blank = Subject::new(SubjectKey::of(subject));
        let granted = rules::open(&blank, ask, &self.terms.session_policy(), now).answer;
        let granted = granted.ok_or(OpenError::TooManySessions)?;
        self.rehearse_tokens(subject, granted, now)
    }

    /// The same for claims that the subject's sessions would be given, in the one of them that says
    /// most besides.
    pub(super) async fn rehearse_claims(
        &self,
        subject: &str,
        claims: &Map<String, Value>,
        now: Timestamp,
    ) -> Result<(), OpenError> {
        let sessions = self.list(SubjectKey::of(subject), now).await?;
        let said = |session: &Session| {
            let scope = session.scope.as_deref().map_or(0, str::len);
            scope + session.client.len() + session.amr.iter().map(String::len).sum::<usize>()
        };
        if let Some(session) = sessions.into_iter().max_by_key(said) {
            let session = Session { claims: claims.clone(), ..session };
            return self.rehearse_tokens(subject, Granted { session, version: 0 }, now);
        }
        let claims = claims.clone();
        let login = Login { claims, ..Login::of(subject) };
        self.rehearse(subject, &opening(login, [0; 8]), now)
    }

    fn rehearse_tokens(
        &self,
        subject: &str,
        granted: Granted,
        now: Timestamp,
    ) -> Result<(), OpenError> {
        let longest = Granted { version: u64::MAX, ..granted };
        let pair = match self.issue(subject, &longest, now) {
            Err(SignError::Claims) => {
                return Err(OpenError::Unacceptable(VerifyError::Malformed.into()));
            }
            issued => issued?,
        };
        let checked = self.check(&pair.access_token, now);
        checked.map(drop).map_err(OpenError::Unacceptable)
    }
}

/// What a login asks the rules for.
fn opening(login: Login, random: [u8; 8]) -> Opening {
    let Login { device, client, scope, claims, amr, .. } = login;
    Opening { random, device, client, scope, claims, amr }
}
