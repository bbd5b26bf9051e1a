//! The one cookie that is looked at.

/// What its name begins with (RFC 6265bis section 4.1.3.2).
const PREFIX: &str = "__Host-";

/// Longest name, in bytes.
const NAME: usize = 64;

/// A name that no cookie with a token in it may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a cookie's name is `__Host-` and 1 to 57 letters, digits or any of -._~")]
pub struct InvalidCookieName;

/// The name of a cookie that browsers bind to one host.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CookieName(Box<str>);

impl CookieName {
    pub(crate) fn new(name: &str) -> Result<Self, InvalidCookieName> {
        let is_fit = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
        let rest = name.strip_prefix(PREFIX).ok_or(InvalidCookieName)?;
        if rest.is_empty() || name.len() > NAME || !rest.bytes().all(is_fit) {
            return Err(InvalidCookieName);
        }
        Ok(Self(name.into()))
    }
}

/// The values of the cookies of this name in one `Cookie` header (RFC 6265 section 4.2). What other
/// cookies hold is nobody's business here, not even whether it is text.
pub(crate) fn values<'r>(header: &'r [u8], name: &CookieName) -> impl Iterator<Item = &'r [u8]> {
    let name = name.0.as_bytes();
    header.split(|byte| *byte == b';').filter_map(move |pair| {
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        let (key, value) = pair.split_at_checked(equals)?;
        (key.trim_ascii() == name).then(|| value.get(1..).unwrap_or_default().trim_ascii())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_cookie_that_is_bound_to_its_host_may_hold_a_token() {
        let long = format!("__Host-{}", "a".repeat(57));
        for name in ["__Host-a", "__Host-access.token", &long] {
            assert!(CookieName::new(name).is_ok(), "{name}");
        }
        let too_long = format!("{long}a");
        for name in ["", "access", "__Host-", "__host-a", "__Secure-a", "__Host-a=b", &too_long] {
            assert_eq!(CookieName::new(name), Err(InvalidCookieName), "{name}");
        }
    }

    #[test]
    fn finds_every_value_of_its_name_and_no_other() {
        let cases: [(&[u8], &[&[u8]]); 9] = [
            (b"", &[]),
            (b"__Host-t=a", &[b"a"]),
            (b"x=1; __Host-t=a; y=2", &[b"a"]),
            (b"__Host-t=a;__Host-t=b", &[b"a", b"b"]),
            (b"__Host-t=", &[b""]),
            (b"__Host-t", &[]),
            (b"x__Host-t=a; __Host-tt=b; __HOST-t=c", &[]),
            (b"\xff\xfe=\xff; __Host-t=a", &[b"a"]),
            (b"x=__Host-t=a", &[]),
        ];
        let name = CookieName::new("__Host-t").unwrap();
        for (header, expected) in cases {
            assert_eq!(values(header, &name).collect::<Vec<_>>(), expected, "{header:?}");
        }
    }
}
