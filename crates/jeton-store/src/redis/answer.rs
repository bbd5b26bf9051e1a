//! What Redis answered, taken apart without trust.

use jeton::Revocation;
use jeton_session::{Place, StoreError};
use redis::Value;

use crate::redis::{entry, place};

/// The members of an array, one after another.
pub(super) struct Answer(std::vec::IntoIter<Value>);

/// One entry of a stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry {
    /// Its id.
    pub(super) place: Place,
    /// What it revokes.
    pub(super) revocations: Vec<Revocation>,
}

impl Answer {
    pub(super) fn new(value: Value) -> Result<Self, StoreError> {
        match value {
            Value::Array(members) => Ok(Self(members.into_iter())),
            _ => Err(strange()),
        }
    }

    pub(super) fn next(&mut self) -> Result<Value, StoreError> {
        self.0.next().ok_or_else(strange)
    }

    pub(super) fn bytes(&mut self) -> Result<Vec<u8>, StoreError> {
        bytes(self.next()?)
    }

    pub(super) fn text(&mut self) -> Result<String, StoreError> {
        String::from_utf8(self.bytes()?).map_err(|_| strange())
    }

    pub(super) fn number(&mut self) -> Result<u64, StoreError> {
        match self.next()? {
            Value::Int(number) => u64::try_from(number).map_err(|_| strange()),
            _ => Err(strange()),
        }
    }

    /// All that are left.
    pub(super) fn rest(self) -> impl Iterator<Item = Value> {
        self.0
    }

    /// A place, as `ms` and `seq`.
    pub(super) fn place(&mut self) -> Result<Place, StoreError> {
        let (ms, seq) = (self.number()?, self.number()?);
        place::from_parts(ms, seq).ok_or_else(strange)
    }
}

/// What a string holds; nothing if there is none.
pub(super) fn bytes(value: Value) -> Result<Vec<u8>, StoreError> {
    match value {
        Value::BulkString(bytes) => Ok(bytes),
        Value::SimpleString(text) => Ok(text.into_bytes()),
        Value::Okay => Ok(b"OK".to_vec()),
        Value::Nil => Ok(Vec::new()),
        _ => Err(strange()),
    }
}

/// What `XRANGE`, or `XREAD` of one stream, has found.
pub(super) fn entries(value: Value) -> Result<Vec<Entry>, StoreError> {
    let members = match value {
        Value::Nil => return Ok(Vec::new()),
        found => Answer::new(found)?,
    };
    members.rest().map(entry).collect()
}

/// The key of a stream, and some of its entries, if they can be read.
pub(super) type Stream = (Vec<u8>, Result<Vec<Entry>, StoreError>);

/// What `XREAD` has found; nothing if it waited in vain.
pub(super) fn streams(value: Value) -> Result<Vec<Stream>, StoreError> {
    let pair = |(key, found)| Ok((bytes(key)?, entries(found)));
    match value {
        Value::Nil => Ok(Vec::new()),
        Value::Map(pairs) => pairs.into_iter().map(pair).collect(),
        found => Answer::new(found)?
            .rest()
            .map(|one| {
                let mut one = Answer::new(one)?;
                pair((one.next()?, one.next()?))
            })
            .collect(),
    }
}

fn entry(value: Value) -> Result<Entry, StoreError> {
    let mut parts = Answer::new(value)?;
    let place = place::parse(&parts.bytes()?).ok_or_else(strange)?;
    let mut fields = Answer::new(parts.next()?)?;
    if fields.bytes()? != b"r" {
        return Err(strange());
    }
    Ok(Entry { place, revocations: entry::decode(&fields.bytes()?)? })
}

fn strange() -> StoreError {
    StoreError::new("Redis gave an answer that does not fit the question")
}
