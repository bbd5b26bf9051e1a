//! Members as a source for any type that implements `Deserialize`.

use std::borrow::Cow;
use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, Visitor};
use serde::forward_to_deserialize_any;
use serde_json::de::StrRead;

use super::raw::Kind;
use super::{Members, Raw};
use crate::claims::VERIFIED_CLAIMS;
use crate::error::VerifyError;

/// Why claims did not fit the type they were asked into.
///
/// `serde` tells absent, mistyped and wrong members apart; who asked for which member is known one
/// level up, where [`Misfit::of`] adds its name.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Misfit {
    /// Known in full.
    Known(VerifyError),
    /// The value has the wrong JSON type.
    Mistyped,
    /// The value has the right type and is not accepted.
    Refused,
}

impl Misfit {
    /// The misfit of this member.
    fn of(self, member: Option<&'static str>) -> Self {
        Self::Known(match (self, member) {
            (Self::Known(error), _) => error,
            (Self::Mistyped, Some(name)) => VerifyError::ClaimMistyped(name),
            (Self::Refused, Some(name)) => VerifyError::ClaimRefused(name),
            (Self::Mistyped | Self::Refused, None) => VerifyError::ClaimsUnfit,
        })
    }
}

impl From<Misfit> for VerifyError {
    fn from(misfit: Misfit) -> Self {
        match misfit {
            Misfit::Known(error) => error,
            Misfit::Mistyped | Misfit::Refused => Self::ClaimsUnfit,
        }
    }
}

impl fmt::Display for Misfit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        VerifyError::from(*self).fmt(f)
    }
}

impl std::error::Error for Misfit {}

impl de::Error for Misfit {
    fn custom<T: fmt::Display>(_: T) -> Self {
        Self::Refused
    }

    fn invalid_type(_: de::Unexpected<'_>, _: &dyn de::Expected) -> Self {
        Self::Mistyped
    }

    fn missing_field(name: &'static str) -> Self {
        Self::Known(VerifyError::ClaimMissing(name))
    }
}

impl<'de> Deserializer<'de> for &Members<'de> {
    type Error = Misfit;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.deserialize_struct("", &[], visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_map(Access { members: self, next: 0, fields })
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        if name == VERIFIED_CLAIMS {
            return self.deserialize_any(visitor);
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_some(self)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map enum identifier ignored_any
    }
}

struct Access<'m, 'de> {
    members: &'m Members<'de>,
    next: usize,
    /// The names the type asks for, if it is a struct.
    fields: &'static [&'static str],
}

impl<'de> MapAccess<'de> for Access<'_, 'de> {
    type Error = Misfit;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Misfit> {
        let name = self.members.spans.get(self.next).map(|span| self.members.spelled_name(*span));
        name.map(|name| seed.deserialize(name)).transpose()
    }

    fn next_value_seed<V: DeserializeSeed<'de>>(&mut self, seed: V) -> Result<V::Value, Misfit> {
        let span = *self.members.spans.get(self.next).ok_or(Misfit::Refused)?;
        self.next += 1;
        seed.deserialize(self.members.value(span)).map_err(|misfit| {
            let name = self.members.name(span);
            misfit.of(self.fields.iter().find(|field| **field == name).copied())
        })
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.members.spans.len() - self.next)
    }
}

impl<'de> Deserializer<'de> for Raw<'de> {
    type Error = Misfit;

    #[inline]
    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        match self.kind() {
            Kind::Text => match self.to_text() {
                Some(Cow::Borrowed(text)) => visitor.visit_borrowed_str(text),
                Some(Cow::Owned(text)) => visitor.visit_string(text),
                None => Err(Misfit::Mistyped),
            },
            Kind::Number => match self.to_u64() {
                Some(number) => visitor.visit_u64(number),
                None => self.read(|value| value.deserialize_any(visitor)),
            },
            _ => self.read(|value| value.deserialize_any(visitor)),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        if self.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Misfit> {
        self.read(|value| value.deserialize_enum(name, variants, visitor))
    }

    /// Some maps would take `null` for an empty one.
    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.read(|value| value.deserialize_map(visitor))
    }

    /// A number too large for `f32` is finite as `f64`, and must be refused here.
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.read(|value| value.deserialize_f32(visitor))
    }

    /// Numbers of more than 64 bits would be read as floats.
    fn deserialize_i128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.read(|value| value.deserialize_i128(visitor))
    }

    fn deserialize_u128<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        self.read(|value| value.deserialize_u128(visitor))
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Misfit> {
        visitor.visit_unit()
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 f64 char str string bytes byte_buf unit unit_struct seq
        tuple tuple_struct struct identifier
    }
}

impl<'de> Raw<'de> {
    /// Lets `serde_json` read a value, to its end. The scanner has found it well-formed, so what is
    /// wrong with it is a type, of the value or of something inside; `serde_json` does not tell
    /// which, nor from an absence in there.
    fn read<T>(
        self,
        with: impl FnOnce(&mut serde_json::Deserializer<StrRead<'de>>) -> serde_json::Result<T>,
    ) -> Result<T, Misfit> {
        let mut value = serde_json::Deserializer::from_str(self.spelled());
        let read = with(&mut value).and_then(|read| value.end().map(|()| read));
        read.map_err(|_| Misfit::Mistyped)
    }
}
