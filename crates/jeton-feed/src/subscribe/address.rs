//! Where the issuer is.

use std::net::IpAddr;

use http::Uri;
use http::uri::{Authority, PathAndQuery, Scheme};

/// Why an address is none to subscribe at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Not `https://host` or `http://host`, with a port and a path at most.
    #[error("not an http or https address of a host, with a port and a path at most")]
    Malformed,
    /// Plain HTTP to another machine: everybody on the way reads the secret, and can keep
    /// revocations back. [`allow_plain_http`](super::Settings::allow_plain_http) allows it.
    #[error("plain http to another machine; use https")]
    Plain,
}

/// The address of an issuer, and of everything below it.
#[derive(Clone, Debug)]
pub(super) struct Address {
    scheme: Scheme,
    authority: Authority,
    path: String,
}

impl Address {
    pub(super) fn parse(text: &str, allow_plain: bool) -> Result<Self, AddressError> {
        let uri: Uri = text.parse().map_err(|_| AddressError::Malformed)?;
        let parts = uri.into_parts();
        let scheme = parts.scheme.ok_or(AddressError::Malformed)?;
        let authority = parts.authority.ok_or(AddressError::Malformed)?;
        let path = parts.path_and_query.unwrap_or(PathAndQuery::from_static("/"));
        let is_http = scheme == Scheme::HTTP || scheme == Scheme::HTTPS;
        let is_host = !authority.host().is_empty() && !authority.as_str().contains('@');
        if !is_http || !is_host || path.query().is_some() || text.contains('#') {
            return Err(AddressError::Malformed);
        }
        if scheme == Scheme::HTTP && !allow_plain && !is_loopback(authority.host()) {
            return Err(AddressError::Plain);
        }
        let path = path.path().trim_end_matches('/').to_owned();
        Ok(Self { scheme, authority, path })
    }

    /// Whether requests are encrypted.
    pub(super) fn is_secure(&self) -> bool {
        self.scheme == Scheme::HTTPS
    }

    /// The address of a route, with its query if it has one.
    pub(super) fn route(&self, route: &str) -> Result<Uri, http::Error> {
        Uri::builder()
            .scheme(self.scheme.clone())
            .authority(self.authority.clone())
            .path_and_query(format!("{}{route}", self.path))
            .build()
    }
}

/// Whether nobody can listen between this host and ours.
fn is_loopback(host: &str) -> bool {
    let host = host.trim_start_matches('[').trim_end_matches(']');
    let is_loopback = host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback());
    is_loopback || host.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_secure_or_of_this_machine() {
        use AddressError::{Malformed, Plain};
        let rows = [
            ("https://login.example", Ok("https://login.example/x?y=1")),
            ("https://login.example/", Ok("https://login.example/x?y=1")),
            ("https://login.example:8443/t1/", Ok("https://login.example:8443/t1/x?y=1")),
            ("http://127.0.0.1:8080", Ok("http://127.0.0.1:8080/x?y=1")),
            ("http://127.8.8.8", Ok("http://127.8.8.8/x?y=1")),
            ("http://[::1]:8080", Ok("http://[::1]:8080/x?y=1")),
            ("http://localhost", Ok("http://localhost/x?y=1")),
            ("http://login.example", Err(Plain)),
            ("http://10.0.0.1", Err(Plain)),
            ("http://localhost.example", Err(Plain)),
            ("ftp://127.0.0.1", Err(Malformed)),
            ("127.0.0.1:8080", Err(Malformed)),
            ("/v1", Err(Malformed)),
            ("https://login.example?a=b", Err(Malformed)),
            ("https://login.example/#a", Err(Malformed)),
            ("https://me:secret@login.example", Err(Malformed)),
            ("", Err(Malformed)),
        ];
        for (text, expected) in rows {
            let address = Address::parse(text, false);
            let route = address.map(|address| address.route("/x?y=1").unwrap().to_string());
            assert_eq!(route.as_deref().map_err(|error| *error), expected, "{text}");
        }
        assert!(Address::parse("http://login.example", true).is_ok());
    }
}
