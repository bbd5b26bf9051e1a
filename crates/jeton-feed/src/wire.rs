//! What is on the wire: `docs/feed.md` in types.

use std::fmt;
use std::str::FromStr;

use jeton::{Entry, Fingerprint, KeyId, Reason, Refused, Timestamp};
use serde::de::Error as _;
use serde::ser::SerializeTuple as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

/// A place in a feed, as its publisher names it.
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

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let (feed, position) = text.split_once('.').ok_or(NotACursor)?;
        let feed = Fingerprint::parse(feed).ok_or(NotACursor)?.as_u64();
        let is_plain = !position.is_empty() && position.bytes().all(|byte| byte.is_ascii_digit());
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
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

/// One entry on the wire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WireEntry {
    /// Something is refused.
    Refused(Entry),
    /// Nothing is: it tells how long a revocation is under way.
    Canary {
        /// When to forget it.
        until: Timestamp,
        /// Milliseconds of the server's clock when it was issued.
        t: u64,
    },
}

impl Serialize for WireEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut tuple = serializer.serialize_tuple(4)?;
        let mut write = |kind: &str, id: &dyn fmt::Display, until: Timestamp, value: Value| {
            tuple.serialize_element(kind)?;
            tuple.serialize_element(&id.to_string())?;
            tuple.serialize_element(&until)?;
            tuple.serialize_element(&value)
        };
        match self {
            Self::Canary { until, t } => write("c", &"", *until, (*t).into())?,
            Self::Refused(Entry { refused, until }) => match refused {
                Refused::Session(id, reason) => write("s", id, *until, reason.code().into())?,
                Refused::Token(id, reason) => write("t", id, *until, reason.code().into())?,
                Refused::Versions(id, version) => write("v", id, *until, (*version).into())?,
                Refused::Issued(id, at) => write("i", id, *until, at.as_secs().into())?,
                Refused::All(at) => write("a", &"", *until, at.as_secs().into())?,
                Refused::Key(id) => write("k", &id.as_str(), *until, 0.into())?,
                _ => return Err(serde::ser::Error::custom("an entry that has no form")),
            },
        }
        tuple.end()
    }
}

impl<'de> Deserialize<'de> for WireEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let (kind, id, until, value): (String, String, Timestamp, Value) =
            Deserialize::deserialize(deserializer)?;
        let fingerprint = || Fingerprint::parse(&id).ok_or(D::Error::custom("not an id"));
        let number = || value.as_u64().ok_or(D::Error::custom("not a number"));
        let reason = || {
            let code = value.as_str().ok_or(D::Error::custom("not a reason"))?;
            Ok(Reason::from_code(code).unwrap_or(Reason::Revoked))
        };
        let refused = match kind.as_str() {
            "s" => Refused::Session(fingerprint()?, reason()?),
            "t" => Refused::Token(fingerprint()?, reason()?),
            "v" => Refused::Versions(fingerprint()?, number()?),
            "i" => Refused::Issued(fingerprint()?, Timestamp::from_secs(number()?)),
            "a" => Refused::All(Timestamp::from_secs(number()?)),
            "k" => Refused::Key(KeyId::new(&id).map_err(D::Error::custom)?),
            "c" => return Ok(Self::Canary { until, t: number()? }),
            _ => return Err(D::Error::custom("an entry of a kind that is not known")),
        };
        Ok(Self::Refused(Entry { refused, until }))
    }
}

/// What an event of the feed says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// `keys`: the JWK Set that signs access tokens, as JSON.
    Keys(Keys),
    /// `rev`
    Revocations(Revocations),
    /// `hb`
    Heartbeat(Heartbeat),
    /// `reset`
    Reset {
        /// Its number.
        n: u64,
    },
}

/// The data of `keys`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Keys {
    /// Its number.
    pub n: u64,
    /// The set.
    pub jwks: Value,
}

/// The data of `rev`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Revocations {
    /// Its number.
    pub n: u64,
    /// After which place.
    pub after: FeedCursor,
    /// Up to which.
    pub cursor: FeedCursor,
    /// What was revoked in between.
    pub e: Vec<WireEntry>,
}

/// The data of `hb`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heartbeat {
    /// Its number.
    pub n: u64,
    /// Up to here, everything was sent.
    pub cursor: FeedCursor,
    /// When, and how complete.
    #[serde(flatten)]
    pub complete: Complete,
}

/// As of when what was sent is complete.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Complete {
    /// Milliseconds of the server's clock.
    pub t: u64,
    /// Everything revoked so many milliseconds before is known.
    pub age_ms: u64,
    /// The server's time of day.
    pub now: Timestamp,
}

/// Everything that is remembered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Where the feed goes on.
    pub cursor: FeedCursor,
    /// R, in seconds.
    pub retention: u64,
    /// When, and how complete.
    #[serde(flatten)]
    pub complete: Complete,
    /// The JWK Set that signs access tokens.
    pub jwks: Value,
    /// What is refused.
    pub e: Vec<WireEntry>,
}

/// The answer to a poll.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Polled {
    /// After which place.
    pub after: FeedCursor,
    /// Up to which.
    pub cursor: FeedCursor,
    /// What was revoked in between.
    pub e: Vec<WireEntry>,
    /// When, and how complete.
    #[serde(flatten)]
    pub complete: Complete,
    /// The JWK Set that signs access tokens.
    pub jwks: Value,
    /// Whether the cursor was of no use: fetch the snapshot.
    pub reset: bool,
}
