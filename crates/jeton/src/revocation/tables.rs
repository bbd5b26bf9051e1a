//! Everything a list holds, as a check finds it: with one look at one pointer.

use std::collections::HashMap;
use std::num::NonZeroU8;
use std::sync::Arc;

use crate::claims::AccessClaims;
use crate::error::Refusal;
use crate::key::KeyId;
use crate::revocation::parts::Parts;
use crate::revocation::table::{Held, Spread, Table, Term};
use crate::revocation::{Entry, Fingerprint, Marks, Reason, Refused};
use crate::timestamp::Timestamp;

/// The kinds of entries of which there may be many.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Sessions,
    Tokens,
    Versions,
    Issued,
}

impl Kind {
    pub(super) const ALL: [Self; 4] = [Self::Sessions, Self::Tokens, Self::Versions, Self::Issued];

    /// That of an entry and its id, if there may be many like it.
    pub(super) const fn of(refused: &Refused) -> Option<(Self, Fingerprint)> {
        match refused {
            Refused::Session(id, _) => Some((Self::Sessions, *id)),
            Refused::Token(id, _) => Some((Self::Tokens, *id)),
            Refused::Versions(id, _) => Some((Self::Versions, *id)),
            Refused::Issued(id, _) => Some((Self::Issued, *id)),
            Refused::All(_) | Refused::Key(_) => None,
        }
    }

    /// Whether an entry has a number: a version, or a second.
    pub(super) const fn is_numbered(self) -> bool {
        matches!(self, Self::Versions | Self::Issued)
    }

    fn refused(self, held: Held) -> Refused {
        let id = Fingerprint::from_u64(held.id);
        match self {
            Self::Sessions => Refused::Session(id, reason(held.term)),
            Self::Tokens => Refused::Token(id, reason(held.term)),
            Self::Versions => Refused::Versions(id, held.number),
            Self::Issued => Refused::Issued(id, Timestamp::from_secs(held.number)),
        }
    }
}

/// The end of an entry that has no reason.
pub(super) fn term(until: Timestamp) -> Term {
    Term::new(until.as_secs(), NonZeroU8::MIN)
}

/// The end of an entry, and its reason: its place in [`Reason::ALL`], from 1.
pub(super) fn term_with(until: Timestamp, reason: Reason) -> Term {
    let earlier = Reason::ALL.iter().filter(|other| **other < reason);
    Term::new(until.as_secs(), earlier.fold(NonZeroU8::MIN, |tag, _| tag.saturating_add(1)))
}

fn reason(term: Term) -> Reason {
    let place = usize::from(term.tag()).saturating_sub(1);
    Reason::ALL.get(place).copied().unwrap_or(Reason::Revoked)
}

/// See the module.
#[derive(Clone)]
pub(super) struct Tables {
    spread: Spread,
    sessions: Parts,
    tokens: Parts,
    versions: Parts,
    issued: Parts,
    /// Few, ever: one for each signing key withdrawn within the life of a token.
    pub(super) keys: Arc<HashMap<KeyId, Timestamp>>,
    /// Until when every token issued in a second or before is refused, and which second.
    pub(super) all: Option<(Timestamp, Timestamp)>,
}

impl Tables {
    pub(super) fn new(spread: Spread) -> Self {
        let empty = Parts::new(&Arc::new(Table::with_room(0, false)));
        Self {
            spread,
            sessions: empty.clone(),
            tokens: empty.clone(),
            versions: empty.clone(),
            issued: empty,
            keys: Arc::default(),
            all: None,
        }
    }

    pub(super) const fn of(&self, kind: Kind) -> &Parts {
        match kind {
            Kind::Sessions => &self.sessions,
            Kind::Tokens => &self.tokens,
            Kind::Versions => &self.versions,
            Kind::Issued => &self.issued,
        }
    }

    /// The same with other keys withdrawn.
    pub(super) fn with_keys(&self, keys: HashMap<KeyId, Timestamp>) -> Self {
        Self { keys: Arc::new(keys), ..self.clone() }
    }

    /// The same with another second for all.
    pub(super) fn with_all(&self, all: Option<(Timestamp, Timestamp)>) -> Self {
        Self { all, ..self.clone() }
    }

    /// The same with another table in one place.
    pub(super) fn with(&self, kind: Kind, part: usize, table: Arc<Table>) -> Self {
        let mut tables = self.clone();
        let parts = match kind {
            Kind::Sessions => &mut tables.sessions,
            Kind::Tokens => &mut tables.tokens,
            Kind::Versions => &mut tables.versions,
            Kind::Issued => &mut tables.issued,
        };
        parts.replace(part, table);
        tables
    }

    #[inline]
    pub(super) fn get(&self, kind: Kind, id: Fingerprint) -> Option<Held> {
        self.of(kind).get(self.spread.key(id.as_u64()))
    }

    /// Why this session ended.
    pub(super) fn session(&self, id: Fingerprint) -> Option<Reason> {
        self.get(Kind::Sessions, id).map(|held| reason(held.term))
    }

    /// Whether a token is refused, by whatever refuses it.
    #[inline]
    pub(super) fn check(&self, marks: Marks, claims: &AccessClaims) -> Result<(), Refusal> {
        self.check_ended(marks, claims)?;
        let version = self.get(Kind::Versions, marks.subject);
        if version.is_some_and(|held| claims.version < held.number) {
            return Err(Refusal::Recalled);
        }
        self.check_issued(marks, claims)
    }

    /// Whether the key, the session or the token itself is revoked.
    #[inline]
    pub(super) fn check_ended(&self, marks: Marks, claims: &AccessClaims) -> Result<(), Refusal> {
        if !self.keys.is_empty()
            && claims.key_id.as_ref().is_some_and(|id| self.keys.contains_key(id))
        {
            return Err(Refusal::KeyWithdrawn);
        }
        let session = marks.session.and_then(|id| self.get(Kind::Sessions, id));
        match session.or_else(|| self.get(Kind::Tokens, marks.token)) {
            Some(held) => Err(Refusal::Ended(reason(held.term))),
            None => Ok(()),
        }
    }

    /// Whether tokens as old as this one are refused: what a full list says for those it had no room
    /// for.
    #[inline]
    pub(super) fn check_issued(&self, marks: Marks, claims: &AccessClaims) -> Result<(), Refusal> {
        let issued = self.get(Kind::Issued, marks.subject);
        let refused = issued.is_some_and(|held| claims.issued_at.as_secs() <= held.number)
            || self.all.is_some_and(|(_, at)| claims.issued_at <= at);
        if refused { Err(Refusal::Recalled) } else { Ok(()) }
    }

    pub(super) fn for_each(&self, mut visit: impl FnMut(Entry)) {
        for kind in Kind::ALL {
            self.of(kind).for_each(|held| {
                let until = Timestamp::from_secs(held.term.until());
                visit(Entry { refused: kind.refused(held), until });
            });
        }
        for (id, until) in self.keys.iter() {
            visit(Entry { refused: Refused::Key(id.clone()), until: *until });
        }
        if let Some((until, at)) = self.all {
            visit(Entry { refused: Refused::All(at), until });
        }
    }
}
