//! What a revocation list knows sessions, tokens and subjects by.

use std::fmt;

use aws_lc_rs::digest;

use crate::id::{SessionId, SubjectKey};

/// 64 bits of an identifier: what a revocation list and its feed know it by.
///
/// Identifiers are random and the issuer's to choose, so two coincide once in 2^64; then a good token
/// is refused and a login mends it. The rules are for every language to follow:
///
/// | of | is |
/// | --- | --- |
/// | a session | its `sid`, decoded: bytes 0 to 7 XOR bytes 16 to 23 |
/// | a token | the first 8 bytes of the SHA-256 of its `jti` |
/// | a subject | the first 8 bytes of the SHA-256 of its `sub`; of a `sid`, bytes 0 to 7 |
///
/// Bytes are a big-endian number; as text, 16 hexadecimal digits in lower case.
///
/// # Examples
///
/// ```
/// use jeton::{Fingerprint, SessionId, SubjectKey};
///
/// let alice = Fingerprint::of_subject(SubjectKey::of("alice"));
/// assert_eq!(alice.to_string(), "2bd806c97f0e00af");
/// assert_eq!(Fingerprint::parse("2bd806c97f0e00af"), Some(alice));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// That of a session.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Fingerprint, SessionId, SubjectKey};
    ///
    /// let session = SessionId::new(SubjectKey::of("alice"), [0, 0, 0, 0, 0, 0, 0, 1]);
    /// assert_eq!(Fingerprint::of_session(session).to_string(), "2bd806c97f0e00ae");
    /// ```
    #[must_use]
    pub fn of_session(session: SessionId) -> Self {
        let id = session.as_bytes();
        Self(first_number(id) ^ id.last_chunk().copied().map_or(0, u64::from_be_bytes))
    }

    /// That of an access token, by its `jti`.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(jeton::Fingerprint::of_token("t1").to_string(), "628b49d96dcde97a");
    /// ```
    #[must_use]
    pub fn of_token(id: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, id.as_bytes());
        Self(first_number(hash.as_ref()))
    }

    /// That of a subject.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Fingerprint, SubjectKey};
    ///
    /// let alice = Fingerprint::of_subject(SubjectKey::of("alice"));
    /// assert_eq!(alice.to_string(), "2bd806c97f0e00af");
    /// ```
    #[must_use]
    pub fn of_subject(subject: SubjectKey) -> Self {
        Self(first_number(subject.as_bytes()))
    }

    /// The one with this number.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(jeton::Fingerprint::from_u64(255).to_string(), "00000000000000ff");
    /// ```
    #[must_use]
    pub const fn from_u64(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(jeton::Fingerprint::from_u64(255).as_u64(), 255);
    /// ```
    #[must_use]
    pub const fn as_u64(self) -> u64 {
        self.0
    }

    /// The one written so: 16 hexadecimal digits in lower case.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::Fingerprint;
    ///
    /// assert_eq!(Fingerprint::parse("00000000000000ff"), Some(Fingerprint::from_u64(255)));
    /// assert_eq!(Fingerprint::parse("00000000000000FF"), None);
    /// assert_eq!(Fingerprint::parse("ff"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        let is_whole = text.len() == 16 && text.bytes().all(is_digit);
        is_whole.then(|| u64::from_str_radix(text, 16).ok().map(Self)).flatten()
    }
}

/// The first 8 bytes.
fn first_number(bytes: &[u8]) -> u64 {
    bytes.first_chunk().copied().map_or(0, u64::from_be_bytes)
}

impl fmt::Display for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}", self.0)
    }
}

impl fmt::Debug for Fingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
