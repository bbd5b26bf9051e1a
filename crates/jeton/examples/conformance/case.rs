//! A case, as recorded.

use serde::Deserialize;
use serde_json::Value;

/// Flags of cases in which implementations may differ.
const SOFT: [&str; 11] = [
    "either",
    "key_policy",
    "b64_trailing_bits",
    "ecdsa_malleable",
    "outer_ws",
    "disputed",
    "boundary",
    "java_null_semantics",
    "b64",
    "unencoded",
    "type_check_off",
];

#[derive(Deserialize)]
pub(crate) struct Case {
    pub(crate) source: String,
    pub(crate) id: String,
    /// `jwt`: a JSON object whose claims are checked. `jws`: any bytes, only the signature is.
    pub(crate) kind: String,
    pub(crate) token: String,
    pub(crate) key: Option<Key>,
    pub(crate) alg_allowed: Vec<String>,
    pub(crate) now: Option<f64>,
    #[serde(default)]
    pub(crate) checks: Checks,
    pub(crate) expect: String,
    #[serde(default)]
    pub(crate) flags: Vec<String>,
}

/// Exactly one of these.
#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum Key {
    Hex(String),
    Pem(String),
    Jwk(Value),
    Jwks(Value),
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Checks {
    pub(crate) iss: Option<OneOrMany>,
    pub(crate) aud: Option<OneOrMany>,
    pub(crate) aud_all: Option<Vec<String>>,
    pub(crate) sub: Option<String>,
    pub(crate) jti: Option<String>,
    pub(crate) nonce: Option<String>,
    pub(crate) typ: Option<String>,
    pub(crate) leeway: Option<f64>,
    pub(crate) leeway_exp: Option<f64>,
    pub(crate) leeway_nbf: Option<f64>,
    pub(crate) leeway_iat: Option<f64>,
    pub(crate) max_age: Option<f64>,
    pub(crate) iat_future: Option<String>,
    pub(crate) aud_if_present: Option<String>,
    pub(crate) require: Vec<String>,
    pub(crate) present: Vec<String>,
    pub(crate) null_claims: Vec<String>,
    pub(crate) claims: serde_json::Map<String, Value>,
    pub(crate) claims_contain: serde_json::Map<String, Value>,
    pub(crate) ignore_exp: bool,
    pub(crate) ignore_nbf: bool,
    pub(crate) ignore_iat: bool,
    pub(crate) crit: Vec<String>,
    pub(crate) detached_payload: Option<String>,
}

#[derive(Clone, Deserialize)]
#[serde(untagged)]
pub(crate) enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

impl OneOrMany {
    pub(crate) fn into_vec(self) -> Vec<String> {
        match self {
            Self::One(text) => vec![text],
            Self::Many(texts) => texts,
        }
    }
}

impl Case {
    /// Whether every implementation must come to the same verdict.
    pub(crate) fn is_scored(&self) -> bool {
        !self.flags.iter().any(|flag| SOFT.contains(&flag.as_str()) || flag.starts_with("policy:"))
    }

    pub(crate) fn has_flag(&self, flag: &str) -> bool {
        self.flags.iter().any(|own| own == flag)
    }
}
