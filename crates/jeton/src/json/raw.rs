//! One JSON value, as it stands in the text.

use std::borrow::Cow;

use serde_json::Value;

/// A well-formed JSON value, borrowed. Its first byte tells its type.
#[derive(Clone, Copy)]
pub(crate) struct Raw<'a> {
    text: &'a str,
    may_have_escapes: bool,
}

/// The types that JSON has.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Null,
    Bool,
    Number,
    Text,
    Array,
    Object,
}

impl<'a> Raw<'a> {
    #[inline]
    pub(super) const fn new(text: &'a str, may_have_escapes: bool) -> Self {
        Self { text, may_have_escapes }
    }

    #[inline]
    pub(crate) fn kind(self) -> Kind {
        match self.text.as_bytes().first() {
            Some(b'"') => Kind::Text,
            Some(b'{') => Kind::Object,
            Some(b'[') => Kind::Array,
            Some(b't' | b'f') => Kind::Bool,
            Some(b'n') | None => Kind::Null,
            Some(_) => Kind::Number,
        }
    }

    pub(crate) fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// The value as it is spelled.
    pub(super) const fn spelled(self) -> &'a str {
        self.text
    }

    /// The text, if it is one.
    #[inline]
    pub(crate) fn to_text(self) -> Option<Cow<'a, str>> {
        if self.kind() != Kind::Text {
            return None;
        }
        if self.may_have_escapes {
            return self.unescape();
        }
        self.text.get(1..self.text.len().wrapping_sub(1)).map(Cow::Borrowed)
    }

    #[cold]
    fn unescape(self) -> Option<Cow<'a, str>> {
        if self.text.contains('\\') {
            return serde_json::from_str(self.text).map(Cow::Owned).ok();
        }
        Self::new(self.text, false).to_text()
    }

    /// The number as it is spelled, if it is one.
    pub(crate) fn to_number(self) -> Option<&'a str> {
        (self.kind() == Kind::Number).then_some(self.text)
    }

    /// The whole number from 0, if it is one and spelled as one.
    pub(crate) fn to_u64(self) -> Option<u64> {
        self.to_number()?.parse().ok()
    }

    /// The items, if it is an array of texts.
    pub(crate) fn to_texts(self) -> Option<Vec<Cow<'a, str>>> {
        let texts = || serde_json::from_str(self.text).ok();
        if self.kind() == Kind::Array { texts() } else { None }
    }

    /// The same value, owned.
    pub(crate) fn to_value(self) -> Value {
        match self.to_text() {
            Some(text) => Value::String(text.into_owned()),
            // What was scanned is JSON, nested no deeper than `serde_json` goes.
            None => serde_json::from_str(self.text).unwrap_or_default(),
        }
    }
}
