//! What became of a command: whether it ran, and who may try again.
//!
//! A command that may have run is never sent a second time: its caller hears that nobody knows. Only
//! where a server says that it did nothing is it sent again, elsewhere or a little later.

use std::fmt;

use jeton_session::StoreError;
use redis::{ErrorKind, RedisError};

use crate::redis::link::address::Address;
use crate::redis::open::OpenRedisError;

/// Why no connection was made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(crate) enum DialError {
    /// Nothing listens there, or there is no way to it.
    #[error("cannot be reached: {0}")]
    Unreachable(String),
    /// It did not answer in time.
    #[error("does not answer")]
    Silent,
    /// No TLS, or a certificate that proves nothing.
    #[error("TLS failed: {0}")]
    Tls(String),
    /// User and password were refused, or there were none.
    #[error("refuses our user or password")]
    Login,
    /// The user may not do what we do.
    #[error("does not permit what we ask: {0}")]
    Permission(String),
    /// It reads its data, and will be there.
    #[error("is still starting: {0}")]
    Starting(String),
    /// It is a server of Redis, and another one than we look for.
    #[error("is {0}")]
    Role(&'static str),
    /// Whatever it is, it is no Redis.
    #[error("does not speak the protocol of Redis: {0}")]
    Foreign(String),
}

/// Why a command has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::redis) enum Failure {
    /// It did not run. The slot belongs to the server at this address.
    #[error("the slot has moved to {0}")]
    Moved(String),
    /// It did not run. For this one time, the server at this address has the keys.
    #[error("the slot is moving to {0}")]
    Ask(String),
    /// It did not run: the server does not know the script.
    #[error("the script is gone again")]
    NoScript,
    /// It did not run: this server is not the primary, or may not write. Another one may be by now.
    #[error("{0}")]
    NotPrimary(String),
    /// It did not run. The same server may run it a moment later.
    #[error("{0}")]
    Later(String),
    /// It did not run: there is no connection.
    #[error("{0}")]
    Unconnected(DialError),
    /// It did not run, and would not the next time.
    #[error("{0}")]
    Refused(String),
    /// It did not run: our user may not do this.
    #[error("{0}")]
    Forbidden(String),
    /// It may have run.
    #[error("{0}")]
    Unknown(String),
}

/// A command that has no answer, and whom it was sent to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Lost {
    server: Option<Address>,
    failure: Failure,
}

impl Lost {
    pub(super) const fn new(server: Option<Address>, failure: Failure) -> Self {
        Self { server, failure }
    }

    /// An answer came, and made no sense.
    pub(in crate::redis) const fn of_data(what: String) -> Self {
        Self { server: None, failure: Failure::Refused(what) }
    }
}

impl fmt::Display for Lost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.server {
            Some(server) => write!(formatter, "Redis at {server}: {}", self.failure),
            None => write!(formatter, "Redis: {}", self.failure),
        }
    }
}

impl From<Lost> for StoreError {
    fn from(lost: Lost) -> Self {
        Self::new(lost.to_string())
    }
}

impl From<Lost> for OpenRedisError {
    fn from(lost: Lost) -> Self {
        match (&lost.server, &lost.failure) {
            (Some(server), Failure::Unconnected(error)) => Self::of_server(server, error.clone()),
            (Some(server), Failure::Forbidden(cause)) => {
                Self::Permission { server: server.to_string(), cause: cause.clone() }
            }
            (Some(server), Failure::Unknown(cause)) => {
                Self::Unreachable { server: server.to_string(), cause: cause.clone() }
            }
            _ => Self::Unavailable(lost.into()),
        }
    }
}

impl Failure {
    /// What an error says about the command that was sent.
    pub(super) fn of(error: &RedisError) -> Self {
        let code = code_of(error);
        let words = words_of(error);
        let address = || error.redirect_node().map(|(address, _)| address.to_owned());
        match code {
            "MOVED" => address().map_or(Self::NotPrimary(words), Self::Moved),
            "ASK" => address().map_or(Self::NotPrimary(words), Self::Ask),
            "NOSCRIPT" => Self::NoScript,
            "NOPERM" | "NOAUTH" => Self::Forbidden(words),
            "READONLY" | "NOREPLICAS" | "CLUSTERDOWN" | "MASTERDOWN" => Self::NotPrimary(words),
            "TRYAGAIN" | "LOADING" | "BUSY" => Self::Later(words),
            "" => Self::Unknown(words),
            _ => Self::Refused(words),
        }
    }

    /// Whether another server may be the one to ask.
    pub(super) const fn doubts_topology(&self) -> bool {
        matches!(
            self,
            Self::Moved(_) | Self::NotPrimary(_) | Self::Unconnected(_) | Self::Unknown(_)
        )
    }

    /// Whether the connection is of no more use.
    pub(super) const fn ends_connection(&self) -> bool {
        matches!(self, Self::Unknown(_))
    }
}

impl DialError {
    /// What an error says that came while the connection was set up.
    pub(super) fn of(error: &RedisError) -> Self {
        match (error.kind(), code_of(error)) {
            (ErrorKind::AuthenticationFailed, _) | (_, "NOAUTH" | "WRONGPASS") => Self::Login,
            (_, "NOPERM") => Self::Permission(words_of(error)),
            (_, "LOADING" | "BUSY") => Self::Starting(words_of(error)),
            (ErrorKind::Io, _) => Self::Unreachable(error.to_string()),
            (_, "DENIED") => Self::Permission("protected mode; give it a password".to_owned()),
            (ErrorKind::Parse, _) => Self::Foreign("its answer cannot be read".to_owned()),
            _ => Self::Foreign(words_of(error)),
        }
    }
}

/// The code a server answered with; empty if it answered none. Before version 7, what a command
/// inside of a script was refused with stands within the text of an `ERR`.
fn code_of(error: &RedisError) -> &str {
    const INSIDE: [&str; 4] = ["READONLY", "NOREPLICAS", "MISCONF", "OOM"];
    let within = |detail: &str| {
        INSIDE
            .into_iter()
            .find(|code| detail.split_once(": -").is_some_and(|(_, inner)| inner.starts_with(code)))
    };
    match error.code() {
        Some("ERR") => error.detail().and_then(within).unwrap_or("ERR"),
        Some(code) => code,
        None => "",
    }
}

/// An error in words. Redis quotes the arguments of commands it does not know, so what follows is
/// left out.
fn words_of(error: &RedisError) -> String {
    let words = error.to_string();
    match words.split_once(", with args") {
        Some((before, _)) => before.to_owned(),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use redis::parse_redis_value;

    use super::*;

    fn failure(answer: &str) -> Failure {
        let value = parse_redis_value(answer.as_bytes()).unwrap();
        Failure::of(&value.extract_error().unwrap_err())
    }

    #[test]
    fn an_answer_says_whether_the_command_ran() {
        let cases = [
            ("-MOVED 866 127.0.0.1:7001\r\n", "Moved"),
            ("-ASK 866 127.0.0.1:7001\r\n", "Ask"),
            ("-NOSCRIPT No matching script.\r\n", "NoScript"),
            ("-READONLY You can't write against a read only replica.\r\n", "NotPrimary"),
            ("-NOREPLICAS Not enough good replicas to write.\r\n", "NotPrimary"),
            ("-CLUSTERDOWN Hash slot not served\r\n", "NotPrimary"),
            ("-LOADING Redis is loading the dataset in memory\r\n", "Later"),
            ("-TRYAGAIN Multiple keys request during rehashing of slot\r\n", "Later"),
            ("-OOM command not allowed when used memory > 'maxmemory'.\r\n", "Refused"),
            (
                "-ERR Error running script (call to f_1): @user_script:1: -READONLY You\r\n",
                "NotPrimary",
            ),
            ("-ERR value is not an integer or out of range\r\n", "Refused"),
            ("-NOPERM this user has no permissions\r\n", "Forbidden"),
        ];
        for (answer, expected) in cases {
            let said = format!("{:?}", failure(answer));

            assert!(said.starts_with(expected), "{answer:?}: {said}");
        }
    }

    #[test]
    fn a_connection_that_breaks_leaves_it_unknown() {
        let broken = RedisError::from(std::io::Error::from(std::io::ErrorKind::ConnectionReset));

        assert!(matches!(Failure::of(&broken), Failure::Unknown(_)));
    }

    #[test]
    fn the_arguments_of_an_unknown_command_are_not_repeated() {
        let said = failure("-ERR unknown command `NONE`, with args beginning with: `secret`\r\n");

        assert!(!format!("{said:?}").contains("secret"), "{said:?}");
    }
}
