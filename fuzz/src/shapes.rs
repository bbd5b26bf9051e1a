//! Types that claims are read into. Together they ask for everything that `serde` can ask for and
//! JSON can answer.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::Value;

/// A struct without `flatten`, which is read by its field names.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Plain<'a> {
    pub iss: Option<&'a str>,
    #[serde(borrow, default)]
    pub sub: Cow<'a, str>,
    #[serde(borrow, default)]
    pub aud: Option<Audience<'a>>,
    pub exp: Option<u64>,
    pub ver: Option<i64>,
    #[serde(default)]
    pub roles: Vec<Role>,
    #[serde(default)]
    pub amr: Vec<&'a str>,
    pub weight: Option<f64>,
    pub small: Option<i8>,
    pub pair: Option<(u32, char)>,
    pub known: Option<bool>,
    #[serde(default)]
    pub nothing: (),
    pub level: Option<Level>,
    pub nested: Option<BTreeMap<String, Role>>,
}

/// A claim that must be there, others refused.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Strict {
    pub sub: String,
    pub exp: u64,
    #[serde(default, rename = "https://login.example")]
    pub long_name: Option<Value>,
}

/// A struct with `flatten`, which is read as a map.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Flattened<'a> {
    #[serde(borrow)]
    pub sub: Option<Cow<'a, str>>,
    pub exp: Option<u64>,
    #[serde(flatten)]
    pub role: Option<Role>,
    #[serde(flatten)]
    pub other: BTreeMap<String, Value>,
}

/// A newtype around whatever there is.
#[derive(Debug, PartialEq, Deserialize)]
pub struct Wrapped(pub BTreeMap<String, Value>);

#[derive(Debug, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Audience<'a> {
    One(#[serde(borrow)] Cow<'a, str>),
    Many(Vec<String>),
}

#[derive(Debug, PartialEq, Deserialize)]
pub struct Role {
    #[serde(rename = "a")]
    pub name: Option<String>,
    #[serde(rename = "b")]
    pub weight: Option<f32>,
    #[serde(rename = "c", default)]
    pub inner: Option<Box<Role>>,
}

#[derive(Debug, PartialEq, Deserialize)]
pub enum Level {
    Low,
    High(u8),
    Named { name: String },
}
