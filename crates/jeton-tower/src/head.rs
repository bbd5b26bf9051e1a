//! What of a request says who sends it.

use std::fmt;

use http::header::{HOST, UPGRADE};
use http::request::Parts;
use http::{HeaderMap, Method, Request, Uri};

/// The head of a request, borrowed: from a [`Request`], its [`Parts`], or its headers alone.
///
/// Headers alone do where no token travels in a cookie. For a token that does, a request whose
/// method nobody told is one that changes something.
///
/// # Examples
///
/// ```
/// use http::Request;
/// use jeton_tower::{Head, Rejection, Transport};
///
/// let request = Request::get("/orders").header("authorization", "Bearer eyJ.e30.x").body(())?;
///
/// assert_eq!(Transport::bearer().token(&request), Ok("eyJ.e30.x"));
/// assert_eq!(Transport::bearer().token(request.headers()), Ok("eyJ.e30.x"));
/// # Ok::<(), http::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Head<'r> {
    method: Option<&'r Method>,
    uri: Option<&'r Uri>,
    headers: &'r HeaderMap,
}

impl<'r> Head<'r> {
    /// Its headers.
    ///
    /// # Examples
    ///
    /// ```
    /// use http::HeaderMap;
    /// use jeton_tower::Head;
    ///
    /// assert!(Head::from(&HeaderMap::new()).headers().is_empty());
    /// ```
    #[must_use]
    pub const fn headers(&self) -> &'r HeaderMap {
        self.headers
    }

    /// Whether it can be taken for one that only reads: a safe method (RFC 9110 section 9.2.1), and
    /// no upgrade, for a WebSocket begins with a GET and does anything after that.
    pub(crate) fn only_reads(&self) -> bool {
        self.method.is_some_and(Method::is_safe) && !self.headers.contains_key(UPGRADE)
    }

    /// Host and port that were asked: `:authority` in HTTP/2, else the one `Host`.
    pub(crate) fn authority(&self) -> Option<&'r str> {
        if let Some(authority) = self.uri.and_then(Uri::authority) {
            return Some(authority.as_str());
        }
        let mut hosts = self.headers.get_all(HOST).iter();
        let host = hosts.next()?.to_str().ok()?;
        hosts.next().is_none().then_some(host)
    }
}

impl<'r> From<&'r HeaderMap> for Head<'r> {
    fn from(headers: &'r HeaderMap) -> Self {
        Self { method: None, uri: None, headers }
    }
}

impl<'r> From<&'r Parts> for Head<'r> {
    fn from(Parts { method, uri, headers, .. }: &'r Parts) -> Self {
        Self { method: Some(method), uri: Some(uri), headers }
    }
}

impl<'r, B> From<&'r Request<B>> for Head<'r> {
    fn from(request: &'r Request<B>) -> Self {
        let (method, uri) = (Some(request.method()), Some(request.uri()));
        Self { method, uri, headers: request.headers() }
    }
}

impl fmt::Debug for Head<'_> {
    /// Without the headers: a token is among them.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Head").field("method", &self.method).finish_non_exhaustive()
    }
}
