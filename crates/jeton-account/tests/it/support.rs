//! A service's file in a temporary directory, and hands to tamper with it.

use std::fs::File;
use std::io::Read;
use std::path::PathBuf;

use argon2::{Argon2, Params, PasswordHasher};
use jeton_account::{Account, Accounts, HashingCost, HashingPool, Limits};
use jeton_account::{NewAccount, Password, Random, RandomError};
use rusqlite::{Connection, ToSql};
use tempfile::TempDir;

pub(crate) const NOW: u64 = 1_800_000_000;
pub(crate) const CORRECT: &str = "correct horse";
pub(crate) const WRONG: &str = "battery staple";

/// An open file of accounts, deleted at the end.
pub(crate) struct Service {
    pub(crate) directory: TempDir,
    pub(crate) accounts: Accounts,
}

impl Service {
    pub(crate) fn new() -> Self {
        Self::with(Limits::new(2), random)
    }

    pub(crate) fn with(limits: Limits, random: Random) -> Self {
        let directory = tempfile::tempdir().unwrap();
        let pool = HashingPool::new(HashingCost::default(), limits);
        let accounts = Accounts::open(&directory.path().join("jeton.db"), pool, random).unwrap();
        Self { directory, accounts }
    }

    /// The same file, as the next start of the program finds it.
    pub(crate) fn reopened(self) -> Self {
        let Self { directory, accounts } = self;
        drop(accounts);
        let pool = HashingPool::new(HashingCost::default(), Limits::new(2));
        let accounts = Accounts::open(&directory.path().join("jeton.db"), pool, random).unwrap();
        Self { directory, accounts }
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.directory.path().join("jeton.db")
    }

    pub(crate) async fn add(&self, name: &str) -> Account {
        self.accounts.add(new_account(name), NOW).await.unwrap()
    }

    /// The stored hash of an account.
    pub(crate) fn phc(&self, id: &str) -> String {
        let connection = Connection::open(self.path()).unwrap();
        connection
            .query_row("SELECT phc FROM account WHERE id = ?1", [id], |row| row.get(0))
            .unwrap()
    }

    /// Stores a hash, as a former version or an intruder might have.
    pub(crate) fn store_phc(&self, id: &str, phc: &str) {
        self.execute("UPDATE account SET phc = ?2 WHERE id = ?1", &[&id, &phc]);
    }

    pub(crate) fn execute(&self, sql: &str, values: &[&dyn ToSql]) {
        Connection::open(self.path()).unwrap().execute(sql, values).unwrap();
    }
}

pub(crate) fn random(bytes: &mut [u8]) -> Result<(), RandomError> {
    let mut source = File::open("/dev/urandom").map_err(|_| RandomError)?;
    source.read_exact(bytes).map_err(|_| RandomError)
}

pub(crate) fn password(text: &str) -> Password {
    Password::new(text.to_owned()).unwrap()
}

pub(crate) fn new_account(name: &str) -> NewAccount {
    NewAccount {
        name: name.to_owned(),
        password: password(CORRECT),
        roles: vec!["reader".to_owned(), "编辑".to_owned()],
    }
}

/// A hash far cheaper than any we would make.
pub(crate) fn weak_phc(text: &str) -> String {
    let argon = Argon2::from(Params::new(8, 1, 1, Some(32)).unwrap());
    argon.hash_password_with_salt(text.as_bytes(), b"sixteen bytes!!!").unwrap().to_string()
}
