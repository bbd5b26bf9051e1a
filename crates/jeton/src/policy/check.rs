//! What one claim must be.

use std::borrow::Cow;
use std::fmt;
use std::sync::Arc;

use serde_json::{Number, Value};
use smallvec::{SmallVec, smallvec};

use crate::error::VerifyError;
use crate::json::{Members, Raw};

/// A claim, and what is asked of it.
#[derive(Clone, Debug)]
pub(super) struct Check {
    pub(super) claim: &'static str,
    pub(super) rule: Rule,
}

#[derive(Clone)]
pub(super) enum Rule {
    /// Any value.
    Present,
    /// Any value but `null`.
    Required,
    /// One of these texts.
    OneOf(Vec<String>),
    /// One of these texts, or an array of texts with one of them.
    HoldsAny(Vec<String>),
    /// An array of texts with all of them, or the one text. Nobody's audience is not everybody's.
    HoldsAll(Vec<String>),
    /// This value.
    Equals(Value),
    /// An array with all of these values, or the one value.
    Contains(Vec<Value>),
    /// A value that the caller likes.
    Fits(Arc<dyn Fn(&Value) -> bool + Send + Sync>),
}

/// How a claim that is there does not fit.
enum Unfit {
    Mistyped,
    Refused,
}

impl Check {
    pub(super) fn accept(&self, claims: &Members<'_>) -> Result<(), VerifyError> {
        let value = claims.get(self.claim).ok_or(VerifyError::ClaimMissing(self.claim))?;
        self.rule.accept(value).map_err(|unfit| match unfit {
            Unfit::Mistyped => VerifyError::ClaimMistyped(self.claim),
            Unfit::Refused => VerifyError::ClaimRefused(self.claim),
        })
    }
}

impl Rule {
    /// Whether it tells one value from another, and not only that there is one.
    pub(super) const fn compares(&self) -> bool {
        !matches!(self, Self::Present | Self::Required)
    }

    fn accept(&self, claim: Raw<'_>) -> Result<(), Unfit> {
        let fits = match self {
            Self::Present => true,
            Self::Required => !claim.is_null(),
            Self::OneOf(expected) => {
                let text = claim.to_text().ok_or(Unfit::Mistyped)?;
                expected.iter().any(|expected| *expected == text)
            }
            Self::HoldsAny(expected) => {
                let texts = one_or_many(claim)?;
                expected.iter().any(|expected| texts.iter().any(|text| text == expected))
            }
            Self::HoldsAll(expected) => {
                let texts = one_or_many(claim)?;
                !expected.is_empty()
                    && expected.iter().all(|expected| texts.iter().any(|text| text == expected))
            }
            Self::Equals(expected) => {
                let value = claim.to_value();
                if !is_same_type(&value, expected) {
                    return Err(Unfit::Mistyped);
                }
                is_equal(&value, expected)
            }
            Self::Contains(expected) => {
                let items = match claim.to_value() {
                    Value::Array(items) => items,
                    single => vec![single],
                };
                let holds = |expected| items.iter().any(|item| is_equal(item, expected));
                !expected.is_empty() && expected.iter().all(holds)
            }
            Self::Fits(fits) => fits(&claim.to_value()),
        };
        fits.then_some(()).ok_or(Unfit::Refused)
    }
}

/// The texts of a claim that may be one or an array of them, like `aud` (RFC 7519 section 4.1.3).
fn one_or_many(claim: Raw<'_>) -> Result<SmallVec<[Cow<'_, str>; 1]>, Unfit> {
    match claim.to_text() {
        Some(text) => Ok(smallvec![text]),
        None => claim.to_texts().map(SmallVec::from_vec).ok_or(Unfit::Mistyped),
    }
}

fn is_same_type(one: &Value, other: &Value) -> bool {
    std::mem::discriminant(one) == std::mem::discriminant(other)
}

/// Equal as JSON values: `1` and `1.0` are the same number, at every depth.
fn is_equal(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => {
            one == other || whole(one).is_some_and(|number| whole(other) == Some(number))
        }
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len()
                && one.iter().zip(other).all(|(one, other)| is_equal(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            let has = |(name, value): (&String, &Value)| {
                other.get(name).is_some_and(|other| is_equal(value, other))
            };
            one.len() == other.len() && one.iter().all(has)
        }
        _ => one == other,
    }
}

/// The whole number, if it is one, also where it is spelled as a float. Larger floats have but one
/// spelling.
fn whole(number: &Number) -> Option<i128> {
    const LARGEST: f64 = 18_446_744_073_709_551_616.0;
    let float = || number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() <= LARGEST);
    #[expect(clippy::cast_possible_truncation, reason = "in range, without a fraction")]
    let from_float = |float| float as i128;
    number.as_i128().or_else(|| float().map(from_float))
}

/// Without the values that are asked for: some of them are nobody else's business.
impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Present => "Present",
            Self::Required => "Required",
            Self::OneOf(_) => "OneOf",
            Self::HoldsAny(_) => "HoldsAny",
            Self::HoldsAll(_) => "HoldsAll",
            Self::Equals(_) => "Equals",
            Self::Contains(_) => "Contains",
            Self::Fits(_) => "Fits",
        })
    }
}
