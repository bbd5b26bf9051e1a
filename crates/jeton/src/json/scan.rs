//! The one pass over the text.
//!
//! Each function takes the place where something begins and answers the place where it ends, or
//! `None` if it is not there. Places are byte indices; that they lie on the boundaries of characters
//! follows from their standing beside ASCII.

use super::{Initials, Members, Span};
use crate::limits::Limits;

/// Reads the text's one object into `members`, or tells that it is none.
pub(super) fn object(limits: &Limits, members: &mut Members<'_>) -> Option<()> {
    let text = members.text;
    let bytes = text.as_bytes();
    let mut scanner = Scanner { text, bytes, limits, has_escapes: false };
    let start = take(bytes, skip_space(bytes, 0), b'{')?;
    let end = scanner.members(start, limits.depth.checked_sub(1)?, members)?;
    members.has_escapes = scanner.has_escapes;
    (skip_space(bytes, end) == bytes.len()).then_some(())
}

struct Scanner<'a, 'l> {
    text: &'a str,
    /// The same text.
    bytes: &'a [u8],
    limits: &'l Limits,
    /// Whether any text so far had an escape.
    has_escapes: bool,
}

impl<'a> Scanner<'a, '_> {
    /// The members of an object, after its opening brace.
    fn members(
        &mut self,
        start: usize,
        depth_left: usize,
        members: &mut Members<'a>,
    ) -> Option<usize> {
        let mut name = skip_space(self.bytes, start);
        if let Some(end) = take(self.bytes, name, b'}') {
            return Some(end);
        }
        loop {
            let name_end = self.string(name)?;
            let value = skip_space(self.bytes, expect(self.bytes, name_end, b':')?);
            let value_end = self.value(value, depth_left)?;
            members.has_escapes = self.has_escapes;
            let span = self.span(name, name_end, value, value_end)?;
            members.insert(span, self.limits)?;
            match expect(self.bytes, value_end, b',') {
                Some(next) => name = skip_space(self.bytes, next),
                None => return expect(self.bytes, value_end, b'}'),
            }
        }
    }

    #[inline]
    fn span(&self, name: usize, name_end: usize, value: usize, value_end: usize) -> Option<Span> {
        let inside = self.bytes.get(name + 1..)?;
        let initials = Initials::of_first(inside, name_end - name - 2);
        #[expect(clippy::cast_possible_truncation, reason = "the text is shorter than 2^32")]
        let place = |place: usize| place as u32;
        Some(Span {
            initials,
            name: place(name),
            name_end: place(name_end),
            value: place(value),
            value_end: place(value_end),
        })
    }

    /// The items of an array, after its opening bracket.
    fn items(&mut self, start: usize, depth_left: usize) -> Option<usize> {
        let mut item = skip_space(self.bytes, start);
        if let Some(end) = take(self.bytes, item, b']') {
            return Some(end);
        }
        loop {
            let end = self.value(item, depth_left)?;
            match expect(self.bytes, end, b',') {
                Some(next) => item = skip_space(self.bytes, next),
                None => return expect(self.bytes, end, b']'),
            }
        }
    }

    #[inline]
    fn value(&mut self, at: usize, depth_left: usize) -> Option<usize> {
        match self.bytes.get(at)? {
            b'"' => self.string(at),
            b'0'..=b'9' | b'-' => self.number(at),
            _ => self.rare_value(at, depth_left),
        }
    }

    /// Any value that is neither a text nor a number.
    fn rare_value(&mut self, at: usize, depth_left: usize) -> Option<usize> {
        let word = |word: &[u8]| {
            let end = at + word.len();
            (self.bytes.get(at..end)? == word).then_some(end)
        };
        match self.bytes.get(at)? {
            b'{' => self.members(at + 1, depth_left.checked_sub(1)?, &mut Members::of(self.text)),
            b'[' => self.items(at + 1, depth_left.checked_sub(1)?),
            b't' => word(b"true"),
            b'f' => word(b"false"),
            _ => word(b"null"),
        }
    }

    #[inline]
    fn string(&mut self, start: usize) -> Option<usize> {
        let end = end_of_plain(self.bytes, take(self.bytes, start, b'"')?);
        match self.bytes.get(end)? {
            b'"' => Some(end + 1),
            _ => self.rest_of_escaped(start, end),
        }
    }

    /// A text that goes on after its first special character.
    #[cold]
    fn rest_of_escaped(&mut self, start: usize, mut at: usize) -> Option<usize> {
        self.has_escapes = true;
        loop {
            match self.bytes.get(at)? {
                b'"' => break,
                b'\\' => at = end_of_plain(self.bytes, at + 2),
                _ => return None,
            }
        }
        // Whether each escape means a character, `serde_json` knows.
        let quoted = self.bytes.get(start..=at)?;
        serde_json::from_slice::<String>(quoted).is_ok().then_some(at + 1)
    }

    /// `-? (0 | [1-9][0-9]*) (. [0-9]+)? ([eE] [+-]? [0-9]+)?`
    fn number(&self, start: usize) -> Option<usize> {
        let bytes = self.bytes;
        let whole = take(bytes, start, b'-').unwrap_or(start);
        let mut end = digits(bytes, whole)?;
        let starts_with_zero = take(bytes, whole, b'0').is_some();
        if starts_with_zero && end - whole > 1 {
            return None;
        }
        let mut is_short = end - whole <= 19;
        if let Some(fraction) = take(bytes, end, b'.') {
            end = digits(bytes, fraction)?;
        }
        if let Some(b'e' | b'E') = bytes.get(end) {
            let signed = end + 1;
            let sign = take(bytes, signed, b'+').or_else(|| take(bytes, signed, b'-'));
            end = digits(bytes, sign.unwrap_or(signed))?;
            is_short = false;
        }
        // Whether a number is finite, who reads it afterwards decides. Up to 19 digits are, without a
        // look.
        let is_finite = || serde_json::from_slice::<f64>(bytes.get(start..end)?).ok().map(|_| end);
        if is_short { Some(end) } else { is_finite() }
    }
}

/// One digit at least.
fn digits(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start;
    while bytes.get(at).is_some_and(u8::is_ascii_digit) {
        at += 1;
    }
    (at > start).then_some(at)
}

#[inline]
fn take(bytes: &[u8], at: usize, wanted: u8) -> Option<usize> {
    (*bytes.get(at)? == wanted).then_some(at + 1)
}

/// Takes this byte after any space.
#[inline]
fn expect(bytes: &[u8], at: usize, wanted: u8) -> Option<usize> {
    // Mostly there is none.
    take(bytes, at, wanted).or_else(|| take(bytes, skip_space(bytes, at), wanted))
}

/// JSON knows four kinds of space; what is beyond the largest of them needs one look.
#[inline]
fn is_space(byte: u8) -> bool {
    byte <= b' ' && matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

#[inline]
fn skip_space(bytes: &[u8], mut at: usize) -> usize {
    while bytes.get(at).is_some_and(|byte| is_space(*byte)) {
        at += 1;
    }
    at
}

/// Where the first quote, backslash or control character is, from here on, or the end.
///
/// Eight bytes at a time. In each of the masks, the lowest bit that is set marks a byte that is
/// really meant; those above it may be borrowed from, and are not looked at.
#[inline]
fn end_of_plain(bytes: &[u8], mut at: usize) -> usize {
    const ONES: u64 = u64::from_le_bytes([1; 8]);
    const TOPS: u64 = ONES << 7;
    // The subtraction reaches the top bit of bytes below the bound, and of some beyond ASCII.
    let below = |word: u64, bound: u8| word.wrapping_sub(ONES * u64::from(bound)) & !word;

    while let Some(word) = bytes.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*word);
        // With bit 1 turned over, the quote is right after the control characters, which stay
        // among themselves.
        let quote_or_control = below(word ^ (ONES * 2), b' ' + 1);
        let backslash = below(word ^ (ONES * u64::from(b'\\')), 1);
        let special = (quote_or_control | backslash) & TOPS;
        if special != 0 {
            return at + special.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
    let is_special = |byte: &u8| matches!(byte, b'"' | b'\\' | 0..b' ');
    while bytes.get(at).is_some_and(|byte| !is_special(byte)) {
        at += 1;
    }
    at
}
