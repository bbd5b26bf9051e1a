//! Changing a password, and telling the service that older sessions must end.
//!
//! Whoever changes a password wants everybody else out. The new password is in this crate's
//! tables, the sessions are somewhere else, and the process may be killed between the two. So the
//! password and a [`Change`] are written in one transaction (an *outbox*), and the service
//!
//! 1. calls [`change_password`](Accounts::change_password) or
//!    [`reset_password`](Accounts::reset_password);
//! 2. ends the account's sessions, except the one to keep, within [`settle`](Accounts::settle).
//!
//! Killed before 1 is committed, nothing has changed. Killed later, the change is still
//! [`pending`](Accounts::pending) at the next start, where the service does 2 before it lets anybody
//! log in. The same goes for a request whose client hangs up: work on the pending changes, not on the
//! answer alone.
//!
//! Who logs in with the new password settles first and opens a session then. So as long as a change
//! is pending there is no session to lose, and ending them twice does no harm; once it is settled
//! there may be one, and nobody may end sessions for that change any more. That is why a change is
//! settled by one at a time, in one process or in a fleet: who comes second finds nothing pending.

use std::future::Future;

use crate::argon::StoredHash;
use crate::{AccountError, AccountStore, Accounts, NewHash, Password, Phc};

/// The password of an account changed: sessions opened with the old one must end.
///
/// Written together with the password, and [pending](Accounts::pending) until it is
/// [settled](Accounts::settle), so that a crash in between loses nothing: at the start, settle every
/// pending change before anybody can log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// Numbers the changes of all accounts, with gaps, never twice; those of one account in their
    /// order.
    pub seq: u64,
    /// The [`id`](crate::Account::id) of the account.
    pub account: String,
    /// The session to keep: the one that asked for the change.
    pub keep: Option<String>,
}

impl<S: AccountStore> Accounts<S> {
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
        let account = self.store.by_id(id).await?.ok_or(AccountError::NotFound)?;
        let stored = StoredHash::parse(account.phc.expose())?;
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
        let new = NewHash { account, phc: Phc::new(phc), replaces: Some(credential), keep };
        self.store.replace(new).await?.ok_or(AccountError::InvalidCredentials)
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
        let new = NewHash { account: account.id, phc: Phc::new(phc), replaces: None, keep: None };
        self.store.replace(new).await?.ok_or(AccountError::NotFound)
    }

    /// The changes whose older sessions may still be alive, in the order of their numbers.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`] if the store fails.
    pub async fn pending(&self) -> Result<Vec<Change>, AccountError> {
        self.store.changes(None).await
    }

    /// Those of one account.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`] if the store fails.
    pub async fn pending_of(&self, account: &str) -> Result<Vec<Change>, AccountError> {
        self.store.changes(Some(account)).await
    }

    /// Settles the pending changes of one account: hands them to `end`, which ends the older sessions,
    /// and forgets them if that succeeds. `None` if there is none, or somebody else has settled them.
    ///
    /// Of all processes that share the store, one at a time is at it for an account. Where that can
    /// no longer be promised, `end` is dropped in the middle, so it must bear that.
    ///
    /// # Errors
    ///
    /// That of `end`, or [`AccountError::Unavailable`] if the store fails or somebody else takes too
    /// long; the changes are pending still.
    pub async fn settle<T, End, Ended>(
        &self,
        account: &str,
        end: End,
    ) -> Result<Option<T>, AccountError>
    where
        T: Send,
        End: FnOnce(Vec<Change>) -> Ended + Send,
        Ended: Future<Output = Result<T, AccountError>> + Send,
    {
        self.store.settle(account, end).await
    }
}
