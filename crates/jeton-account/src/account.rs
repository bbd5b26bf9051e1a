//! What an account is, and which names and roles it may have.

use crate::{AccountError, Password};

/// The longest name, in bytes of UTF-8.
const MAX_NAME_BYTES: usize = 256;

/// The most roles of one account; each goes into every access token.
const MAX_ROLES: usize = 64;

/// The longest role, in bytes of UTF-8.
const MAX_ROLE_BYTES: usize = 64;

/// Somebody who can log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// 128 random bits in lowercase hexadecimal, the `sub` of its tokens. Never reused, and not
    /// derived from the name, so a name can be given to somebody else without their rights.
    pub id: String,
    /// The name as it was typed when the account was added. Unique without regard to case.
    pub name: String,
    /// What the application lets this account do; jeton itself gives no meaning to them.
    pub roles: Vec<String>,
    /// When it was added, in Unix seconds.
    pub created_at: u64,
    /// Counts the passwords this account has had, from 1.
    ///
    /// A login and a password change can cross: the old password is verified, the password
    /// changes, all sessions end, and only then the login opens its session. Whoever opens a
    /// session therefore looks the account up once more afterwards, and ends the session if this
    /// number has moved on.
    pub credential: u64,
}

/// An account about to be added.
#[derive(Debug)]
pub struct NewAccount {
    /// 1 to 256 bytes, without control characters and white space at either end.
    pub name: String,
    /// Must pass [`Password::check_new`].
    pub password: Password,
    /// At most 64, each of 1 to 64 bytes without white space, control characters, quotes or
    /// backslashes.
    pub roles: Vec<String>,
}

impl NewAccount {
    /// Refuses what cannot be stored, before anything is hashed.
    pub(crate) fn check(&self) -> Result<(), AccountError> {
        check_name(&self.name)?;
        check_roles(&self.roles)?;
        self.password.check_new(&self.name)
    }
}

/// The form in which names are compared: `Ann` and `ANN` are one name.
pub(crate) fn name_key(name: &str) -> String {
    name.to_lowercase()
}

pub(crate) fn check_name(name: &str) -> Result<(), AccountError> {
    let reason = if name.is_empty() {
        "cannot be empty"
    } else if name.len() > MAX_NAME_BYTES {
        "cannot be longer than 256 bytes"
    } else if name.chars().any(char::is_control) {
        "cannot hold control characters"
    } else if name.trim() != name {
        "cannot start or end with white space"
    } else {
        return Ok(());
    };
    Err(AccountError::InvalidName(reason))
}

fn check_roles(roles: &[String]) -> Result<(), AccountError> {
    // Quotes and backslashes double in JSON, and the roles of one account must fit into its tokens.
    let is_plain = |character: char| {
        !character.is_control() && !character.is_whitespace() && !matches!(character, '"' | '\\')
    };
    let reason = if roles.len() > MAX_ROLES {
        "cannot be more than 64"
    } else if roles.iter().any(|role| role.is_empty() || role.len() > MAX_ROLE_BYTES) {
        "have 1 to 64 bytes each"
    } else if !roles.iter().all(|role| role.chars().all(is_plain)) {
        "cannot hold white space, control characters, quotes or backslashes"
    } else {
        return Ok(());
    };
    Err(AccountError::InvalidRole(reason))
}
