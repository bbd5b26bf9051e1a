//! A password: secret, bounded, and otherwise exactly what somebody typed.
//!
//! Two different questions are asked in two different places. At login only the length counts:
//! whoever chose `secret` years ago must still get in. When a password is set it must also be hard
//! to guess, and the answer says why it is not ([NIST SP 800-63B-4, section 3.1.1.2][nist]). There
//! are no rules about digits and symbols, which make passwords worse.
//!
//! [nist]: https://pages.nist.gov/800-63-4/sp800-63b.html#passwordver

use std::fmt;

use zeroize::Zeroizing;

use crate::{AccountError, Random, RandomError};

/// Five bits each: no `i`, `l`, `o` or `u`, which people misread.
const READABLE: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Characters of a random password: 125 bits.
const RANDOM_CHARACTERS: usize = 25;

/// Characters between two hyphens of a random password.
const GROUP: usize = 5;

/// The text of a password; wiped from memory when dropped.
///
/// # Examples
///
/// ```
/// use jeton_account::{AccountError, Password};
///
/// let password = Password::new("Ann".to_owned())?;
///
/// assert_eq!(format!("{password:?}"), "Password(..)");
/// assert!(matches!(password.check_new("ann"), Err(AccountError::WeakPassword(_))));
/// # Ok::<(), AccountError>(())
/// ```
pub struct Password(Zeroizing<String>);

impl Password {
    /// The longest password accepted, in bytes of UTF-8.
    pub const MAX_BYTES: usize = 1024;

    /// The shortest password that can be set, in characters.
    pub const MIN_CHARACTERS: usize = 8;

    /// Takes a password as it was received: any Unicode, spaces and control characters included.
    ///
    /// # Errors
    ///
    /// [`AccountError::WeakPassword`] if it is empty, [`AccountError::PasswordTooLong`] if it has
    /// more than [`MAX_BYTES`](Self::MAX_BYTES).
    pub fn new(text: String) -> Result<Self, AccountError> {
        let text = Zeroizing::new(text);
        if text.is_empty() {
            return Err(AccountError::WeakPassword("cannot be empty"));
        }
        if text.len() > Self::MAX_BYTES {
            return Err(AccountError::PasswordTooLong);
        }
        Ok(Self(text))
    }

    /// Makes a password of 125 bits that can be read aloud, for a first administrator.
    ///
    /// # Errors
    ///
    /// [`RandomError`] if `fill` fails.
    pub fn random(fill: Random) -> Result<Self, RandomError> {
        let mut bytes = Zeroizing::new([0; RANDOM_CHARACTERS]);
        fill(bytes.as_mut_slice())?;
        // Never reallocated, so that no copy is left behind.
        let mut text = Zeroizing::new(String::with_capacity(2 * RANDOM_CHARACTERS));
        for group in bytes.chunks(GROUP) {
            if !text.is_empty() {
                text.push('-');
            }
            for byte in group {
                text.extend(READABLE.get(usize::from(byte & 31)).map(|&symbol| char::from(symbol)));
            }
        }
        Ok(Self(text))
    }

    /// Whether this may become the password of the account `name`.
    ///
    /// # Errors
    ///
    /// [`AccountError::WeakPassword`] if it has fewer than
    /// [`MIN_CHARACTERS`](Self::MIN_CHARACTERS), or is the name in upper or lower case.
    pub fn check_new(&self, name: &str) -> Result<(), AccountError> {
        if *Zeroizing::new(self.0.to_lowercase()) == name.to_lowercase() {
            return Err(AccountError::WeakPassword("cannot be the name of the account"));
        }
        if self.0.chars().count() < Self::MIN_CHARACTERS {
            return Err(AccountError::WeakPassword("needs at least 8 characters"));
        }
        Ok(())
    }

    /// The text itself, to show a random password once.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Password(..)")
    }
}
