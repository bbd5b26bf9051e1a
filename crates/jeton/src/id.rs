//! Names of subjects and sessions that say where their records live.

use std::fmt;

use aws_lc_rs::digest;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::base64url;

/// Where a subject's record lives: the first 16 bytes of SHA-256 of `sub`.
///
/// # Examples
///
/// ```
/// use jeton::SubjectKey;
///
/// let key = SubjectKey::of("alice");
/// assert_eq!(SubjectKey::from_bytes(*key.as_bytes()), key);
/// assert_ne!(SubjectKey::of("Alice"), key);
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubjectKey([u8; 16]);

impl SubjectKey {
    /// The record of no subject: revocations that concern the issuer itself go there.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(jeton::SubjectKey::ISSUER.as_bytes(), &[0; 16]);
    /// ```
    pub const ISSUER: Self = Self([0; 16]);

    /// The key of the subject with this `sub`.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(format!("{:?}", jeton::SubjectKey::of("alice")), "K9gGyX8OAK8aH8Myj6djqQ");
    /// ```
    #[must_use]
    pub fn of(subject: &str) -> Self {
        let hash = digest::digest(&digest::SHA256, subject.as_bytes());
        Self(hash.as_ref().first_chunk().copied().unwrap_or_default())
    }

    /// A key read back from a store.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::SubjectKey;
    ///
    /// let stored = *SubjectKey::of("alice").as_bytes();
    /// assert_eq!(SubjectKey::from_bytes(stored), SubjectKey::of("alice"));
    /// ```
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes of the key.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(jeton::SubjectKey::of("alice").as_bytes()[..2], [0x2b, 0xd8]);
    /// ```
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for SubjectKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

/// A session's name, the claim `sid`: its subject's key and 8 random bytes.
///
/// # Examples
///
/// ```
/// use jeton::{SessionId, SubjectKey};
///
/// let id = SessionId::new(SubjectKey::of("alice"), [7; 8]);
/// assert_eq!(SessionId::parse(&id.to_string()), Some(id));
/// assert_eq!(id.subject(), SubjectKey::of("alice"));
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SessionId([u8; 24]);

impl SessionId {
    /// A session of this subject. The last 8 bytes must be random and never used before.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{SessionId, SubjectKey};
    ///
    /// let mut random = [0; 8];
    /// # let fill = |bytes: &mut [u8]| aws_lc_rs::rand::fill(bytes);
    /// fill(&mut random)?; // from your source of randomness
    /// let id = SessionId::new(SubjectKey::of("alice"), random);
    /// assert_eq!(id.as_bytes()[16..], random);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(subject: SubjectKey, random: [u8; 8]) -> Self {
        let mut id = [0; 24];
        let (head, tail) = id.split_at_mut(16);
        head.copy_from_slice(&subject.0);
        tail.copy_from_slice(&random);
        Self(id)
    }

    /// Reads what [`Display`](fmt::Display) wrote: 32 letters of base64url.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::SessionId;
    ///
    /// assert!(SessionId::parse("K9gGyX8OAK8aH8Myj6djqQcHBwcHBwcH").is_some());
    /// assert_eq!(SessionId::parse("K9gGyX8OAK8aH8Myj6djqQ"), None);
    /// ```
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        base64url::decode_array(text).map(Self)
    }

    /// An id read back from a store.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(jeton::SessionId::from_bytes([0; 24]).to_string(), "A".repeat(32));
    /// ```
    #[must_use]
    pub const fn from_bytes(bytes: [u8; 24]) -> Self {
        Self(bytes)
    }

    /// Whose session it is.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{SessionId, SubjectKey};
    ///
    /// let id = SessionId::new(SubjectKey::of("alice"), [7; 8]);
    /// assert_eq!(id.subject(), SubjectKey::of("alice"));
    /// ```
    #[must_use]
    pub fn subject(&self) -> SubjectKey {
        SubjectKey(self.0.first_chunk().copied().unwrap_or_default())
    }

    /// Whether it is a session of the subject with this `sub`.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{SessionId, SubjectKey};
    ///
    /// let id = SessionId::new(SubjectKey::of("alice"), [7; 8]);
    /// assert!(id.belongs_to("alice") && !id.belongs_to("bob"));
    /// ```
    #[must_use]
    pub fn belongs_to(&self, subject: &str) -> bool {
        self.subject() == SubjectKey::of(subject)
    }

    /// The bytes of the id.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{SessionId, SubjectKey};
    ///
    /// let id = SessionId::new(SubjectKey::of("alice"), [7; 8]);
    /// assert_eq!(SessionId::from_bytes(*id.as_bytes()), id);
    /// ```
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; 24] {
        &self.0
    }
}

impl fmt::Display for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&base64url::encode(&self.0))
    }
}

/// The last 8 letters only: enough to follow a session through a log, too little to name it.
impl fmt::Debug for SessionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // All sessions of a subject begin alike.
        let tail = self.0.last_chunk::<6>().map(|tail| base64url::encode(tail));
        write!(f, "..{}", tail.unwrap_or_default())
    }
}

impl Serialize for SessionId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for SessionId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| D::Error::custom("not a session id"))
    }
}
