//! A snapshot as bytes: a header of 64, the JWK Set, the entries, and the SHA-256 of all that.
//!
//! A byte more or less, or another, is refused: nothing is made of an entry before the hash of
//! everything has been found to be right. That tells damage, not who wrote it, so no number in it is
//! believed beyond what the length of the whole allows.

use aws_lc_rs::digest::{SHA256, digest};
use jeton::{Entry, Fingerprint, KeyId, Reason, Refused, Timestamp};
use serde_json::Value;

use crate::wire::entry::readable;
use crate::wire::reader::Reader;
use crate::wire::{Complete, FeedCursor, Snapshot, WireEntry};

/// What `Accept` and `Content-Type` call it.
pub const MEDIA_TYPE: &str = "application/vnd.jeton.revocations";

/// The first four bytes.
const MAGIC: [u8; 4] = *b"JRL1";

/// Length of what comes before the JWK Set.
const HEAD: usize = 64;

/// Length of the number of entries, the last of the head.
const COUNT: usize = 8;

/// Length of the hash at the end.
const HASH: usize = 32;

/// The shortest entry: the key with a `kid` of one byte.
const SHORTEST: usize = 8;

/// The length of most entries: of sessions and tokens.
const USUAL: usize = 15;

/// The last `until` that has room.
const END: u64 = (1 << 40) - 1;

/// Reasons by their place in the contract, from 1: never another for one that has gone out.
const REASONS: [Reason; 7] = Reason::ALL;

/// Bytes that are not a snapshot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum NotASnapshot {
    /// Not the first bytes of one of this version.
    #[error("not a snapshot of version 1")]
    Version,
    /// The hash at the end is another: a byte is missing, or not what it was.
    #[error("the snapshot is damaged")]
    Damaged,
    /// The hash is right, but not what it is of.
    #[error("the snapshot is not well-formed")]
    Malformed,
    /// It has an entry of a kind that is not known: whoever reads it is too old for the feed.
    #[error("an entry of a kind that is not known")]
    UnknownKind,
}

impl Snapshot {
    /// The binary form. Canaries are left out; an `until` after the year 36812 becomes the last
    /// second that has room.
    ///
    /// # Errors
    ///
    /// That of an entry which has no form yet.
    pub fn to_binary(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut bytes = BinaryWriter::begin(self, self.e.len())?;
        for entry in &self.e {
            if let WireEntry::Refused(entry) = entry {
                bytes.push(entry);
            }
        }
        bytes.finish()
    }

    /// Reads the binary form.
    ///
    /// # Errors
    ///
    /// [`NotASnapshot`]
    pub fn from_binary(bytes: &[u8]) -> Result<Self, NotASnapshot> {
        if !bytes.starts_with(&MAGIC) {
            return Err(NotASnapshot::Version);
        }
        let (hashed, hash) = bytes.split_last_chunk::<HASH>().ok_or(NotASnapshot::Damaged)?;
        if digest(&SHA256, hashed).as_ref() != hash {
            return Err(NotASnapshot::Damaged);
        }
        decode(Reader(hashed))
    }
}

/// Writes a snapshot entry by entry, so that nobody needs a copy of them all.
pub(crate) struct BinaryWriter {
    bytes: Vec<u8>,
    count: u64,
    /// The first entry that had no form.
    failed: Option<serde_json::Error>,
}

impl BinaryWriter {
    /// One with this head, and room for about so many entries. Those of the head are passed over.
    pub(crate) fn begin(head: &Snapshot, about: usize) -> Result<Self, serde_json::Error> {
        let Complete { t, age_ms, now } = head.complete;
        let jwks = serde_json::to_vec(&head.jwks)?;
        let mut bytes = Vec::with_capacity(HEAD + jwks.len() + about * USUAL + HASH);
        bytes.extend_from_slice(&MAGIC);
        bytes.extend_from_slice(&[0; 4]);
        for number in [head.cursor.feed, head.cursor.position, t, age_ms, readable(now).as_secs()] {
            bytes.extend_from_slice(&number.to_be_bytes());
        }
        let retention = u32::try_from(head.retention).unwrap_or(u32::MAX);
        bytes.extend_from_slice(&retention.to_be_bytes());
        bytes.extend_from_slice(&u32::try_from(jwks.len()).unwrap_or(u32::MAX).to_be_bytes());
        // How many there are, is known at the end.
        bytes.extend_from_slice(&[0; COUNT]);
        bytes.extend_from_slice(&jwks);
        Ok(Self { bytes, count: 0, failed: None })
    }

    /// Writes an entry.
    pub(crate) fn push(&mut self, entry: &Entry) {
        match write(&mut self.bytes, entry) {
            Ok(()) => self.count += 1,
            Err(error) => self.failed = self.failed.take().or(Some(error)),
        }
    }

    /// The whole of it, sealed.
    pub(crate) fn finish(mut self) -> Result<Vec<u8>, serde_json::Error> {
        if let Some(error) = self.failed {
            return Err(error);
        }
        if let Some(place) = self.bytes.get_mut(HEAD - COUNT..HEAD) {
            place.copy_from_slice(&self.count.to_be_bytes());
        }
        let hash = digest(&SHA256, &self.bytes);
        self.bytes.extend_from_slice(hash.as_ref());
        Ok(self.bytes)
    }
}

fn write(bytes: &mut Vec<u8>, Entry { refused, until }: &Entry) -> Result<(), serde_json::Error> {
    let [_, _, _, u0, u1, u2, u3, u4] = until.as_secs().min(END).to_be_bytes();
    let begin = |kind: u8| [kind, u0, u1, u2, u3, u4];
    // One part for each entry of which there may be a million: room is asked for once.
    match refused {
        Refused::Session(of, reason) => put(bytes, begin(b's'), *of, [place(*reason)]),
        Refused::Token(of, reason) => put(bytes, begin(b't'), *of, [place(*reason)]),
        Refused::Versions(of, version) => put(bytes, begin(b'v'), *of, version.to_be_bytes()),
        Refused::Issued(of, at) => put(bytes, begin(b'i'), *of, secs(*at)),
        Refused::All(at) => {
            bytes.extend_from_slice(&begin(b'a'));
            bytes.extend_from_slice(&secs(*at));
        }
        Refused::Key(of) => {
            let of = of.as_str().as_bytes();
            bytes.extend_from_slice(&begin(b'k'));
            bytes.push(u8::try_from(of.len()).unwrap_or(u8::MAX));
            bytes.extend_from_slice(of);
        }
        _ => return Err(serde::ser::Error::custom("an entry that has no form")),
    }
    Ok(())
}

fn put<const N: usize>(bytes: &mut Vec<u8>, begin: [u8; 6], of: Fingerprint, value: [u8; N]) {
    bytes.extend(begin.into_iter().chain(of.as_u64().to_be_bytes()).chain(value));
}

fn secs(at: Timestamp) -> [u8; 8] {
    readable(at).as_secs().to_be_bytes()
}

/// The place of a reason; of one that is newer than the list, that of `revoked`.
fn place(reason: Reason) -> u8 {
    REASONS.iter().zip(1..).find(|(known, _)| **known == reason).map_or(2, |(_, place)| place)
}

fn decode(mut from: Reader<'_>) -> Result<Snapshot, NotASnapshot> {
    let (mut snapshot, count) = read_head(&mut from).ok_or(NotASnapshot::Malformed)?;
    // Never more room than the bytes at hand can fill.
    snapshot.e = Vec::with_capacity(count.min(from.0.len() / SHORTEST));
    for _ in 0..count {
        snapshot.e.push(read_entry(&mut from)?.into());
    }
    if from.is_empty() { Ok(snapshot) } else { Err(NotASnapshot::Malformed) }
}

fn read_head(from: &mut Reader<'_>) -> Option<(Snapshot, usize)> {
    if from.array::<4>()? != MAGIC || from.u32()? != 0 {
        return None;
    }
    let cursor = FeedCursor { feed: from.u64()?, position: from.u64()? };
    let complete = Complete { t: from.u64()?, age_ms: from.u64()?, now: timestamp(from)? };
    let retention = from.u32()?.into();
    let jwks = usize::try_from(from.u32()?).ok()?;
    let count = usize::try_from(from.u64()?).ok()?;
    let jwks: Value = serde_json::from_slice(from.bytes(jwks)?).ok()?;
    Some((Snapshot { cursor, retention, complete, jwks, e: Vec::new() }, count))
}

fn read_entry(from: &mut Reader<'_>) -> Result<Entry, NotASnapshot> {
    let kind = from.u8().ok_or(NotASnapshot::Malformed)?;
    if !b"stviak".contains(&kind) {
        return Err(NotASnapshot::UnknownKind);
    }
    read_known(kind, from).ok_or(NotASnapshot::Malformed)
}

fn read_known(kind: u8, from: &mut Reader<'_>) -> Option<Entry> {
    let until = Timestamp::from_secs(from.u40()?);
    let refused = match kind {
        b'a' => Refused::All(timestamp(from)?),
        b'k' => {
            let length = from.u8()?;
            let text = std::str::from_utf8(from.bytes(length.into())?).ok()?;
            Refused::Key(KeyId::new(text).ok()?)
        }
        _ => {
            let id = Fingerprint::from_u64(from.u64()?);
            match kind {
                b's' => Refused::Session(id, reason(from)?),
                b't' => Refused::Token(id, reason(from)?),
                b'v' => Refused::Versions(id, from.u64()?),
                b'i' => Refused::Issued(id, timestamp(from)?),
                _ => return None,
            }
        }
    };
    Some(Entry { refused, until })
}

/// As JSON has them: up to 2^63 - 1.
fn timestamp(from: &mut Reader<'_>) -> Option<Timestamp> {
    let secs = from.u64()?;
    i64::try_from(secs).is_ok().then(|| Timestamp::from_secs(secs))
}

/// One that came later refuses as well as any.
fn reason(from: &mut Reader<'_>) -> Option<Reason> {
    let place = usize::from(from.u8()?).checked_sub(1)?;
    Some(REASONS.get(place).copied().unwrap_or(Reason::Revoked))
}
