//! Events of the feed, and their framing as server-sent events.

use jeton::Timestamp;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::wire::{Complete, FeedCursor, WireEntry};

/// What an event of the feed says.
///
/// # Examples
///
/// ```
/// use jeton_feed::wire::Event;
///
/// let reset = Event::parse("reset", r#"{"n":1}"#)?;
/// assert_eq!(reset.n(), 1);
/// assert_eq!(reset.to_sse()?, b"event: reset\ndata: {\"n\":1}\n\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Heartbeat {
    /// Its number.
    pub n: u64,
    /// Up to here, everything was sent.
    pub cursor: FeedCursor,
    /// When, and how complete.
    #[serde(flatten)]
    pub complete: Complete,
}

/// The data of `reset`.
#[derive(Serialize, Deserialize)]
struct Reset {
    n: u64,
}

/// An event that is not understood: of another name, or its data is not what the name asks for.
/// Whoever reads one cannot go on with the connection.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum NotAnEvent {
    /// An event of a name that is not known.
    #[error("an event of a name that is not known")]
    Name,
    /// Its data is not what its name asks for.
    #[error("the data of an event: {0}")]
    Data(#[from] serde_json::Error),
}

impl Event {
    /// The event with this name and this data, as a reader of server-sent events hands them over.
    ///
    /// # Errors
    ///
    /// [`NotAnEvent`]
    pub fn parse(name: &str, data: &str) -> Result<Self, NotAnEvent> {
        Ok(match name {
            "keys" => Self::Keys(serde_json::from_str(data)?),
            "rev" => Self::Revocations(serde_json::from_str(data)?),
            "hb" => Self::Heartbeat(serde_json::from_str(data)?),
            "reset" => Self::Reset { n: serde_json::from_str::<Reset>(data)?.n },
            _ => return Err(NotAnEvent::Name),
        })
    }

    /// The bytes of it: its name, its data in one line, and an empty line.
    ///
    /// # Errors
    ///
    /// That of an entry which has no form yet.
    pub fn to_sse(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = format!("event: {}\ndata: ", self.name()).into_bytes();
        // JSON has no line break but where it is asked to be pretty.
        match self {
            Self::Keys(data) => serde_json::to_writer(&mut bytes, data)?,
            Self::Revocations(data) => serde_json::to_writer(&mut bytes, data)?,
            Self::Heartbeat(data) => serde_json::to_writer(&mut bytes, data)?,
            Self::Reset { n } => serde_json::to_writer(&mut bytes, &Reset { n: *n })?,
        }
        bytes.extend_from_slice(b"\n\n");
        Ok(bytes)
    }

    /// Its name: `keys`, `rev`, `hb` or `reset`.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Keys(_) => "keys",
            Self::Revocations(_) => "rev",
            Self::Heartbeat(_) => "hb",
            Self::Reset { .. } => "reset",
        }
    }

    /// Its number in the connection.
    #[must_use]
    pub const fn n(&self) -> u64 {
        match self {
            Self::Keys(Keys { n, .. })
            | Self::Revocations(Revocations { n, .. })
            | Self::Heartbeat(Heartbeat { n, .. })
            | Self::Reset { n } => *n,
        }
    }
}

/// Member by member: `flatten` would read numbers as whatever they look like.
impl<'de> Deserialize<'de> for Heartbeat {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Flat {
            n: u64,
            cursor: FeedCursor,
            t: u64,
            age_ms: u64,
            now: Timestamp,
        }

        let Flat { n, cursor, t, age_ms, now } = Flat::deserialize(deserializer)?;
        Ok(Self { n, cursor, complete: Complete { t, age_ms, now } })
    }
}
