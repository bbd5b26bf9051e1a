//! Refusals and outages, from any part of the service to one answer.

use axum::Json;
use axum::response::{IntoResponse, Response};
use http::header::{CACHE_CONTROL, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, StatusCode};
use jeton::Refusal;
use jeton_account::AccountError;
use jeton_session::{OpenError, RefreshError, StoreError};
use jeton_tower::{Realm, Rejection};
use serde::Serialize;
use tracing::error;

use crate::app::LoginError;
use crate::http::code::{self, Code};
use crate::http::language::Language;

/// What a client hears. The cause of an outage is logged where it happens to become one of these;
/// the client hears only that there is one.
#[derive(Clone, Debug)]
pub(crate) struct ApiError {
    code: Code,
    /// What exactly, in English: a field and what is wrong with it. Never what the client has sent.
    detail: Option<String>,
    challenge: Option<HeaderValue>,
}

#[derive(Serialize)]
struct Failure<'a> {
    success: bool,
    data: Option<()>,
    msg: &'a str,
    code: &'a str,
}

impl ApiError {
    pub(crate) fn new(name: &str) -> Self {
        Self { code: code::code(name), detail: None, challenge: None }
    }

    /// A request that names what is wrong with it, like "`device.kind` is missing".
    pub(crate) fn bad_request(detail: impl Into<String>) -> Self {
        Self { detail: Some(detail.into()), ..Self::new(code::BAD_REQUEST) }
    }

    /// Somebody must try again later, and somebody else look into the log.
    pub(crate) fn unavailable(cause: &dyn std::fmt::Display) -> Self {
        error!(%cause, "unavailable");
        Self::new(code::UNAVAILABLE)
    }

    /// What `WWW-Authenticate` says: always something with a 401 (RFC 9110 section 11.6.1).
    pub(crate) fn challenge(&self) -> Option<HeaderValue> {
        let is_unauthorized = self.code.status == StatusCode::UNAUTHORIZED;
        let bare = || Rejection::Missing.challenge(&Realm::default()).filter(|_| is_unauthorized);
        self.challenge.clone().or_else(bare)
    }

    /// Its status.
    pub(crate) const fn status(&self) -> StatusCode {
        self.code.status
    }

    fn internal(cause: &dyn std::fmt::Display) -> Self {
        error!(%cause, "internal error");
        Self::new(code::INTERNAL)
    }

    /// Its stable code.
    pub(crate) const fn code(&self) -> &'static str {
        self.code.name
    }

    /// Writes the answer, in this language.
    pub(crate) fn render(self, language: Language) -> Response {
        let message = language.message(self.code);
        let message = match &self.detail {
            Some(detail) => format!("{message} ({detail})"),
            None => message.to_owned(),
        };
        let failure = Failure { success: false, data: None, msg: &message, code: self.code.name };
        let mut response = (self.code.status, Json(failure)).into_response();
        let headers = response.headers_mut();
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        headers.extend(self.challenge().map(|challenge| (WWW_AUTHENTICATE, challenge)));
        if self.code.status == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl IntoResponse for ApiError {
    /// Leaves the error in the response; the outermost layer knows the language and renders it.
    fn into_response(self) -> Response {
        let mut response = self.code.status.into_response();
        response.extensions_mut().insert(self);
        response
    }
}

impl From<Rejection> for ApiError {
    fn from(rejection: Rejection) -> Self {
        let detail = match &rejection {
            Rejection::Ambiguous | Rejection::Malformed => Some(rejection.to_string()),
            _ => None,
        };
        let challenge = rejection.challenge(&Realm::default());
        Self { detail, challenge, ..Self::new(rejection.code()) }
    }
}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        Self::unavailable(&error)
    }
}

impl From<RefreshError> for ApiError {
    fn from(error: RefreshError) -> Self {
        match (&error, error.code()) {
            (RefreshError::Unavailable(cause), _) => Self::unavailable(cause),
            (_, Some(code)) => Self::new(code),
            (_, None) => Self::internal(&error),
        }
    }
}

impl From<OpenError> for ApiError {
    fn from(error: OpenError) -> Self {
        match error {
            OpenError::Unavailable(cause) => Self::unavailable(&cause),
            OpenError::TooManySessions => Self::new(code::TOO_MANY_SESSIONS),
            // A list that is full refuses whatever is issued in this second; in the next, it may do.
            OpenError::Unacceptable(Refusal::Recalled) => Self::new(code::UNAVAILABLE),
            // The name is one of ours.
            OpenError::ReservedClaim(_) | OpenError::Subject => {
                Self::bad_request(error.to_string())
            }
            OpenError::Unacceptable(_) => {
                Self::bad_request("the claims are too long, too many or nested too deep")
            }
            other => Self::internal(&other),
        }
    }
}

impl From<AccountError> for ApiError {
    fn from(error: AccountError) -> Self {
        match &error {
            // Whether the account exists, the password was empty or just wrong: one answer.
            AccountError::InvalidCredentials | AccountError::NotFound => {
                Self::new(code::INVALID_CREDENTIALS)
            }
            AccountError::WeakPassword(_) => {
                Self { detail: Some(error.to_string()), ..Self::new(error.code()) }
            }
            AccountError::PasswordTooLong => Self::bad_request(error.to_string()),
            outage if outage.is_outage() => Self::unavailable(&error),
            _ => Self::internal(&error),
        }
    }
}

impl From<LoginError> for ApiError {
    fn from(error: LoginError) -> Self {
        match error {
            LoginError::Account(error) => error.into(),
            LoginError::Open(error) => error.into(),
        }
    }
}
