//! What an issuer has to be (RFC 8414 section 2): a URL that metadata can be found by.

use std::net::IpAddr;

use http::Uri;
use http::uri::Scheme;

/// Whether this can be an issuer: https, or http on loopback; without query and fragment, and with
/// nothing in its path that a proxy could read in another way.
pub(super) fn check(issuer: &str) -> Result<(), &'static str> {
    let is_plain = issuer.bytes().all(|byte| byte.is_ascii_graphic());
    if !is_plain || issuer.contains(['?', '#', '%', '\\', '"', '<', '>', '{', '}']) {
        return Err("it needs to be a URL without query, fragment and escapes");
    }
    let uri: Uri = issuer.parse().map_err(|_| "it is not a URL")?;
    let authority = uri.authority().ok_or("it is not a URL like https://login.example")?;
    if authority.as_str().contains('@') || authority.host().is_empty() {
        return Err("it needs to be a URL with a host and without a user");
    }
    if uri.path().split('/').skip(1).any(|part| matches!(part, "." | ".."))
        || uri.path().contains("//")
    {
        return Err("its path is not in the simplest form");
    }
    match uri.scheme() {
        Some(scheme) if *scheme == Scheme::HTTPS => Ok(()),
        Some(scheme) if *scheme == Scheme::HTTP && is_loopback(authority.host()) => Ok(()),
        _ => Err("it needs to begin with https://; http:// is for loopback"),
    }
}

fn is_loopback(host: &str) -> bool {
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// M1
    #[test]
    fn an_issuer_is_a_url_that_metadata_can_be_found_by() {
        let good = [
            "https://login.example",
            "https://login.example/",
            "https://login.example:8443/t1/t2",
            "http://localhost:8080",
            "http://127.0.0.1:8080/t1",
            "http://[::1]:8080",
        ];
        for issuer in good {
            assert_eq!(check(issuer), Ok(()), "{issuer}");
        }
        let bad = [
            "",
            "login",
            "/t1",
            "urn:x:y",
            "http://login.example",
            "ftp://login.example",
            "https://",
            "https://login.example?x",
            "https://login.example/#x",
            "https://me@login.example",
            "https://login.example/../t1",
            "https://login.example//t1",
            "https://login.example/t%31",
            "https://login.example/{t1}",
            "https://login.example/a b",
            "https://login.example/\r\nx: y",
        ];
        for issuer in bad {
            assert!(check(issuer).is_err(), "{issuer}");
        }
    }
}
