//! What is remembered of a subject: two counters and who is logged in where.

use jeton::{SessionId, SubjectKey, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// A subject's whole record. No row per token: a session's refresh state is its generation, a
/// subject's recall state is its version.
#[derive(Clone, Debug, PartialEq)]
pub struct Subject {
    /// Where the record lives.
    pub key: SubjectKey,
    /// How often the subject's access tokens were recalled.
    pub version: u64,
    /// The sessions, oldest first. Expired ones may still be among them.
    pub sessions: Vec<Session>,
}

/// The stored form of a subject: everything but its key, which the store has.
#[derive(Serialize, Deserialize)]
struct Record {
    version: u64,
    sessions: Vec<Session>,
}

/// What a login opens and a revocation ends.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    /// The claim `sid`.
    pub id: SessionId,
    /// How often the refresh token was rotated.
    pub generation: u64,
    /// When it was opened.
    pub started_at: Timestamp,
    /// When its refresh token was last rotated; at first, when it was opened.
    pub rotated_at: Timestamp,
    /// When it ends unless it is refreshed before. Never later than `expires_at`.
    pub idle_expires_at: Timestamp,
    /// When it ends whatever happens. No refresh moves it.
    pub expires_at: Timestamp,
    /// The device it was opened on, as the client tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<Device>,
    /// The client it was opened through, the claim `client_id`.
    pub client: String,
    /// What it may be used for, the claim `scope`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scope: Option<String>,
    /// The application's own claims.
    #[serde(default, skip_serializing_if = "Map::is_empty")]
    pub claims: Map<String, Value>,
    /// When the subject proved to be present.
    pub auth_time: Timestamp,
    /// How the subject proved to be present (RFC 8176).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub amr: Vec<String>,
}

/// A device, as its owner would recognise it. Said by the client, so never believed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Device {
    /// `phone`, `desktop`, …: what sessions of one kind may exclude each other by.
    pub kind: String,
    /// A name to show, such as "Alice's phone".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Subject {
    /// A subject of whom nothing is known yet.
    #[must_use]
    pub const fn new(key: SubjectKey) -> Self {
        Self { key, version: 0, sessions: Vec::new() }
    }

    /// Whether there is nothing to remember.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.version == 0 && self.sessions.is_empty()
    }

    /// The session of this id, if it has not ended or expired.
    #[must_use]
    pub fn session(&self, id: SessionId, now: Timestamp) -> Option<&Session> {
        self.sessions.iter().find(|session| session.id == id && !session.has_expired(now))
    }

    /// When the first of the sessions expires, if there is any.
    #[must_use]
    pub fn next_expiry(&self) -> Option<Timestamp> {
        self.sessions.iter().map(|session| session.idle_expires_at).min()
    }

    /// The record as a store keeps it: JSON.
    ///
    /// # Errors
    ///
    /// What `serde_json` says; it has nothing to say about these types.
    pub fn to_record(&self) -> serde_json::Result<Vec<u8>> {
        #[derive(Serialize)]
        struct Borrowed<'s> {
            version: u64,
            sessions: &'s [Session],
        }
        serde_json::to_vec(&Borrowed { version: self.version, sessions: &self.sessions })
    }

    /// Reads a record that a store has kept.
    ///
    /// # Errors
    ///
    /// What `serde_json` says of a record that is damaged.
    pub fn from_record(key: SubjectKey, record: &[u8]) -> serde_json::Result<Self> {
        let Record { version, sessions } = serde_json::from_slice(record)?;
        Ok(Self { key, version, sessions })
    }
}

impl Session {
    /// Whether it has ended by itself.
    #[must_use]
    pub fn has_expired(&self, now: Timestamp) -> bool {
        now >= self.idle_expires_at
    }
}
