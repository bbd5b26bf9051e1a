//! Who logs in, and what their tokens shall say.

use jeton::{is_reserved, limits};
use serde_json::{Map, Value};

use crate::error::OpenError;
use crate::subject::Device;

/// The client of sessions that belong to no other: what a login of [`Login::of`] is opened through.
pub const FIRST_PARTY: &str = "first-party";

/// Who logs in, and on what.
#[derive(Clone, Debug, PartialEq)]
pub struct Login {
    /// `sub`: whom the tokens will speak of.
    pub subject: String,
    /// The device, as the client tells it.
    pub device: Option<Device>,
    /// `client_id`.
    pub client: String,
    /// `scope`.
    pub scope: Option<String>,
    /// Claims of the application's own.
    pub claims: Map<String, Value>,
    /// `amr`: how the subject proved to be present.
    pub amr: Vec<String>,
}

impl Login {
    /// A login of this subject through the first-party client, and nothing more.
    #[must_use]
    pub fn of(subject: impl Into<String>) -> Self {
        Self {
            subject: subject.into(),
            device: None,
            client: FIRST_PARTY.to_owned(),
            scope: None,
            claims: Map::new(),
            amr: Vec::new(),
        }
    }

    /// Whether the application asks only for what is its to ask.
    pub(crate) fn check(&self) -> Result<(), OpenError> {
        check(&self.subject, &self.claims)
    }
}

/// Whether these are the claims of an application, about a subject that there can be.
pub(crate) fn check(subject: &str, claims: &Map<String, Value>) -> Result<(), OpenError> {
    if subject.is_empty() || subject.len() > limits::SUBJECT {
        return Err(OpenError::Subject);
    }
    match claims.keys().find(|name| is_reserved(name)) {
        Some(name) => Err(OpenError::ReservedClaim(name.clone())),
        None => Ok(()),
    }
}
