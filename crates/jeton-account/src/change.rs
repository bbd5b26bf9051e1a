//! Changing a password, and telling the service that older sessions must end.
//!
//! Whoever changes a password wants everybody else out. The new password is in this crate's
//! tables, the sessions are somewhere else, and the process may be killed between the two. So the
//! password and a [`Change`] are written in one transaction (an *outbox*), and the service
//!
//! 1. calls [`change_password`](Accounts::change_password) or
//!    [`reset_password`](Accounts::reset_password);
//! 2. ends the account's sessions, except the one to keep;
//! 3. calls [`settle`](Accounts::settle).
//!
//! Killed before 1 is committed, nothing has changed. Killed later, the change is still
//! [`pending`](Accounts::pending) at the next start, where the service does 2 and 3 for each
//! before it lets anybody log in. Ending sessions twice does no harm. The same goes for a request
//! whose client hangs up: work on the pending changes, not on the answer alone.

use crate::argon::StoredHash;
use crate::rows::{self, NewHash};
use crate::{AccountError, Accounts, Password};

/// The password of an account changed: sessions opened with the old one must end.
///
/// Written together with the password, and [pending](Accounts::pending) until it is
/// [settled](Accounts::settle), so that a crash in between loses nothing: end the sessions, then
/// settle; at the start do so for every pending change before anybody can log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Numbers the changes of all accounts in their order, with gaps, never twice.
    pub seq: u64,
    /// The [`id`](crate::Account::id) of the account.
    pub account: String,
    /// The session to keep: the one that asked for the change.
    pub keep: Option<String>,
}

impl Accounts {
    /// Gives the account `id` the password `new`, if `current` is its password.
    ///
    /// `keep` is the session that may live on, if any. Logins that replace the hash of the same
    /// password do not get in the way.
    ///
    /// # Errors
    ///
    /// [`AccountError::NotFound`]; [`AccountError::InvalidCredentials`] if `current` is wrong, or
    /// was changed by somebody else meanwhile; then [`AccountError::WeakPassword`] for `new`;
    /// [`AccountError::Busy`] and [`AccountError::Unavailable`] if nothing is known to be done.
    pub async fn change_password(
        &self,
        id: &str,
        current: Password,
        new: Password,
        keep: Option<&str>,
    ) -> Result<Change, AccountError> {
        let turn = self.pool.turn()?;
        let account = self.by_id(id).await?.ok_or(AccountError::NotFound)?;
        let stored = StoredHash::parse(&account.phc)?;
        let (name, credential) = (account.account.name, account.account.credential);
        let (memory, random) = (stored.memory().max(self.pool.cost().memory()), self.random);
        let phc = turn
            .run(memory, move |hasher| {
                if !hasher.verify(&stored, &current)? {
                    return Err(AccountError::InvalidCredentials);
                }
                new.check_new(&name)?;
                hasher.hash(&new, random)
            })
            .await?;
        let account = account.account.id;
        let keep = keep.map(str::to_owned);
        self.replace(NewHash { account, phc, replaces: Some(credential), keep })
            .await?
            .ok_or(AccountError::InvalidCredentials)
    }

    /// Gives the account `name` the password `new`, on the word of an administrator.
    ///
    /// # Errors
    ///
    /// [`AccountError::NotFound`], [`AccountError::WeakPassword`]; [`AccountError::Busy`] and
    /// [`AccountError::Unavailable`] if nothing is known to be done.
    pub async fn reset_password(&self, name: &str, new: Password) -> Result<Change, AccountError> {
        let turn = self.pool.turn()?;
        let account = self.by_name(name).await?.ok_or(AccountError::NotFound)?.account;
        new.check_new(&account.name)?;
        let random = self.random;
        let phc =
            turn.run(self.pool.cost().memory(), move |hasher| hasher.hash(&new, random)).await?;
        self.replace(NewHash { account: account.id, phc, replaces: None, keep: None })
            .await?
            .ok_or(AccountError::NotFound)
    }

    /// The changes whose older sessions may still be alive, oldest first.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`] if the store fails.
    pub async fn pending(&self) -> Result<Vec<Change>, AccountError> {
        self.database.read(rows::changes).await
    }

    /// Forgets a change: its older sessions have ended. Settling it again does nothing.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`] if the store fails; the change may be pending again.
    pub async fn settle(&self, seq: u64) -> Result<(), AccountError> {
        self.database.write(move |transaction| rows::settle(transaction, seq)).await
    }

    async fn replace(&self, new: NewHash) -> Result<Option<Change>, AccountError> {
        self.database.write(move |transaction| rows::replace(transaction, new)).await
    }
}
