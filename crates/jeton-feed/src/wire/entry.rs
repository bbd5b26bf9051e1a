//! One entry as JSON: `[kind, id, until, value]`.

use std::borrow::Cow;
use std::fmt;

use jeton::{Entry, Fingerprint, KeyId, Reason, Refused, Timestamp};
use serde::de::{Error, SeqAccess, Visitor};
use serde::ser::SerializeTuple as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// One entry on the wire.
///
/// # Examples
///
/// ```
/// use jeton_feed::wire::WireEntry;
///
/// let text = r#"["s","2bd806c97f0e00af",1795285615,"logged_out"]"#;
/// let entry: WireEntry = serde_json::from_str(text)?;
/// assert_eq!(serde_json::to_string(&entry)?, text);
/// # Ok::<(), serde_json::Error>(())
/// ```
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

impl From<Entry> for WireEntry {
    fn from(entry: Entry) -> Self {
        Self::Refused(entry)
    }
}

impl Serialize for WireEntry {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Canary { until, t } => serialize(serializer, "c", "", *until, t),
            Self::Refused(entry) => serialize_entry(serializer, entry),
        }
    }
}

fn serialize_entry<S: Serializer>(
    to: S,
    Entry { refused, until }: &Entry,
) -> Result<S::Ok, S::Error> {
    match refused {
        Refused::Session(id, reason) => serialize(to, "s", Hex(*id), *until, reason.code()),
        Refused::Token(id, reason) => serialize(to, "t", Hex(*id), *until, reason.code()),
        Refused::Versions(id, version) => serialize(to, "v", Hex(*id), *until, version),
        Refused::Issued(id, at) => serialize(to, "i", Hex(*id), *until, &readable(*at)),
        Refused::All(at) => serialize(to, "a", "", *until, &readable(*at)),
        Refused::Key(id) => serialize(to, "k", id.as_str(), *until, &0),
        _ => Err(serde::ser::Error::custom("an entry that has no form")),
    }
}

/// The time, or the last one that a reader takes.
pub(super) fn readable(time: Timestamp) -> Timestamp {
    time.min(Timestamp::from_secs(i64::MAX.unsigned_abs()))
}

/// A fingerprint as its 16 digits.
struct Hex(Fingerprint);

impl Serialize for Hex {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

fn serialize<S: Serializer>(
    serializer: S,
    kind: &str,
    id: impl Serialize,
    until: Timestamp,
    value: &(impl Serialize + ?Sized),
) -> Result<S::Ok, S::Error> {
    let mut tuple = serializer.serialize_tuple(4)?;
    tuple.serialize_element(kind)?;
    tuple.serialize_element(&id)?;
    tuple.serialize_element(&readable(until))?;
    tuple.serialize_element(value)?;
    tuple.end()
}

impl<'de> Deserialize<'de> for WireEntry {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Four;

        impl<'de> Visitor<'de> for Four {
            type Value = WireEntry;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an entry of four")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut from: A) -> Result<WireEntry, A::Error> {
                let missing = |index| A::Error::invalid_length(index, &self);
                let Text(kind) = from.next_element()?.ok_or_else(|| missing(0))?;
                let Text(id) = from.next_element()?.ok_or_else(|| missing(1))?;
                let until = from.next_element()?.ok_or_else(|| missing(2))?;
                let value: Scalar<'_> = from.next_element()?.ok_or_else(|| missing(3))?;
                read(&kind, &id, until, &value).map_err(A::Error::custom)
            }
        }

        deserializer.deserialize_tuple(4, Four)
    }
}

fn read(
    kind: &str,
    id: &str,
    until: Timestamp,
    value: &Scalar<'_>,
) -> Result<WireEntry, &'static str> {
    let fingerprint = || Fingerprint::parse(id).ok_or("not an id");
    let nothing = || if id.is_empty() { Ok(()) } else { Err("an id where none belongs") };
    let refused = match kind {
        "s" => Refused::Session(fingerprint()?, value.reason()?),
        "t" => Refused::Token(fingerprint()?, value.reason()?),
        "v" => Refused::Versions(fingerprint()?, value.number()?),
        "i" => Refused::Issued(fingerprint()?, value.timestamp()?),
        "a" => nothing().and(value.timestamp()).map(Refused::All)?,
        "k" => value.number().and(KeyId::new(id).map_err(|_| "not a kid")).map(Refused::Key)?,
        "c" => return nothing().and(value.number()).map(|t| WireEntry::Canary { until, t }),
        _ => return Err("an entry of a kind that is not known"),
    };
    Ok(WireEntry::Refused(Entry { refused, until }))
}

/// The last of the four: a text or a number.
enum Scalar<'de> {
    Text(Cow<'de, str>),
    Number(u64),
}

impl Scalar<'_> {
    fn number(&self) -> Result<u64, &'static str> {
        match self {
            Self::Number(number) => Ok(*number),
            Self::Text(_) => Err("not a number"),
        }
    }

    fn timestamp(&self) -> Result<Timestamp, &'static str> {
        let secs = self.number()?;
        i64::try_from(secs).map(|_| Timestamp::from_secs(secs)).map_err(|_| "not a time")
    }

    /// One that came later refuses as well as any.
    fn reason(&self) -> Result<Reason, &'static str> {
        match self {
            Self::Text(code) => Ok(Reason::from_code(code).unwrap_or(Reason::Revoked)),
            Self::Number(_) => Err("not a reason"),
        }
    }
}

impl<'de> Deserialize<'de> for Scalar<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> Visitor<'de> for Either {
            type Value = Scalar<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a reason or a whole number")
            }

            fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Number(number))
            }

            fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Text(Cow::Borrowed(text)))
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Scalar<'de>, E> {
                Ok(Scalar::Text(Cow::Owned(text.to_owned())))
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// A text that is borrowed where it can be.
struct Text<'de>(Cow<'de, str>);

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match Scalar::deserialize(deserializer)? {
            Scalar::Text(text) => Ok(Self(text)),
            Scalar::Number(_) => Err(D::Error::custom("a number where a text belongs")),
        }
    }
}
