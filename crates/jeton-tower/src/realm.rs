//! In whose name a request is challenged, and how much it is told.

use std::sync::Arc;

/// Longest name of a realm, in bytes.
const NAME: usize = 128;

/// The `realm` of challenges (RFC 9110 section 11.5), `jeton` unless told otherwise.
///
/// # Examples
///
/// ```
/// use jeton_tower::{Realm, Rejection};
///
/// let shop = Realm::new("shop")?;
/// let challenge = Rejection::Missing.challenge(&shop).ok_or("no challenge")?;
/// assert_eq!(challenge, r#"Bearer realm="shop""#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Realm {
    name: Arc<str>,
    describes: bool,
}

/// A name that no challenge can carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a realm has 1 to 128 printable ASCII characters, without quote and backslash")]
pub struct InvalidRealm;

impl Realm {
    /// The realm of this name.
    ///
    /// # Errors
    ///
    /// [`InvalidRealm`] for a name with anything in it that would need an escape.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::{InvalidRealm, Realm};
    ///
    /// assert!(Realm::new("orders, and what belongs to them").is_ok());
    /// assert_eq!(Realm::new("a\"b"), Err(InvalidRealm));
    /// ```
    pub fn new(name: &str) -> Result<Self, InvalidRealm> {
        let is_fit = (1..=NAME).contains(&name.len()) && name.bytes().all(is_plain);
        if is_fit { Ok(Self { name: name.into(), describes: false }) } else { Err(InvalidRealm) }
    }

    /// The same realm, whose challenges say in `error_description` what is wrong with a token.
    ///
    /// Without it a challenge does not tell an expired token from a revoked one. The body of an
    /// answer has a code for programs in either case.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::VerifyError;
    /// use jeton_tower::{Realm, Rejection};
    ///
    /// let expired = Rejection::Refused(VerifyError::Expired.into());
    /// let challenge = expired.challenge(&Realm::default().describing()).ok_or("no challenge")?;
    /// assert_eq!(
    ///     challenge,
    ///     "Bearer realm=\"jeton\", error=\"invalid_token\", \
    ///      error_description=\"token has expired\""
    /// );
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn describing(self) -> Self {
        Self { describes: true, ..self }
    }

    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    pub(crate) const fn describes(&self) -> bool {
        self.describes
    }
}

impl Default for Realm {
    fn default() -> Self {
        Self { name: "jeton".into(), describes: false }
    }
}

/// What stands in quotes as it is: RFC 6750 section 3 allows nothing else in a description.
pub(crate) const fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'!' | b'#'..=b'[' | b']'..=b'~')
}
