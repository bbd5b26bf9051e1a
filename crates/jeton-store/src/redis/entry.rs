//! What an update revokes, as one entry of a stream holds it.
//!
//! ```text
//! entry      = revocation *
//! revocation = kind (1 byte) until (varint) target
//! target     = 1: reason (1) session (24)          2: reason (1) length (varint) token id
//!              3: version (varint) subject (16)    4: length (varint) key id
//! varint     = seven bits a byte, the lowest first; the highest bit says that more follow
//! ```
//!
//! Whoever reads an entry that has anything else in it refuses the whole entry: half of what an update
//! revoked would be worse than an outage.

use jeton::{KeyId, Reason, Revocation, SessionId, SubjectKey, Target, Timestamp};
use jeton_session::StoreError;

const SESSION: u8 = 1;
const TOKEN: u8 = 2;
const SUBJECT: u8 = 3;
const KEY: u8 = 4;

/// A reason is kept as its place in this table, so the table only ever grows at its end.
const REASONS: [Reason; 7] = [
    Reason::LoggedOut,
    Reason::Revoked,
    Reason::Replaced,
    Reason::Kicked,
    Reason::Banned,
    Reason::PasswordChanged,
    Reason::Replayed,
];

/// The bytes of these revocations.
pub(super) fn encode(revocations: &[Revocation]) -> Result<Vec<u8>, StoreError> {
    let mut bytes = Vec::with_capacity(32 * revocations.len());
    for Revocation { target, until } in revocations {
        let kind = match target {
            Target::Session(..) => SESSION,
            Target::Token(..) => TOKEN,
            Target::Subject(..) => SUBJECT,
            Target::Key(_) => KEY,
            other => return Err(unknown(other)),
        };
        bytes.push(kind);
        put_number(&mut bytes, until.as_secs());
        match target {
            Target::Session(id, reason) => {
                bytes.push(code(*reason)?);
                bytes.extend_from_slice(id.as_bytes());
            }
            Target::Token(id, reason) => {
                bytes.push(code(*reason)?);
                put_text(&mut bytes, id);
            }
            Target::Subject(subject, version) => {
                put_number(&mut bytes, *version);
                bytes.extend_from_slice(subject.as_bytes());
            }
            Target::Key(id) => put_text(&mut bytes, id.as_str()),
            other => return Err(unknown(other)),
        }
    }
    Ok(bytes)
}

/// Reads what [`encode`] writes.
pub(super) fn decode(bytes: &[u8]) -> Result<Vec<Revocation>, StoreError> {
    let damaged = || StoreError::new("an entry of a stream in Redis is damaged");
    let mut rest = Rest(bytes);
    let mut revocations = Vec::new();
    while !rest.0.is_empty() {
        revocations.push(rest.revocation().ok_or_else(damaged)?);
    }
    Ok(revocations)
}

fn code(reason: Reason) -> Result<u8, StoreError> {
    let code = REASONS.iter().position(|known| *known == reason);
    let code = code.and_then(|code| u8::try_from(code).ok());
    code.ok_or_else(|| StoreError::new(format!("cannot store the reason {reason:?}")))
}

fn unknown(target: &Target) -> StoreError {
    StoreError::new(format!("cannot store a revocation of {target:?}"))
}

fn put_text(bytes: &mut Vec<u8>, text: &str) {
    put_number(bytes, text.len() as u64);
    bytes.extend_from_slice(text.as_bytes());
}

fn put_number(bytes: &mut Vec<u8>, mut number: u64) {
    while number > 0x7f {
        bytes.push(lowest(number) | 0x80);
        number >>= 7;
    }
    bytes.push(lowest(number));
}

fn lowest(number: u64) -> u8 {
    let [lowest, ..] = number.to_le_bytes();
    lowest
}

/// What has not been read yet.
struct Rest<'b>(&'b [u8]);

impl Rest<'_> {
    fn revocation(&mut self) -> Option<Revocation> {
        let kind = self.byte()?;
        let until = Timestamp::from_secs(self.number()?);
        let target = match kind {
            SESSION => {
                let reason = self.reason()?;
                Target::Session(SessionId::from_bytes(self.array()?), reason)
            }
            TOKEN => {
                let reason = self.reason()?;
                Target::Token(self.text()?.to_owned(), reason)
            }
            SUBJECT => {
                let version = self.number()?;
                Target::Subject(SubjectKey::from_bytes(self.array()?), version)
            }
            KEY => Target::Key(KeyId::new(self.text()?).ok()?),
            _ => return None,
        };
        Some(Revocation { target, until })
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }

    fn reason(&mut self) -> Option<Reason> {
        REASONS.get(usize::from(self.byte()?)).copied()
    }

    fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (array, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        Some(*array)
    }

    fn text(&mut self) -> Option<&str> {
        let length = usize::try_from(self.number()?).ok()?;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        std::str::from_utf8(text).ok()
    }

    fn number(&mut self) -> Option<u64> {
        let mut number = 0_u64;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            let bits = u64::from(byte & 0x7f);
            if bits << shift >> shift != bits {
                return None;
            }
            number |= bits << shift;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
        None
    }
}

#[cfg(test)]
mod tests;
