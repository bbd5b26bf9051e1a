//! Where the token of a request is.

use http::header::AUTHORIZATION;
use http::{HeaderMap, HeaderName};

use crate::Rejection;

/// Which headers may carry an access token: `Authorization: Bearer`, and others of any name that
/// carry it without a prefix. Never the query string (RFC 9700 section 4.3).
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
}

impl Transport {
    /// `Authorization: Bearer` alone (RFC 6750 section 2.1).
    #[must_use]
    pub const fn bearer() -> Self {
        Self { headers: Vec::new() }
    }

    /// Also a header of this name, with nothing but the token in it.
    #[must_use]
    pub fn with_header(mut self, name: HeaderName) -> Self {
        self.headers.push(name);
        self
    }

    /// The header names a browser must be allowed to send.
    pub fn header_names(&self) -> impl Iterator<Item = &HeaderName> {
        std::iter::once(&AUTHORIZATION).chain(&self.headers)
    }

    /// The one token of a request.
    ///
    /// # Errors
    ///
    /// [`Rejection::Missing`]; [`Rejection::Ambiguous`] for more than one, even of the same text
    /// (RFC 6750 section 2); [`Rejection::Malformed`] for a `Bearer` without a single token.
    pub fn token<'h>(&self, headers: &'h HeaderMap) -> Result<&'h str, Rejection> {
        let mut found = None;
        for name in self.header_names() {
            for value in headers.get_all(name) {
                let text = value.to_str().map_err(|_| Rejection::Malformed)?;
                let token = if *name == AUTHORIZATION { bearer(text)? } else { Some(text) };
                if token.is_some() && found.is_some() {
                    return Err(Rejection::Ambiguous);
                }
                found = found.or(token);
            }
        }
        found.ok_or(Rejection::Missing)
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
