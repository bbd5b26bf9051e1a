//! Which versions there are, and which of them nobody should run.

use std::fmt;

/// A version of Redis, or of Valkey.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Version {
    /// Major, minor, patch.
    numbers: [u32; 3],
    is_valkey: bool,
}

/// Of each line of Redis, the first version without the holes of which it is known that scripts and
/// streams have them: CVE-2025-49844, -46817, -46818, -46819, -21605, and streams restored from
/// hostile data (2026). Lines that are not here and are older than the last have not been repaired.
const REDIS: [[u32; 3]; 5] = [[6, 2, 23], [7, 2, 11], [7, 4, 10], [8, 0, 4], [8, 2, 2]];

/// The same of Valkey.
const VALKEY: [[u32; 3]; 3] = [[7, 2, 11], [8, 0, 6], [8, 1, 4]];

impl Version {
    /// A version of Redis.
    pub(super) const fn redis(major: u32, minor: u32, patch: u32) -> Self {
        Self { numbers: [major, minor, patch], is_valkey: false }
    }

    /// Reads it from the lines of `INFO`. Valkey tells the version of Redis it is like as well.
    pub(super) fn read<'a>(value: impl Fn(&str) -> Option<&'a str>) -> Option<Self> {
        let valkey = value("valkey_version");
        let mut parts = valkey.or_else(|| value("redis_version"))?.split('.');
        let mut next = || parts.next().and_then(|part| part.parse().ok());
        let numbers = [next()?, next()?, next().unwrap_or(0)];
        Some(Self { numbers, is_valkey: valkey.is_some() })
    }

    /// Whether it lacks what the store needs.
    pub(super) fn is_too_old(self) -> bool {
        self.numbers < [6, 2, 0]
    }

    /// The version to update to, if this one has known holes.
    pub(super) fn repaired_in(self) -> Option<Self> {
        let lines: &[[u32; 3]] = if self.is_valkey { &VALKEY } else { &REDIS };
        let repaired = lines.iter().find(|repaired| repaired[..2] >= self.numbers[..2])?;
        (self.numbers < *repaired).then_some(Self { numbers: *repaired, ..self })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [major, minor, patch] = self.numbers;
        let name = if self.is_valkey { "Valkey" } else { "Redis" };
        write!(formatter, "{name} {major}.{minor}.{patch}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(redis: &str, valkey: Option<&str>) -> Version {
        Version::read(|name| if name == "redis_version" { Some(redis) } else { valkey }).unwrap()
    }

    /// C2, C3: versions with known holes are named, with the one to update to.
    #[test]
    fn versions_with_known_holes_are_known() {
        let cases = [
            ("6.2.22", None, Some("Redis 6.2.23")),
            ("6.2.23", None, None),
            ("7.0.15", None, Some("Redis 7.2.11")),
            ("7.2.10", None, Some("Redis 7.2.11")),
            ("7.2.11", None, None),
            ("7.4.9", None, Some("Redis 7.4.10")),
            ("8.0.3", None, Some("Redis 8.0.4")),
            ("8.0.4", None, None),
            ("8.2.2", None, None),
            ("8.4.0", None, None),
            ("10.0.0", None, None),
            ("7.2.4", Some("8.1.3"), Some("Valkey 8.1.4")),
            ("7.2.4", Some("9.0.0"), None),
        ];
        for (redis, valkey, expected) in cases {
            let repaired = version(redis, valkey).repaired_in().map(|version| version.to_string());

            assert_eq!(repaired.as_deref(), expected, "{redis} {valkey:?}");
        }
    }

    #[test]
    fn what_is_older_than_six_two_is_too_old() {
        for (text, is_too_old) in [("6.0.20", true), ("5.0.14", true), ("6.2.0", false)] {
            assert_eq!(version(text, None).is_too_old(), is_too_old, "{text}");
        }
    }
}
