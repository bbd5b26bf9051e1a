//! How much a list holds, and what it says instead when that is too little.
//!
//! Nothing is ever evicted. An entry that finds no room is said with less: by a time of issue, for a
//! whole subject, or for everybody. Why whatever the entry would have refused is refused still:
//!
//! 1. [`Bound::retention`] promises that the last token an entry can reach was issued by
//!    `until - retention`. (Of 0 seconds it promises nothing: no token is accepted at its `until` or
//!    later, so none that matters is issued after it.)
//! 2. Instead of the entry the list takes `Issued(subject, until - retention)`, where the subject is
//!    that of every token that the entry can reach: of a session its subject, which is in its name and
//!    which each of its tokens carries; of a recall its own. Or it takes `All(until - retention)`,
//!    which asks for no subject. By 1 either refuses what the entry would have refused.
//! 3. It has the entry's own `until`, so it stays as long; and entries only merge by maximum, so one
//!    that is there already refuses more after it, for longer, and never less. Order and repetition
//!    change which entries found room, and nothing about 2.
//! 4. What is refused so is refused as recalled: a client refreshes, and the new token is issued later.
//!    A session that has ended refreshes no more, so nothing revives.
//!
//! A key cannot be said by times of issue: whoever stole it writes what he likes. Keys are few and have
//! a room of their own; if even that is full, every token of any time is refused.

use std::time::Duration;

use crate::key::KeyId;
use crate::revocation::holdings::Writer;
use crate::revocation::table::Term;
use crate::revocation::tables::{Kind, term, term_with};
use crate::revocation::{Entry, Fingerprint, Refused};
use crate::timestamp::Timestamp;

/// Most keys that are withdrawn at a time.
const KEYS: usize = 1024;

/// Later than any `iat` that is read out of a token.
const END_OF_TIME: Timestamp = Timestamp::from_secs(i64::MAX as u64);

/// How much a list holds before it says the same with less, and refuses too much rather than too
/// little.
///
/// An eighth of the room is for subjects. A session that finds no room becomes "all tokens of its
/// subject issued so far": the subject's clients refresh, and notice nothing else. What is known by
/// its fingerprint only, and what finds no room among the subjects either, becomes "all tokens issued
/// so far": everybody refreshes. [`RevocationList::coarsened`](crate::RevocationList::coarsened)
/// counts both, and is worth an alarm.
///
/// An entry takes 24 to 54 bytes, as full as the tables happen to be, and one of a subject 36 to 81.
/// While a list grows or is swept, a sixty-fourth of that is held twice.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
/// use jeton::{Bound, RevocationList};
///
/// // An issuer whose revocations are remembered for 690 seconds after the last token was issued.
/// let bound = Bound { retention: Duration::from_secs(690), ..Bound::default() };
/// let list = RevocationList::new().with_bound(bound);
/// assert_eq!(bound.entries, 8_388_608);
/// # let _ = list;
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bound {
    /// Most entries: 8,388,608.
    pub entries: usize,
    /// R: how long after the last token that it reaches was issued an entry ends, at least. In whole
    /// seconds.
    ///
    /// It tells a full list which tokens are meant. Longer than it truly is, a full list accepts what
    /// was revoked; shorter, it refuses new tokens too, for the difference. 0, the default, is right
    /// for every issuer, and locks out whoever is reached until the entry ends.
    pub retention: Duration,
}

impl Default for Bound {
    fn default() -> Self {
        Self { entries: 8 * 1024 * 1024, retention: Duration::ZERO }
    }
}

impl Bound {
    /// How long the list may be when an entry of this kind is added.
    const fn room(self, kind: Kind) -> usize {
        match kind {
            Kind::Sessions | Kind::Tokens => self.entries - self.entries / 8,
            Kind::Versions | Kind::Issued => self.entries,
        }
    }
}

/// What an entry has become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Taken {
    Exactly,
    /// All of this subject's tokens issued so far.
    ForSubject(Fingerprint),
    /// All tokens issued so far.
    ForAll,
}

/// Takes an entry into a list of this bound; the subject is that of a session, where it is known.
pub(super) fn take(
    writer: &mut Writer<'_>,
    entry: &Entry,
    subject: Option<Fingerprint>,
    bound: Bound,
) -> Taken {
    let until = entry.until;
    let (kind, id, value) = match &entry.refused {
        Refused::Session(id, reason) => (Kind::Sessions, *id, (term_with(until, *reason), 0)),
        Refused::Token(id, reason) => (Kind::Tokens, *id, (term_with(until, *reason), 0)),
        Refused::Versions(id, version) => (Kind::Versions, *id, (term(until), *version)),
        Refused::Issued(id, at) => (Kind::Issued, *id, (term(until), at.as_secs())),
        Refused::All(at) => {
            writer.refuse_all(until, *at);
            return Taken::Exactly;
        }
        Refused::Key(id) => return withdraw(writer, id, until),
    };
    if put(writer, kind, id, value, bound) {
        return Taken::Exactly;
    }
    let (at, subject) = match kind {
        Kind::Issued => (Timestamp::from_secs(value.1), None),
        Kind::Versions => (until.before(bound.retention), Some(id)),
        Kind::Sessions | Kind::Tokens => (until.before(bound.retention), subject),
    };
    let issued = (term(until), at.as_secs());
    if let Some(subject) = subject
        && put(writer, Kind::Issued, subject, issued, bound)
    {
        return Taken::ForSubject(subject);
    }
    writer.refuse_all(until, at);
    Taken::ForAll
}

fn withdraw(writer: &mut Writer<'_>, id: &KeyId, until: Timestamp) -> Taken {
    let keys = writer.withdrawn();
    if keys.len() < KEYS || keys.contains_key(id) {
        writer.withdraw(id, until);
        Taken::Exactly
    } else {
        writer.refuse_all(until, END_OF_TIME);
        Taken::ForAll
    }
}

/// Adds or merges, unless it is new and there is no room.
fn put(
    writer: &mut Writer<'_>,
    kind: Kind,
    id: Fingerprint,
    value: (Term, u64),
    bound: Bound,
) -> bool {
    let has_room = writer.len() < bound.room(kind) || writer.knows(kind, id);
    if has_room {
        writer.put(kind, id, value);
    }
    has_room
}
