//! What a command reads and writes, and how it fails.

use std::fmt::Display;
use std::io::{self, BufRead, IsTerminal as _, Read as _, Write};
use std::process::ExitCode;

use jeton_account::{AccountError, Password};
use jeton_session::KeyringError;
use jeton_store::OpenRedisError;
use zeroize::Zeroizing;

use crate::app::AppError;
use crate::keys::KeyFileError;

/// Longest input of a command, in bytes.
const INPUT: u64 = 64 * 1024;

/// Standard input and output, or a test's.
#[expect(missing_debug_implementations, reason = "two streams have nothing to show")]
pub struct Console<'a> {
    /// What is read: a token, claims, a password.
    pub input: &'a mut dyn BufRead,
    /// What the command answers.
    pub output: &'a mut dyn Write,
}

/// How a command fails: what to say, and the exit code.
#[derive(Debug, PartialEq, Eq)]
pub enum Failure {
    /// The answer is no. Exit code 1.
    Refused(String),
    /// The command cannot be carried out as it was given. Exit code 2.
    Usage(String),
    /// What it needs is not there. Exit code 3.
    Unavailable(String),
}

impl Failure {
    pub(super) fn refused(cause: impl Display) -> Self {
        Self::Refused(cause.to_string())
    }

    pub(super) fn usage(cause: impl Display) -> Self {
        Self::Usage(cause.to_string())
    }

    pub(super) fn unavailable(cause: impl Display) -> Self {
        Self::Unavailable(cause.to_string())
    }

    pub(super) fn report(self, errors: &mut dyn Write) -> ExitCode {
        let (text, code) = match self {
            Self::Refused(text) => (text, 1),
            Self::Usage(text) => (text, 2),
            Self::Unavailable(text) => (text, 3),
        };
        // Where even this cannot be written, the exit code has to say it.
        let _ = writeln!(errors, "jeton: {text}");
        ExitCode::from(code)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self::unavailable(error)
    }
}

impl From<AppError> for Failure {
    fn from(error: AppError) -> Self {
        match error {
            AppError::Keys(error) => error.into(),
            AppError::Redis(error) => error.into(),
            AppError::Setting(text) => Self::Usage(text),
            other => Self::unavailable(other),
        }
    }
}

impl From<OpenRedisError> for Failure {
    /// What waiting does not mend is wrong usage, so that nobody starts it again and again.
    fn from(error: OpenRedisError) -> Self {
        use OpenRedisError::{
            Address, Authorities, Foreign, Format, Login, Permission, Retention, UnknownPrimary,
            Unsuitable,
        };
        match error {
            Address(_)
            | Authorities(_)
            | Login { .. }
            | Permission { .. }
            | Foreign { .. }
            | UnknownPrimary(_)
            | Unsuitable(_)
            | Format { .. }
            | Retention { .. } => Self::usage(error),
            other => Self::unavailable(other),
        }
    }
}

impl From<KeyFileError> for Failure {
    fn from(error: KeyFileError) -> Self {
        use KeyringError::{NextIsPublished, NoSuchKey};
        match error {
            KeyFileError::Exists(_)
            | KeyFileError::Stored
            | KeyFileError::Keyring(_, NextIsPublished(_) | NoSuchKey)
            | KeyFileError::Shared(NextIsPublished(_) | NoSuchKey) => Self::refused(error),
            KeyFileError::SealKey(_) | KeyFileError::Sealed(_) => Self::usage(error),
            other => Self::unavailable(other),
        }
    }
}

impl From<AccountError> for Failure {
    fn from(error: AccountError) -> Self {
        if error.is_outage() { Self::unavailable(error) } else { Self::refused(error) }
    }
}

impl Console<'_> {
    pub(super) fn line(&mut self, text: impl Display) -> Result<(), Failure> {
        Ok(writeln!(self.output, "{text}")?)
    }

    /// All of the input, without the line break at its end.
    pub(super) fn read_all(&mut self) -> Result<Zeroizing<String>, Failure> {
        let mut text = Zeroizing::new(String::new());
        self.input.take(INPUT).read_to_string(&mut text).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => Failure::refused("the input is not text"),
            _ => error.into(),
        })?;
        cut_line_break(&mut text);
        Ok(text)
    }

    /// A new password: asked for twice on a terminal, else the first line of the input.
    pub(super) fn new_password(&mut self, from_input: bool) -> Result<Password, Failure> {
        if from_input || !io::stdin().is_terminal() {
            let mut line = Zeroizing::new(String::new());
            self.input.take(INPUT).read_line(&mut line)?;
            cut_line_break(&mut line);
            return Ok(Password::new(line.as_str().to_owned())?);
        }
        let first = rpassword::prompt_password("New password: ")?;
        let second = Zeroizing::new(rpassword::prompt_password("Once more: ")?);
        if first == *second {
            Ok(Password::new(first)?)
        } else {
            Err(Failure::usage("the two passwords differ"))
        }
    }
}

fn cut_line_break(text: &mut String) {
    let length = text.trim_end_matches(['\r', '\n']).len();
    text.truncate(length);
}
