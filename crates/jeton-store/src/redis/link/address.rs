//! `host:port`, as people write it and as servers tell it.

use std::fmt;

/// Where a server is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Address {
    /// A name, or an IP address without brackets.
    pub(crate) host: String,
    /// The port.
    pub(crate) port: u16,
}

impl Address {
    /// Reads `host:port`. The last colon counts: servers tell IPv6 addresses without brackets.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let (host, port) = text.rsplit_once(':')?;
        let host = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
        let port = port.parse().ok().filter(|port| *port > 0)?;
        (!host.is_empty()).then(|| Self { host: host.to_owned(), port })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(formatter, "[{}]:{}", self.host, self.port)
        } else {
            write!(formatter, "{}:{}", self.host, self.port)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_a_host_and_a_port() {
        let cases = [
            ("redis.example:6379", Some("redis.example:6379")),
            ("127.0.0.1:6379", Some("127.0.0.1:6379")),
            ("[::1]:6379", Some("[::1]:6379")),
            ("::1:6379", Some("[::1]:6379")),
            ("redis.example", None),
            (":6379", None),
            ("redis.example:0", None),
            ("redis.example:65536", None),
            ("redis.example:6379/0", None),
        ];
        for (text, expected) in cases {
            let address = Address::parse(text).map(|address| address.to_string());

            assert_eq!(address.as_deref(), expected, "{text}");
        }
    }
}
