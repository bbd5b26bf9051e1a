//! What is refused from now on, until when, and why.
//!
//! A [`Revocation`] names a session, a token, a subject's earlier tokens or a key. It matters until
//! the last token it can reach has expired, and then it is forgotten; nothing else removes it.

mod bound;
mod ended;
mod entry;
mod fingerprint;
mod holdings;
mod list;
mod marks;
mod parts;
mod sync;
mod table;
mod tables;
mod waiting;

use serde::{Deserialize, Serialize};

pub use bound::Bound;
pub use ended::Ended;
pub use entry::{Entry, Refused};
pub use fingerprint::Fingerprint;
pub use list::RevocationList;
pub(crate) use marks::Marks;

use crate::id::{SessionId, SubjectKey};
use crate::key::KeyId;
use crate::timestamp::Timestamp;

/// One entry of the feed.
///
/// In seconds: a revocation that ends before the last token it reaches lets that token in again.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use jeton::{Reason, Revocation, Target, Timestamp};
///
/// let now = Timestamp::from_secs(1_800_000_000);
/// let revocation = Revocation {
///     target: Target::Token("t1".to_owned(), Reason::Revoked),
///     until: now.after(Duration::from_secs(600 + 30)), // the longest life, and leeway
/// };
/// # let _ = revocation;
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// What is refused.
    pub target: Target,
    /// When the last token it can reach has expired, leeway included.
    pub until: Timestamp,
}

/// What a revocation reaches.
///
/// # Examples
///
/// ```
/// use jeton::{KeyId, Reason, SessionId, SubjectKey, Target};
///
/// let alice = SubjectKey::of("alice");
/// let logout = Target::Session(SessionId::new(alice, [7; 8]), Reason::LoggedOut);
/// let new_roles = Target::Subject(alice, 4); // tokens of version 0 to 3
/// let stolen_key = Target::Key(KeyId::new("2027")?);
/// # let _ = (logout, new_roles, stolen_key);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Target {
    /// Every access token of a session.
    Session(SessionId, Reason),
    /// One access token, by its `jti`.
    Token(String, Reason),
    /// A subject's access tokens with a `ver` below this one.
    Subject(SubjectKey, u64),
    /// Everything signed by the key that a verifier holds under this id, whatever `kid` the tokens
    /// carry. A key without an id cannot be withdrawn.
    Key(KeyId),
}

/// Why a session or token was ended.
///
/// # Examples
///
/// ```
/// use jeton::{Reason, Refusal};
///
/// assert_eq!(Refusal::Ended(Reason::Replayed).code(), "replayed");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// Its owner logged out.
    LoggedOut,
    /// Its owner, or the application, ended it from elsewhere.
    Revoked,
    /// A newer session took its place.
    Replaced,
    /// An administrator ended it.
    Kicked,
    /// Its subject was banned.
    Banned,
    /// The password it was opened with is no longer the password.
    PasswordChanged,
    /// A spent refresh token came back: somebody else may hold the session.
    Replayed,
}

impl Reason {
    /// Every reason.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::Reason;
    ///
    /// assert!(Reason::ALL.iter().all(|reason| Reason::from_code(reason.code()) == Some(*reason)));
    /// ```
    pub const ALL: [Self; 7] = [
        Self::LoggedOut,
        Self::Revoked,
        Self::Replaced,
        Self::Kicked,
        Self::Banned,
        Self::PasswordChanged,
        Self::Replayed,
    ];

    /// The stable code that a refused token is answered with.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(jeton::Reason::PasswordChanged.code(), "password_changed");
    /// ```
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::LoggedOut => "logged_out",
            Self::Revoked => "revoked",
            Self::Replaced => "replaced",
            Self::Kicked => "kicked",
            Self::Banned => "banned",
            Self::PasswordChanged => "password_changed",
            Self::Replayed => "replayed",
        }
    }

    /// The reason with this code.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::Reason;
    ///
    /// assert_eq!(Reason::from_code("kicked"), Some(Reason::Kicked));
    /// assert_eq!(Reason::from_code("Kicked"), None);
    /// ```
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}
