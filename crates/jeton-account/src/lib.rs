//! Who can log in, and with which password.
//!
//! An account has a name somebody types, a password only its owner knows, and an `id` that becomes
//! the `sub` of every token. [`Accounts`] checks passwords in a [`HashingPool`], which bounds the
//! memory and the processors that logins can take; an [`AccountStore`] keeps them, in the service's
//! SQLite file ([`SqliteAccounts`]) or, for several services together, in PostgreSQL
//! ([`PostgresAccounts`]). What always holds:
//!
//! 1. an unknown name and a wrong password cost the same and are answered the same;
//! 2. never more hashes run than the pool has permits, even when clients hang up;
//! 3. a password is verified as it was received: not trimmed, normalised or truncated;
//! 4. a password and the notice that older sessions must end are written in one step
//!    ([`Change`]);
//! 5. no password and no hash can be printed, nor be part of an [`Account`].
//!
//! What is deliberately absent: throttling, sessions and tokens (other crates), a clock (time is an
//! argument), a source of randomness (an argument as well).
//!
//! # Examples
//!
//! ```
//! use jeton_account::{AccountError, Accounts, HashingCost, HashingPool, Limits};
//! use jeton_account::{NewAccount, Password, RandomError};
//!
//! fn random(bytes: &mut [u8]) -> Result<(), RandomError> {
//!     // The operating system's generator, in a real program.
//!     bytes.fill(7);
//!     Ok(())
//! }
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
//! # let directory = tempfile::tempdir()?;
//! let pool = HashingPool::new(HashingCost::default(), Limits::new(2));
//! let accounts = Accounts::open(&directory.path().join("jeton.db"), pool, random)?;
//!
//! # runtime.block_on(async {
//! let ann = NewAccount {
//!     name: "Ann".to_owned(),
//!     password: Password::new("correct horse".to_owned())?,
//!     roles: vec!["admin".to_owned()],
//! };
//! let added = accounts.add(ann, 1_800_000_000).await?;
//!
//! let correct = Password::new("correct horse".to_owned())?;
//! assert_eq!(accounts.authenticate("ann", correct).await?, added);
//!
//! let wrong = Password::new("battery staple".to_owned())?;
//! let refused = accounts.authenticate("ann", wrong).await;
//! assert_eq!(refused, Err(AccountError::InvalidCredentials));
//! # Ok::<(), AccountError>(())
//! # })?;
//! # Ok(())
//! # }
//! ```

mod account;
mod accounts;
mod argon;
mod change;
pub mod contract;
mod cost;
mod error;
mod login;
mod password;
mod pool;
mod postgres;
mod random;
mod sqlite;
mod store;

pub use account::{Account, NewAccount};
pub use accounts::Accounts;
pub use change::Change;
pub use cost::{CostError, HashingCost};
pub use error::AccountError;
pub use password::Password;
pub use pool::{HashingPool, Limits};
pub use postgres::{OpenPostgresError, PostgresAccounts, PostgresSettings};
pub use random::{Random, RandomError};
pub use sqlite::SqliteAccounts;
pub use store::{AccountStore, NewHash, Phc, Record};
