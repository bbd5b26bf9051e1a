//! A place in a feed, as text.

use std::fmt;
use std::str::FromStr;

use jeton::Fingerprint;
use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A place in a feed, as its publisher names it. To everybody else it is opaque text.
///
/// # Examples
///
/// ```
/// use jeton_feed::wire::FeedCursor;
///
/// let cursor: FeedCursor = "9f3c51aa02d7e6b4.4711".parse()?;
/// assert_eq!(cursor.position, 4711);
/// assert_eq!(cursor.to_string(), "9f3c51aa02d7e6b4.4711");
/// # Ok::<(), jeton_feed::wire::NotACursor>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FeedCursor {
    /// Which feed: another one's places mean nothing here.
    pub feed: u64,
    /// The place in it.
    pub position: u64,
}

impl fmt::Display for FeedCursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:016x}.{}", self.feed, self.position)
    }
}

/// A text that is no cursor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct NotACursor;

impl FromStr for FeedCursor {
    type Err = NotACursor;

    /// One spelling of each: a leading zero in the position is refused.
    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (feed, position) = text.split_once('.').ok_or(NotACursor)?;
        let feed = Fingerprint::parse(feed).ok_or(NotACursor)?.as_u64();
        let is_plain = position.bytes().all(|byte| byte.is_ascii_digit())
            && (position == "0" || !position.starts_with('0'));
        let position = position.parse().ok().filter(|_| is_plain).ok_or(NotACursor)?;
        Ok(Self { feed, position })
    }
}

impl Serialize for FeedCursor {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for FeedCursor {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;

        impl Visitor<'_> for Text {
            type Value = FeedCursor;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a cursor")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<FeedCursor, E> {
                text.parse().map_err(E::custom)
            }
        }

        deserializer.deserialize_str(Text)
    }
}
