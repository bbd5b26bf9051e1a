//! JSON objects as tokens may hold them: UTF-8, no duplicate members, bounded (RFC 7515 section 4).
//!
//! One strict pass finds the members of an object and leaves them where they are; nothing is copied
//! that no caller asks for. Whatever that pass lets through, every JSON parser reads alike:
//!
//! 1. a member name stands once in its object, at every depth and in every spelling;
//! 2. numbers are finite, strings are Unicode text, and the object is all there is;
//! 3. nesting and members stay within [`Limits`], so that hostile text costs little.

mod de;
mod raw;
mod scan;

use std::borrow::Cow;

use serde_json::{Map, Value};
use smallvec::SmallVec;

pub(crate) use raw::Raw;

use crate::limits::Limits;

/// So many members lie on the stack; more of them cost an allocation.
const INLINE: usize = 24;

/// The members of one JSON object, in its text.
pub(crate) struct Members<'a> {
    text: &'a str,
    spans: SmallVec<[Span; INLINE]>,
    /// Whether any text in it has an escape.
    has_escapes: bool,
    /// One bit a name: whether another name with that bit was seen.
    seen: u64,
}

/// Where one member stands: its name in quotes, and its value.
#[derive(Clone, Copy)]
struct Span {
    /// What tells most names apart without a look at the text.
    initials: Initials,
    name: u32,
    name_end: u32,
    value: u32,
    value_end: u32,
}

/// The first eight bytes of a name, with zeros behind a shorter one.
///
/// No name contains a zero byte unless it is escaped, so a name of up to seven bytes that does not
/// end in one is equal to any other one with its initials.
#[derive(Clone, Copy, PartialEq, Eq)]
struct Initials(u64);

impl Initials {
    #[inline]
    fn of(name: &[u8]) -> Self {
        Self(match name.first_chunk() {
            Some(chunk) => u64::from_le_bytes(*chunk),
            None => name.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)),
        })
    }

    /// The same for the name of this length that begins the longer `text`.
    #[inline]
    fn of_first(text: &[u8], len: usize) -> Self {
        match text.first_chunk() {
            Some(chunk) if len < 8 => Self(u64::from_le_bytes(*chunk) & ((1 << (8 * len)) - 1)),
            Some(chunk) => Self(u64::from_le_bytes(*chunk)),
            None => Self::of(text.get(..len).unwrap_or_default()),
        }
    }

    /// One bit of 64, spread evenly.
    #[inline]
    const fn mark(self) -> u64 {
        const GOLDEN: u64 = 0x9e37_79b9_7f4a_7c15;
        1 << (self.0.wrapping_mul(GOLDEN) >> 58)
    }
}

impl<'a> Members<'a> {
    pub(crate) fn new() -> Self {
        Self::of("")
    }

    fn of(text: &'a str) -> Self {
        Self { text, spans: SmallVec::new(), has_escapes: false, seen: 0 }
    }

    /// Reads one JSON object and nothing after it, or `None`.
    pub(crate) fn read(text: &'a [u8], limits: &Limits) -> Option<Self> {
        let mut members = Self::new();
        members.fill(text, limits)?;
        Some(members)
    }

    /// The same, in place: moving the members would cost as much as finding them.
    pub(crate) fn fill(&mut self, text: &'a [u8], limits: &Limits) -> Option<()> {
        let text = std::str::from_utf8(text).ok()?;
        u32::try_from(text.len()).ok()?;
        self.text = text;
        self.spans.clear();
        self.has_escapes = false;
        self.seen = 0;
        scan::object(limits, self)
    }

    /// The member of this name.
    #[inline]
    pub(crate) fn get(&self, name: &str) -> Option<Raw<'a>> {
        self.find(Initials::of(name.as_bytes()), name)
    }

    fn find(&self, initials: Initials, name: &str) -> Option<Raw<'a>> {
        // With an escape, a name may hold a zero byte after all.
        let is_told = name.len() < 8 && !name.ends_with('\0') && !self.has_escapes;
        let is_rest_equal = |span: &Span| is_told || self.name(*span) == name;
        let mut spans = self.spans.iter();
        let found = spans.find(|span| span.initials == initials && is_rest_equal(span));
        found.map(|span| self.value(*span))
    }

    #[inline]
    pub(crate) fn iter(&self) -> impl Iterator<Item = (Cow<'a, str>, Raw<'a>)> {
        self.spans.iter().map(|span| (self.name(*span), self.value(*span)))
    }

    pub(crate) fn to_map(&self) -> Map<String, Value> {
        self.iter().map(|(name, value)| (name.into_owned(), value.to_value())).collect()
    }

    #[inline]
    fn name(&self, span: Span) -> Cow<'a, str> {
        self.spelled_name(span).to_text().unwrap_or_default()
    }

    /// The name in its quotes, a text like any other.
    #[inline]
    fn spelled_name(&self, span: Span) -> Raw<'a> {
        self.raw(span.name, span.name_end)
    }

    #[inline]
    fn value(&self, span: Span) -> Raw<'a> {
        self.raw(span.value, span.value_end)
    }

    #[inline]
    fn raw(&self, start: u32, end: u32) -> Raw<'a> {
        let text = self.text.get(start as usize..end as usize).unwrap_or_default();
        Raw::new(text, self.has_escapes)
    }

    /// Takes one more member, unless its name is taken or there are too many.
    #[inline]
    fn insert(&mut self, mut span: Span, limits: &Limits) -> Option<()> {
        if self.has_escapes {
            span.initials = Initials::of(self.name(span).as_bytes());
        }
        let mark = span.initials.mark();
        let may_be_taken = self.seen & mark != 0;
        if self.spans.len() == limits.members || (may_be_taken && self.is_taken(span)) {
            return None;
        }
        self.seen |= mark;
        self.spans.push(span);
        Some(())
    }

    #[cold]
    fn is_taken(&self, span: Span) -> bool {
        self.find(span.initials, &self.name(span)).is_some()
    }
}

/// Reads one JSON object and nothing after it, within the default limits, into a map of its own.
pub(crate) fn object(text: &[u8]) -> Option<Map<String, Value>> {
    Members::read(text, &Limits::DEFAULT).map(|members| members.to_map())
}

#[cfg(test)]
mod tests;
