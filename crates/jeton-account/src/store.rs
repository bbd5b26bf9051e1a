//! The port that stores of accounts implement: rows in, rows out, each operation atomic.

use std::fmt;
use std::future::Future;

use zeroize::Zeroizing;

use crate::account::name_key;
use crate::{Account, AccountError, Change};

/// Keeps accounts, the hashes of their passwords, and the notes of password changes.
///
/// A store decides nothing about passwords. It promises this, and [`contract`](crate::contract)
/// tests it:
///
/// 1. what an operation has answered is on the disk, and every later read of any process sees it;
/// 2. of several accounts with one [`name_key`](Record::name_key), one is added;
/// 3. a password and the note of its change are one commit: both are there or neither;
/// 4. no number of a change is ever given twice, and of one account a later change has a higher one;
/// 5. a change is settled by one at a time, among all processes that share the store.
///
/// [`AccountError::Unavailable`] means *unknown*, never *no*: a write may have happened. A row that
/// nobody of us could have written is one too.
pub trait AccountStore: Clone + Send + Sync + 'static {
    /// Adds an account; `false` if its name is taken.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`]
    fn insert(&self, record: Record) -> impl Future<Output = Result<bool, AccountError>> + Send;

    /// The account whose [`name_key`](Record::name_key) this is.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`]
    fn by_name(
        &self,
        name_key: String,
    ) -> impl Future<Output = Result<Option<Record>, AccountError>> + Send;

    /// The account with this id.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`]
    fn by_id(&self, id: &str) -> impl Future<Output = Result<Option<Record>, AccountError>> + Send;

    /// Up to `limit` accounts whose [`name_key`](Record::name_key) comes after this one, in the order
    /// of the bytes of these keys.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`]
    fn after(
        &self,
        name_key: String,
        limit: u32,
    ) -> impl Future<Output = Result<Vec<Account>, AccountError>> + Send;

    /// Whether there is no account at all.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`]
    fn is_empty(&self) -> impl Future<Output = Result<bool, AccountError>> + Send;

    /// Stores another hash of the same password; `false` if the hash was replaced meanwhile.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`]
    fn rehash(
        &self,
        old: Record,
        new: Phc,
    ) -> impl Future<Output = Result<bool, AccountError>> + Send;

    /// Stores a new password and the note that goes with it; `None` if the account is gone or its
    /// credential is no longer the one to replace.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`]
    fn replace(
        &self,
        new: NewHash,
    ) -> impl Future<Output = Result<Option<Change>, AccountError>> + Send;

    /// The changes that are not settled, of one account or of all, in the order of their numbers.
    ///
    /// # Errors
    ///
    /// [`AccountError::Unavailable`]
    fn changes(
        &self,
        account: Option<&str>,
    ) -> impl Future<Output = Result<Vec<Change>, AccountError>> + Send;

    /// Settles what is pending of one account: takes its changes away from everybody else, hands them
    /// to `end`, and forgets them if that succeeds. `None`, and nothing is called, if there are none
    /// (any more).
    ///
    /// Nobody else's `end` runs for this account meanwhile, neither here nor in another process. If
    /// that can no longer be promised, because the connection is gone or it takes too long, then
    /// `end` is dropped and polled no further. Whatever fails, the changes are pending still.
    ///
    /// # Errors
    ///
    /// That of `end`; [`AccountError::Unavailable`] also if somebody else is at it for too long.
    fn settle<T, End, Ended>(
        &self,
        account: &str,
        end: End,
    ) -> impl Future<Output = Result<Option<T>, AccountError>> + Send
    where
        T: Send,
        End: FnOnce(Vec<Change>) -> Ended + Send,
        Ended: Future<Output = Result<T, AccountError>> + Send;
}

/// An account as it is stored, with the hash of its password.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    /// What others may see.
    pub account: Account,
    /// What they may not.
    pub phc: Phc,
}

impl Record {
    /// The form in which names are compared and sorted: the name in lower case.
    #[must_use]
    pub fn name_key(&self) -> String {
        name_key(&self.account.name)
    }
}

/// A password's Argon2id hash as a PHC string. Cannot be printed, and is wiped from memory.
#[derive(Clone, PartialEq, Eq)]
pub struct Phc(Zeroizing<String>);

impl Phc {
    /// Whatever the store holds; it is checked before anything is computed from it.
    #[must_use]
    pub fn new(phc: String) -> Self {
        Self(Zeroizing::new(phc))
    }

    /// The PHC string, for the store alone.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Phc {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Phc(..)")
    }
}

/// A new password on its way to the store.
#[derive(Clone, Debug)]
pub struct NewHash {
    /// The [`id`](Account::id) of the account.
    pub account: String,
    /// The new hash.
    pub phc: Phc,
    /// Store it only if this is still the account's [`credential`](Account::credential): the one that
    /// was verified.
    pub replaces: Option<u64>,
    /// See [`Change::keep`].
    pub keep: Option<String>,
}
