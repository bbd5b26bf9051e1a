//! Why something about an account was refused, or could not be done.

use crate::RandomError;

/// Why an operation of [`Accounts`](crate::Accounts) did not succeed.
///
/// [`Busy`](Self::Busy), [`Unavailable`](Self::Unavailable) and
/// [`NewerSchema`](Self::NewerSchema) are outages: nothing was decided, the same request may
/// succeed later (HTTP 503). Everything else is a refusal and stays one. Clients hear
/// [`code`](Self::code); the text of an outage is for the log. Neither holds a password, a hash or
/// a name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// Unknown name, wrong password, or the password changed meanwhile. Which one, nobody hears.
    #[error("the name or the password is wrong")]
    InvalidCredentials,
    /// Another account has this name, give or take upper and lower case.
    #[error("the name is taken")]
    NameTaken,
    /// The name cannot be that of an account; the text completes "a name …".
    #[error("a name {0}")]
    InvalidName(&'static str),
    /// A role is not acceptable; the text completes "roles …".
    #[error("roles {0}")]
    InvalidRole(&'static str),
    /// The password is too easy to guess; the text completes "a password …".
    #[error("a password {0}")]
    WeakPassword(&'static str),
    /// The password has more than [`Password::MAX_BYTES`](crate::Password::MAX_BYTES).
    #[error("the password is longer than 1024 bytes")]
    PasswordTooLong,
    /// There is no such account.
    #[error("there is no such account")]
    NotFound,
    /// Too many passwords are being checked: ask again in a second or two.
    #[error("too many passwords are being checked")]
    Busy,
    /// The file was written by a newer program; this one would damage it.
    #[error(
        "the file holds accounts in version {found}, this program knows version {known}: \
         start a newer program"
    )]
    NewerSchema {
        /// The version the file states.
        found: i64,
        /// The newest version this program can read.
        known: i64,
    },
    /// The store failed, or holds a row that cannot be true. The text says what, for the log.
    #[error("accounts are unavailable: {0}")]
    Unavailable(String),
}

impl AccountError {
    /// A stable name of the cause, for clients, logs and metrics.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::InvalidCredentials => "invalid_credentials",
            Self::NameTaken => "name_taken",
            Self::InvalidName(_) => "invalid_name",
            Self::InvalidRole(_) => "invalid_role",
            Self::WeakPassword(_) => "weak_password",
            Self::PasswordTooLong => "password_too_long",
            Self::NotFound => "not_found",
            Self::Busy => "busy",
            Self::NewerSchema { .. } => "newer_schema",
            Self::Unavailable(_) => "unavailable",
        }
    }

    /// Whether nobody knows, rather than the answer being no: to try again later may help.
    #[must_use]
    pub const fn is_outage(&self) -> bool {
        matches!(self, Self::Busy | Self::NewerSchema { .. } | Self::Unavailable(_))
    }

    /// An outage, with a cause that holds no secret.
    pub(crate) fn unavailable(cause: impl std::fmt::Display) -> Self {
        Self::Unavailable(cause.to_string())
    }
}

impl From<RandomError> for AccountError {
    fn from(error: RandomError) -> Self {
        Self::unavailable(error)
    }
}
