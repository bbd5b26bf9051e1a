//! Why accounts could not be opened in PostgreSQL: one sentence each, with what to do.

use std::path::PathBuf;

use deadpool_postgres::{HookError, PoolError};
use tokio_postgres::Error;
use tokio_postgres::error::SqlState;

use crate::AccountError;
use crate::postgres::{PostgresSettings, causes};

/// Why [`PostgresAccounts::connect`](crate::PostgresAccounts::connect) did not succeed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenPostgresError {
    /// The connection string is none.
    #[error("this is no connection string of PostgreSQL: {0}")]
    Address(String),
    /// The connection string has a password in it.
    #[error("a connection string is seen by many: put the password into a file, password_file")]
    PasswordInAddress,
    /// The file of the authorities is not readable, or none.
    #[error("{}: {cause}; it must hold the certificates of the authorities to trust", .file.display())]
    Authorities {
        /// Which file.
        file: PathBuf,
        /// What is wrong with it.
        cause: String,
    },
    /// Neither does the system know whom to trust.
    #[error("this machine trusts no certificate authority: give a file of them, authorities")]
    NoAuthorities,
    /// Nobody answers there, or not in time.
    #[error(
        "PostgreSQL at {server} is not reachable ({cause}): is it running, is this its address?"
    )]
    Unreachable {
        /// Host and port.
        server: String,
        /// Why not.
        cause: String,
    },
    /// It answers, but is not who it should be, or has no TLS at all.
    #[error(
        "no TLS with PostgreSQL at {server} ({cause}): its certificate must be of one of the \
         authorities and for this name"
    )]
    Tls {
        /// Host and port.
        server: String,
        /// Why not.
        cause: String,
    },
    /// The user is unknown, its password wrong, or `pg_hba.conf` lets it in from elsewhere only.
    #[error(
        "PostgreSQL does not let {user} in ({cause}): check the user, password_file and pg_hba.conf"
    )]
    Login {
        /// As whom.
        user: String,
        /// What PostgreSQL says.
        cause: String,
    },
    /// The database is missing.
    #[error(
        "PostgreSQL has no database {database}: CREATE DATABASE {database} OWNER {user} ENCODING 'UTF8'"
    )]
    NoDatabase {
        /// Its name.
        database: String,
        /// Who should own it.
        user: String,
    },
    /// The user may not do something there.
    #[error(
        "{user} may not do this in {database} ({cause}): ALTER DATABASE {database} OWNER TO {user}"
    )]
    Forbidden {
        /// Who.
        user: String,
        /// Where.
        database: String,
        /// What PostgreSQL says.
        cause: String,
    },
    /// None of the hosts allows writing.
    #[error(
        "PostgreSQL at {server} allows no writing, it may be a standby: name the primary as well"
    )]
    ReadOnly {
        /// Host and port.
        server: String,
    },
    /// The server is too old.
    #[error("PostgreSQL {0} is too old: 12 is the oldest that will do")]
    Version(i32),
    /// Text is not kept as Unicode there.
    #[error("the database keeps text as {0}: make one with ENCODING 'UTF8'")]
    Encoding(String),
    /// What PostgreSQL acknowledges may be lost when it crashes.
    #[error(
        "synchronous_commit is off, so a password change could be lost after it was acknowledged: \
         ALTER DATABASE {0} SET synchronous_commit = on"
    )]
    Volatile(String),
    /// The tables are a newer program's; this one would damage them.
    #[error(
        "the database holds accounts in version {found}, this program knows version {known}: \
         start a newer program"
    )]
    NewerSchema {
        /// The version that it states.
        found: i64,
        /// The newest that this program can read.
        known: i64,
    },
    /// Something else.
    #[error("accounts in PostgreSQL: {0}")]
    Failed(String),
}

impl OpenPostgresError {
    /// What it means that there is no connection.
    pub(super) fn of_pool(error: &PoolError, settings: &PostgresSettings) -> Self {
        match error {
            PoolError::Backend(error) | PoolError::PostCreateHook(HookError::Backend(error)) => {
                Self::of_driver(error, settings)
            }
            PoolError::PostCreateHook(HookError::Message(_)) => {
                Self::Volatile(settings.database().to_owned())
            }
            PoolError::Timeout(_) => Self::unreachable(settings, "it does not answer in time"),
            other => Self::Failed(other.to_string()),
        }
    }

    /// What it means that the driver has failed.
    pub(super) fn of_driver(error: &Error, settings: &PostgresSettings) -> Self {
        let (user, database) = (settings.user().to_owned(), settings.database().to_owned());
        let cause = causes(error);
        match error.code() {
            Some(code) if is_login(code) => Self::Login { user, cause },
            Some(&SqlState::INVALID_CATALOG_NAME) => Self::NoDatabase { database, user },
            Some(&SqlState::INSUFFICIENT_PRIVILEGE) => Self::Forbidden { user, database, cause },
            Some(&SqlState::READ_ONLY_SQL_TRANSACTION) => {
                Self::ReadOnly { server: settings.server() }
            }
            // It says so itself: starting, stopping, too many connections.
            Some(_) => Self::unreachable(settings, &cause),
            None => Self::of_connection(settings, cause),
        }
    }

    /// Without a word from PostgreSQL. The driver tells these apart by their texts alone, and so do
    /// the sentences; nothing else depends on it.
    fn of_connection(settings: &PostgresSettings, cause: String) -> Self {
        let server = settings.server();
        if cause.contains("TLS handshake") {
            Self::Tls { server, cause }
        } else if cause.contains("does not allow writes") {
            Self::ReadOnly { server }
        } else if cause.contains("authentication") || cause.contains("password") {
            Self::Login { user: settings.user().to_owned(), cause }
        } else {
            Self::Unreachable { server, cause }
        }
    }

    pub(super) fn unreachable(settings: &PostgresSettings, cause: &str) -> Self {
        Self::Unreachable { server: settings.server(), cause: cause.to_owned() }
    }
}

fn is_login(code: &SqlState) -> bool {
    [SqlState::INVALID_PASSWORD, SqlState::INVALID_AUTHORIZATION_SPECIFICATION].contains(code)
}

/// What PostgreSQL or the driver say: they name statements and tables, never a value.
pub(super) fn failed(error: &Error) -> AccountError {
    AccountError::unavailable(format_args!("PostgreSQL: {}", causes(error)))
}
