//! Whether a page of our own sends a request.
//!
//! A browser says from where a request comes, and no page can make it lie: `Sec-Fetch-Site` in every
//! browser of today, `Origin` in the older ones. Whoever says neither is no browser that we know, and
//! has no business with a browser's cookie.

use http::header::ORIGIN;
use http::{HeaderName, Uri};

use crate::Head;

const SEC_FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Hosts that a browser trusts without TLS.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// What is not an origin.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("an origin is `http` or `https`, `://`, a host in lower case and at most a port")]
pub struct InvalidOrigin;

/// A scheme, a host and at most a port, as browsers write them (RFC 6454 section 6.2).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Origin(Box<str>);

impl Origin {
    pub(crate) fn new(text: &str) -> Result<Self, InvalidOrigin> {
        let uri: Uri = text.parse().map_err(|_| InvalidOrigin)?;
        let (scheme, authority) = uri.scheme_str().zip(uri.authority()).ok_or(InvalidOrigin)?;
        let is_web = matches!(scheme, "http" | "https");
        let as_written = text == format!("{scheme}://{authority}").to_ascii_lowercase();
        let is_bare = !authority.as_str().contains('@') && !authority.host().is_empty();
        if is_web && as_written && is_bare { Ok(Self(text.into())) } else { Err(InvalidOrigin) }
    }
}

/// Whether a request may act on what a cookie says: it only reads, or it comes from a page of the
/// host it asks, or from one of these origins, or from no page at all.
pub(crate) fn is_own(head: Head<'_>, origins: &[Origin]) -> bool {
    if head.only_reads() {
        return true;
    }
    let is_allowed = |origin: &str| origins.iter().any(|allowed| *allowed.0 == *origin);
    let (Ok(site), Ok(origin)) = (only(head, &SEC_FETCH_SITE), only(head, &ORIGIN)) else {
        return false;
    };
    match site {
        Some("same-origin" | "none") => true,
        // It says so itself: from elsewhere.
        Some(_) => origin.is_some_and(is_allowed),
        None => origin.is_some_and(|origin| {
            is_allowed(origin) || head.authority().is_some_and(|host| is_of(origin, host))
        }),
    }
}

/// A header that is there twice, or is no text.
struct Unclear;

/// The one value of a header, if it has any.
fn only<'r>(head: Head<'r>, name: &HeaderName) -> Result<Option<&'r str>, Unclear> {
    let mut values = head.headers().get_all(name).iter();
    let first = values.next().map(|value| value.to_str()).transpose().map_err(|_| Unclear)?;
    if values.next().is_some() { Err(Unclear) } else { Ok(first) }
}

/// Whether this is the origin of the pages of a host. TLS ends before us, so the scheme that was
/// asked is unknown: without TLS it is only the machine's own, for anybody on the way can make a
/// page of any other.
fn is_of(origin: &str, host: &str) -> bool {
    if let Some(secure) = origin.strip_prefix("https://") {
        return secure.eq_ignore_ascii_case(host.strip_suffix(":443").unwrap_or(host));
    }
    let plain = origin.strip_prefix("http://");
    plain.is_some_and(|plain| {
        let name = plain.rsplit_once(':').filter(|(_, port)| is_port(port));
        let name = name.map_or(plain, |(name, _)| name);
        LOOPBACK.contains(&name)
            && plain.eq_ignore_ascii_case(host.strip_suffix(":80").unwrap_or(host))
    })
}

fn is_port(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
