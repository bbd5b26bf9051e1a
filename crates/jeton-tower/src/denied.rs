//! The answer to a request that did not get through.

use std::fmt;

use axum_core::response::{IntoResponse, Response as AxumResponse};
use http::header::{CACHE_CONTROL, CONTENT_TYPE, RETRY_AFTER, WWW_AUTHENTICATE};
use http::{HeaderValue, Response, StatusCode};

use crate::{Realm, Rejection};

/// A [`Rejection`], and the realm it is said in: what extractors reject with, and what layers answer.
///
/// # Examples
///
/// ```
/// use jeton_tower::{Denied, Realm, Rejection};
///
/// let answer = Denied::new(Rejection::Missing, Realm::default()).into_http::<String>();
///
/// assert_eq!(answer.status(), 401);
/// assert_eq!(answer.headers()["www-authenticate"], r#"Bearer realm="jeton""#);
/// assert!(answer.body().contains(r#""code":"token_missing""#));
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Denied {
    rejection: Rejection,
    realm: Realm,
}

impl Denied {
    /// This rejection in this realm. [`Gate::deny`](crate::Gate::deny) knows its own.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::{Denied, Realm, Rejection};
    ///
    /// let denied = Denied::new(Rejection::NotAUser, Realm::new("shop")?);
    /// assert_eq!(denied.rejection(), &Rejection::NotAUser);
    /// # Ok::<(), jeton_tower::InvalidRealm>(())
    /// ```
    #[must_use]
    pub const fn new(rejection: Rejection, realm: Realm) -> Self {
        Self { rejection, realm }
    }

    /// Why.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::{Denied, Realm, Rejection};
    ///
    /// let denied = Denied::new(Rejection::Stale, Realm::default());
    /// assert_eq!(denied.rejection().code(), "stale");
    /// ```
    #[must_use]
    pub const fn rejection(&self) -> &Rejection {
        &self.rejection
    }

    /// `{"success":false,"data":null,"msg":…,"code":…}` with the challenge, if there is one; a 503
    /// with `Retry-After`. Nothing of it may be cached.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::{Denied, Realm, Rejection};
    ///
    /// let answer = Denied::new(Rejection::Stale, Realm::default()).into_http::<String>();
    /// assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (503, &"1".parse()?));
    /// # Ok::<(), http::header::InvalidHeaderValue>(())
    /// ```
    #[must_use]
    pub fn into_http<B: From<String>>(self) -> Response<B> {
        // Both are ours, and free of quotes and backslashes.
        let (code, msg) = (self.rejection.code(), &self.rejection);
        let body = format!(r#"{{"success":false,"data":null,"msg":"{msg}","code":"{code}"}}"#);
        let mut response = Response::new(B::from(body));
        *response.status_mut() = self.rejection.status();
        let challenge = self.rejection.challenge(&self.realm);
        let headers = response.headers_mut();
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
        if let Some(challenge) = challenge {
            headers.insert(WWW_AUTHENTICATE, challenge);
        }
        if self.rejection.status() == StatusCode::SERVICE_UNAVAILABLE {
            headers.insert(RETRY_AFTER, HeaderValue::from_static("1"));
        }
        response
    }
}

impl IntoResponse for Denied {
    fn into_response(self) -> AxumResponse {
        self.into_http()
    }
}

impl fmt::Display for Denied {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.rejection.fmt(f)
    }
}

impl std::error::Error for Denied {}
