//! From a name and a password to a session.

use jeton::{Identity, Reason};
use jeton_account::{Account, AccountError, Password};
use jeton_session::{Device, Login, OpenError, TokenPair};
use serde_json::Map;
use tracing::{info, warn};

use crate::app::App;

/// Why nobody was logged in.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// The account's side of it.
    #[error(transparent)]
    Account(#[from] AccountError),
    /// The session's.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl App {
    /// Checks a password and opens a session. The session of a token that came along ends, so that
    /// a login never carries on what somebody else began.
    ///
    /// # Errors
    ///
    /// [`LoginError`]
    pub async fn log_in(
        &self,
        name: &str,
        password: Password,
        device: Option<Device>,
        before: Option<Identity>,
    ) -> Result<TokenPair, LoginError> {
        let account = self.accounts().authenticate(name, password).await.inspect_err(|error| {
            // The name may be a password typed into the wrong field.
            info!(event = "login_refused", code = error.code());
        })?;
        self.settle_those_of(&account.id).await?;
        let pair = self.sessions().open(login_of(&account, device), self.now()).await?;
        self.confirm(&account, &pair).await?;
        if let Some(session) = before.and_then(|identity| identity.session()) {
            let ended = self.sessions().end(session, Reason::Replaced, self.now()).await;
            ended.map_err(OpenError::from)?;
        }
        info!(event = "login", subject = account.id, session = ?pair.session);
        Ok(pair)
    }

    /// A password may have changed between its check and the opening of the session. Changing it
    /// ends the sessions that are open by then; this ends the one that was not yet.
    async fn confirm(&self, account: &Account, pair: &TokenPair) -> Result<(), LoginError> {
        let now = self.accounts().find(&account.id).await;
        if let Ok(Some(current)) = &now
            && current.credential == account.credential
        {
            return Ok(());
        }
        warn!(event = "login_overtaken", subject = account.id);
        let ended = self.sessions().end(pair.session, Reason::PasswordChanged, self.now()).await;
        ended.map_err(OpenError::from)?;
        now?;
        Err(AccountError::InvalidCredentials.into())
    }
}

fn login_of(account: &Account, device: Option<Device>) -> Login {
    let mut claims = Map::new();
    if !account.roles.is_empty() {
        claims.insert("roles".to_owned(), account.roles.clone().into());
    }
    Login { device, claims, amr: vec!["pwd".to_owned()], ..Login::of(&account.id) }
}
