//! `kid`: opaque, bounded, compared byte by byte.

use std::fmt;
use std::sync::Arc;

use crate::key::KeyError;
use crate::limits;

/// A key's name, `kid` (RFC 7515 section 4.1.4). Looked up in a map, never interpreted.
///
/// # Examples
///
/// ```
/// use jeton::KeyId;
///
/// let id = KeyId::new("2027-\u{202e}a")?;
/// assert_eq!(id.as_str(), "2027-\u{202e}a"); // compared byte by byte
/// assert_eq!(id.to_string(), r"2027-\u{202e}a"); // shown on one line, with nothing hidden
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct KeyId(Arc<str>);

impl KeyId {
    /// Takes a key id of 1 to 128 bytes without control characters.
    ///
    /// # Errors
    ///
    /// [`KeyError::KeyId`] for anything else.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{KeyError, KeyId};
    ///
    /// assert!(KeyId::new("../../dev/null").is_ok()); // it is only ever compared
    /// assert_eq!(KeyId::new(""), Err(KeyError::KeyId));
    /// assert_eq!(KeyId::new("a\r\nb"), Err(KeyError::KeyId));
    /// ```
    pub fn new(text: &str) -> Result<Self, KeyError> {
        let fits = (1..=limits::KEY_ID).contains(&text.len());
        if fits && !text.chars().any(char::is_control) {
            Ok(Self(text.into()))
        } else {
            Err(KeyError::KeyId)
        }
    }

    /// The text of the id.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(jeton::KeyId::new("2027")?.as_str(), "2027");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.escape_debug().fmt(f)
    }
}
