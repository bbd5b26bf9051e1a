//! Where the token of a request is.

use http::HeaderName;
use http::header::{AUTHORIZATION, COOKIE};

use crate::cookie::{self, CookieName, InvalidCookieName};
use crate::origin::{self, InvalidOrigin, Origin};
use crate::{Head, Rejection};

/// Where requests may keep an access token: `Authorization: Bearer`, headers of any name that carry
/// it without a prefix, a cookie. Never the query string (RFC 9700 section 4.3).
///
/// A browser sends a cookie along with whatever request another site makes it send. A token in one
/// is good for a request that only reads; else the request has to show that it comes from a page of
/// our own: `Sec-Fetch-Site: same-origin` or `none`, which no page can forge, or, from browsers
/// without that, an `Origin` that is the host asked. One that shows neither is
/// [refused](Rejection::CrossSite). A WebSocket's handshake counts as a request that changes
/// something.
///
/// # Examples
///
/// ```
/// use http::{HeaderMap, HeaderName};
/// use jeton_tower::Transport;
///
/// let transport = Transport::bearer().with_header(HeaderName::from_static("access_token"));
/// let mut headers = HeaderMap::new();
/// headers.insert("access_token", "eyJ.e30.x".parse().unwrap());
/// assert_eq!(transport.token(&headers).unwrap(), "eyJ.e30.x");
/// ```
#[derive(Clone, Debug, Default)]
pub struct Transport {
    headers: Vec<HeaderName>,
    cookie: Option<CookieName>,
    origins: Vec<Origin>,
}

impl Transport {
    /// `Authorization: Bearer` alone (RFC 6750 section 2.1).
    #[must_use]
    pub const fn bearer() -> Self {
        Self { headers: Vec::new(), cookie: None, origins: Vec::new() }
    }

    /// Also a header of this name, with nothing but the token in it.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName) -> Self {
        self.headers.push(name);
        self
    }

    /// Also a cookie of this name, with nothing but the token in it.
    ///
    /// Its name begins with `__Host-`, so that browsers take it only for this very host, over TLS,
    /// and no neighbour below the same domain can plant one. Set it `HttpOnly` and
    /// `SameSite=Strict`.
    ///
    /// # Errors
    ///
    /// [`InvalidCookieName`] for any other name.
    ///
    /// # Examples
    ///
    /// ```
    /// use http::Request;
    /// use jeton_tower::{Rejection, Transport};
    ///
    /// let transport = Transport::bearer().with_cookie("__Host-access")?;
    /// let post = || Request::post("/orders").header("cookie", "__Host-access=eyJ.e30.x");
    ///
    /// let own = post().header("sec-fetch-site", "same-origin").body(())?;
    /// assert_eq!(transport.token(&own), Ok("eyJ.e30.x"));
    ///
    /// let foreign = post().header("sec-fetch-site", "cross-site").body(())?;
    /// assert_eq!(transport.token(&foreign), Err(Rejection::CrossSite));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn with_cookie(mut self, name: &str) -> Result<Self, InvalidCookieName> {
        self.cookie = Some(CookieName::new(name)?);
        Ok(self)
    }

    /// Also lets pages of this origin, like `https://app.example`, act with the cookie.
    ///
    /// # Errors
    ///
    /// [`InvalidOrigin`] if it is not a scheme, a host and at most a port.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::{InvalidOrigin, Transport};
    ///
    /// assert!(Transport::bearer().with_origin("https://app.example").is_ok());
    /// assert_eq!(Transport::bearer().with_origin("*").unwrap_err(), InvalidOrigin);
    /// ```
    pub fn with_origin(mut self, origin: &str) -> Result<Self, InvalidOrigin> {
        self.origins.push(Origin::new(origin)?);
        Ok(self)
    }

    /// The header names a browser must be allowed to send.
    pub fn header_names(&self) -> impl Iterator<Item = &HeaderName> {
        std::iter::once(&AUTHORIZATION).chain(&self.headers)
    }

    /// The one token of a request.
    ///
    /// # Errors
    ///
    /// [`Rejection::Missing`]; [`Rejection::Ambiguous`] for more than one, wherever they are and even
    /// of the same text (RFC 6750 section 2); [`Rejection::Malformed`] for a `Bearer` without a
    /// single token; [`Rejection::CrossSite`] for one in a cookie that another site may have sent.
    pub fn token<'r>(&self, request: impl Into<Head<'r>>) -> Result<&'r str, Rejection> {
        let head = request.into();
        let in_header = self.in_headers(head)?;
        let in_cookie = self.in_cookies(head)?;
        match (in_header, in_cookie) {
            (Some(_), Some(_)) => Err(Rejection::Ambiguous),
            (Some(token), None) => Ok(token),
            (None, Some(token)) if origin::is_own(head, &self.origins) => Ok(token),
            (None, Some(_)) => Err(Rejection::CrossSite),
            (None, None) => Err(Rejection::Missing),
        }
    }

    fn in_headers<'r>(&self, head: Head<'r>) -> Result<Option<&'r str>, Rejection> {
        let mut found = None;
        for name in self.header_names() {
            for value in head.headers().get_all(name) {
                let text = value.to_str().map_err(|_| Rejection::Malformed)?;
                let token = if *name == AUTHORIZATION { bearer(text)? } else { Some(text) };
                if token.is_some() && found.is_some() {
                    return Err(Rejection::Ambiguous);
                }
                found = found.or(token);
            }
        }
        Ok(found)
    }

    fn in_cookies<'r>(&self, head: Head<'r>) -> Result<Option<&'r str>, Rejection> {
        let Some(name) = &self.cookie else {
            return Ok(None);
        };
        // HTTP/2 may send a header for each (RFC 9113 section 8.2.3).
        let headers = head.headers().get_all(COOKIE).iter();
        let mut values = headers.flat_map(|header| cookie::values(header.as_bytes(), name));
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(Rejection::Ambiguous);
        }
        std::str::from_utf8(value).map(Some).map_err(|_| Rejection::Malformed)
    }
}

/// The token of a `Bearer` credential, or `None` for another scheme.
fn bearer(credentials: &str) -> Result<Option<&str>, Rejection> {
    let (scheme, token) = credentials.split_once(' ').unwrap_or((credentials, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Ok(None);
    }
    if token.is_empty() || token.contains([' ', ',']) {
        return Err(Rejection::Malformed);
    }
    Ok(Some(token))
}

#[cfg(test)]
mod tests {
    use http::HeaderMap;

    use super::*;

    type Headers = [(&'static str, &'static str)];

    fn headers(pairs: &Headers) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, http::HeaderValue::from_static(value));
        }
        headers
    }

    #[test]
    fn finds_the_one_token() {
        let transport = Transport::bearer().with_header(HeaderName::from_static("access_token"));
        let cases: [(&str, &Headers, Result<&str, Rejection>); 10] = [
            ("none", &[], Err(Rejection::Missing)),
            ("bearer", &[("authorization", "Bearer t")], Ok("t")),
            ("scheme in any case", &[("authorization", "bEARER t")], Ok("t")),
            ("another scheme", &[("authorization", "Basic t")], Err(Rejection::Missing)),
            ("own header", &[("access_token", "t")], Ok("t")),
            (
                "own header beside basic",
                &[("authorization", "Basic x"), ("access_token", "t")],
                Ok("t"),
            ),
            (
                "two headers",
                &[("authorization", "Bearer t"), ("access_token", "t")],
                Err(Rejection::Ambiguous),
            ),
            (
                "the same twice",
                &[("access_token", "t"), ("access_token", "t")],
                Err(Rejection::Ambiguous),
            ),
            ("bearer of nothing", &[("authorization", "Bearer")], Err(Rejection::Malformed)),
            ("bearer of two", &[("authorization", "Bearer a b")], Err(Rejection::Malformed)),
        ];
        for (name, pairs, expected) in cases {
            assert_eq!(transport.token(&headers(pairs)), expected, "{name}");
        }
    }

    #[test]
    fn a_header_nobody_configured_is_not_looked_at() {
        let headers = headers(&[("access_token", "t")]);
        assert_eq!(Transport::bearer().token(&headers), Err(Rejection::Missing));
    }
}
