//! Everything at once, and the answer to a poll.

use jeton::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::Value;

use crate::wire::{FeedCursor, WireEntry};

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
///
/// # Examples
///
/// ```
/// use jeton_feed::wire::Snapshot;
///
/// let text = r#"{"cursor":"9f3c51aa02d7e6b4.4711","retention":690,"t":88123456,"age_ms":140,
///     "now":1795284925,"jwks":{"keys":[]},"e":[["k","2027",1795285615,0]]}"#;
/// let snapshot: Snapshot = serde_json::from_str(text)?;
///
/// assert_eq!(Snapshot::from_binary(&snapshot.to_binary()?)?, snapshot);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
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

// Member by member: `flatten` would read numbers as whatever they look like.

impl<'de> Deserialize<'de> for Snapshot {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Flat {
            cursor: FeedCursor,
            retention: u64,
            t: u64,
            age_ms: u64,
            now: Timestamp,
            jwks: Value,
            e: Vec<WireEntry>,
        }

        let Flat { cursor, retention, t, age_ms, now, jwks, e } = Flat::deserialize(deserializer)?;
        Ok(Self { cursor, retention, complete: Complete { t, age_ms, now }, jwks, e })
    }
}

impl<'de> Deserialize<'de> for Polled {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Flat {
            after: FeedCursor,
            cursor: FeedCursor,
            e: Vec<WireEntry>,
            t: u64,
            age_ms: u64,
            now: Timestamp,
            jwks: Value,
            reset: bool,
        }

        let Flat { after, cursor, e, t, age_ms, now, jwks, reset } =
            Flat::deserialize(deserializer)?;
        Ok(Self { after, cursor, e, complete: Complete { t, age_ms, now }, jwks, reset })
    }
}
