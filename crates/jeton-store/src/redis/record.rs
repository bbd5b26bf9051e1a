//! A subject's record as Redis keeps it: eight bytes that name this write, then JSON.
//!
//! The script that replaces a record compares the eight bytes with those that were read. They are
//! random, so a record that was changed and changed back is still another one.

use jeton::SubjectKey;
use jeton_session::{StoreError, Subject};

/// Bytes that name a write.
pub(super) const TAG: usize = 8;

/// A subject, and what the script must find to replace it.
#[derive(Clone, Debug)]
pub(super) struct Record {
    /// Names the write that this is; empty if there is none.
    pub(super) tag: Vec<u8>,
    /// What was written.
    pub(super) subject: Subject,
}

impl Record {
    /// Reads what is kept under a subject's key; nothing for a subject nobody knows.
    pub(super) fn decode(key: SubjectKey, bytes: &[u8]) -> Result<Self, StoreError> {
        if bytes.is_empty() {
            return Ok(Self { tag: Vec::new(), subject: Subject::new(key) });
        }
        let damaged = || StoreError::new("a record in Redis is damaged");
        let (tag, json) = bytes.split_at_checked(TAG).ok_or_else(damaged)?;
        let subject = Subject::from_record(key, json).map_err(|_| damaged())?;
        Ok(Self { tag: tag.to_vec(), subject })
    }
}

/// The bytes to keep of a subject.
pub(super) fn encode(tag: [u8; TAG], subject: &Subject) -> Result<Vec<u8>, StoreError> {
    let json = subject.to_record().map_err(|error| StoreError::new(error.to_string()))?;
    let mut bytes = Vec::with_capacity(TAG + json.len());
    bytes.extend_from_slice(&tag);
    bytes.extend_from_slice(&json);
    Ok(bytes)
}

/// When the last of a subject's sessions expires, in milliseconds; 0 if there is none.
pub(super) fn last_expiry(subject: &Subject) -> u64 {
    let last = subject.sessions.iter().map(|session| session.idle_expires_at).max();
    last.map_or(0, |at| at.as_secs().saturating_mul(1_000))
}
