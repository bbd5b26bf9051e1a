//! What is refused from now on, until when, and why.
//!
//! A [`Revocation`] names a session, a token, a subject's earlier tokens or a key. It matters until
//! the last token it can reach has expired, and then it is forgotten; nothing else removes it.

mod list;
mod marks;

use serde::{Deserialize, Serialize};

pub use list::RevocationList;
pub(crate) use marks::Marks;

use crate::id::{SessionId, SubjectKey};
use crate::key::KeyId;
use crate::timestamp::Timestamp;

/// One entry of the feed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Revocation {
    /// What is refused.
    pub target: Target,
    /// When the last token it can reach has expired, leeway included.
    pub until: Timestamp,
}

/// What a revocation reaches.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Target {
    /// Every access token of a session.
    Session(SessionId, Reason),
    /// One access token, by its `jti`.
    Token(String, Reason),
    /// A subject's access tokens with a `ver` below this one.
    Subject(SubjectKey, u64),
    /// Everything signed by a key.
    Key(KeyId),
}

/// Why a session or token was ended.
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
    #[must_use]
    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| reason.code() == code)
    }
}
