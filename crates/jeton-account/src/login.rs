//! Logging in: the one way from a name and a password to an account.
//!
//! Whether a name exists must not show, neither in the answer nor in the time it takes. So there
//! is one path: a place in the pool, one look-up, one hash, one answer. For a name nobody has, the
//! hash is compared with a decoy that no password matches.

use crate::argon::{Hasher, StoredHash};
use crate::{Account, AccountError, AccountStore, Accounts, Password, Phc, Random, Record};

impl<S: AccountStore> Accounts<S> {
    /// The account with this name, if `password` is its password.
    ///
    /// A hash that was made at another cost is replaced on the way. That this fails, or that the
    /// password changes at the same moment, does not concern the login.
    ///
    /// # Errors
    ///
    /// [`AccountError::InvalidCredentials`] for an unknown name and a wrong password alike;
    /// [`AccountError::Busy`] if too many passwords are being checked,
    /// [`AccountError::Unavailable`] if the store fails or its hash cannot be trusted.
    pub async fn authenticate(
        &self,
        name: &str,
        password: Password,
    ) -> Result<Account, AccountError> {
        let turn = self.pool.turn()?;
        let record = self.by_name(name).await?;
        let phc = record.as_ref().map_or(&*self.decoy, |record| record.phc.expose());
        let stored = StoredHash::parse(phc)?;
        let (memory, random) = (stored.memory().max(self.pool.cost().memory()), self.random);
        let verdict = turn
            .run(memory, move |hasher| {
                let matches = hasher.verify(&stored, &password)?;
                Ok(matches.then(|| upgrade(hasher, &stored, &password, random)))
            })
            .await?;
        let (Some(record), Some(upgrade)) = (record, verdict) else {
            return Err(AccountError::InvalidCredentials);
        };
        Ok(match upgrade {
            Some(phc) => self.store_upgrade(record, phc).await,
            None => record.account,
        })
    }

    /// Stores the new hash if the old one is still there; the next login tries again if not.
    async fn store_upgrade(&self, old: Record, phc: String) -> Account {
        let account = old.account.clone();
        drop(self.store.rehash(old, Phc::new(phc)).await);
        account
    }
}

/// A hash of today's cost in place of one that was made at another.
fn upgrade(
    hasher: &mut Hasher<'_>,
    stored: &StoredHash,
    password: &Password,
    random: Random,
) -> Option<String> {
    stored.is_outdated(hasher.cost).then(|| hasher.hash(password, random).ok()).flatten()
}
