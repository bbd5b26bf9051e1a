//! A password change ends the sessions that were opened with the old one.
//!
//! The change and a note of it are one commit of the accounts; the sessions end in a commit of
//! their own; then the note is settled, by one node at a time. Whatever is interrupted in between is finished from the
//! note: by the next round of [housekeeping](crate::housekeeping), or at the next start.

use std::collections::BTreeSet;

use jeton::{Identity, Reason, SessionId, SubjectKey};
use jeton_account::{AccountError, Change, Password};
use tracing::info;

use crate::app::App;

impl App {
    /// Changes the password behind an identity, and ends every other session of its subject.
    ///
    /// # Errors
    ///
    /// [`AccountError`]; after [`AccountError::Unavailable`] the change may have been made, and then
    /// the sessions end soon.
    pub async fn change_password(
        &self,
        identity: &Identity,
        current: Password,
        new: Password,
    ) -> Result<usize, AccountError> {
        let kept = identity.session().map(|session| session.to_string());
        let subject = identity.subject();
        self.accounts().change_password(subject, current, new, kept.as_deref()).await?;
        info!(event = "password_changed", subject);
        self.settle(subject).await
    }

    /// Ends the sessions of every password change that is not settled yet.
    ///
    /// # Errors
    ///
    /// The last [`AccountError`], where something is left for later; the rest is settled all the
    /// same.
    pub async fn settle_password_changes(&self) -> Result<(), AccountError> {
        let pending = self.accounts().pending().await?;
        let accounts: BTreeSet<String> = pending.into_iter().map(|change| change.account).collect();
        let mut outcome = Ok(());
        for account in accounts {
            outcome = self.settle(&account).await.map(drop).and(outcome);
        }
        outcome
    }

    /// The same for one account: whoever logs in with a new password settles its change first, so
    /// that the session opened next is not taken for an old one.
    pub(super) async fn settle_those_of(&self, account: &str) -> Result<(), AccountError> {
        // Mostly there is none, and a login need not wait to learn that.
        if self.accounts().pending_of(account).await?.is_empty() {
            return Ok(());
        }
        self.settle(account).await.map(drop)
    }

    /// Ends the sessions of the changes of one account, and answers how many those were. Of all nodes
    /// one at a time does that: ending the sessions of a change that somebody else has settled
    /// meanwhile would end those opened with the new password.
    async fn settle(&self, account: &str) -> Result<usize, AccountError> {
        let app = self.clone();
        // On the heap: there are two kinds of accounts, and each would keep a place for it.
        let end = move |changes| Box::pin(async move { app.end_old_sessions(changes).await });
        Ok(self.accounts().settle(account, end).await?.unwrap_or(0))
    }

    async fn end_old_sessions(&self, changes: Vec<Change>) -> Result<usize, AccountError> {
        let mut ended = 0;
        for change in changes {
            ended += self.end_sessions_before(&change).await?;
        }
        Ok(ended)
    }

    async fn end_sessions_before(&self, change: &Change) -> Result<usize, AccountError> {
        let kept = change.keep.as_deref().and_then(SessionId::parse);
        let (reason, now) = (Reason::PasswordChanged, self.now());
        let ended = if let Some(kept) = kept {
            self.sessions().end_others(kept, reason, now).await
        } else {
            let subject = SubjectKey::of(&change.account);
            self.sessions().end_all(subject, reason, now).await
        };
        let ended = ended.map_err(|error| AccountError::Unavailable(error.to_string()))?;
        info!(event = "sessions_ended", subject = change.account, reason = reason.code(), ended);
        Ok(ended)
    }
}
