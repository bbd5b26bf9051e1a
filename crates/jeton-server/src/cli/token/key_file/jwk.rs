//! Keys in JSON: one JWK, or a JWK Set.

use jeton::{Algorithm, JwkSet, KeyError, SigningKey, VerifyingKey};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::Value;
use zeroize::Zeroizing;

use super::explain;

/// The text of a JSON file with keys.
#[derive(Clone, Copy)]
pub(super) enum Json<'f> {
    Key(&'f str),
    Set(&'f str),
}

/// What a file says of itself that is not secret.
#[derive(Default, Deserialize)]
struct Label {
    alg: Option<String>,
    keys: Option<IgnoredAny>,
}

impl<'f> Json<'f> {
    pub(super) fn of(text: &'f str) -> Self {
        if label(text).keys.is_some() { Self::Set(text) } else { Self::Key(text) }
    }

    pub(super) fn signing_key(self, alg: Option<Algorithm>) -> Result<SigningKey, String> {
        match self {
            Self::Key(text) => {
                let text = labelled(text, alg)?;
                SigningKey::from_jwk(&text).map_err(|error| explain(error, alg))
            }
            Self::Set(_) => Err("a JWK Set: to sign, give one private JWK".to_owned()),
        }
    }

    pub(super) fn verifying_keys(
        self,
        alg: Option<Algorithm>,
    ) -> Result<Vec<VerifyingKey>, String> {
        match self {
            Self::Key(text) => {
                let text = labelled(text, alg)?;
                let key = match VerifyingKey::from_jwk(&text) {
                    Err(KeyError::IsPrivate) => {
                        SigningKey::from_jwk(&text).map(|key| key.verifying_key())
                    }
                    read => read,
                };
                key.map(|key| vec![key]).map_err(|error| explain(error, alg))
            }
            Self::Set(text) => of_set(text, alg),
        }
    }
}

/// The keys of a JWK Set that are usable, and have this algorithm if it is given.
fn of_set(text: &str, alg: Option<Algorithm>) -> Result<Vec<VerifyingKey>, String> {
    let mut set = JwkSet::from_json(text).map_err(|error| error.to_string())?;
    if let Some(alg) = alg {
        // Nothing of it is secret, since it was read.
        set = JwkSet::from_json(&each_labelled(text, alg)).map_err(|error| error.to_string())?;
    }
    let keys = set.keys().map(|(id, key)| {
        let key = VerifyingKey::public(key.clone());
        id.cloned().map_or(key.clone(), |id| key.with_id(id))
    });
    let fits = |key: &VerifyingKey| alg.is_none_or(|alg| key.algorithm().is_same_as(alg));
    let keys: Vec<VerifyingKey> = keys.filter(fits).collect();
    match set.skipped().next() {
        _ if !keys.is_empty() => Ok(keys),
        Some((_, reason)) => Err(format!("no usable key in the JWK Set: {reason}")),
        None => Err("no key in the JWK Set for this".to_owned()),
    }
}

/// The JWK with this algorithm. One that says its algorithm keeps it (RFC 7517 section 4.4).
fn labelled(text: &str, alg: Option<Algorithm>) -> Result<Zeroizing<String>, String> {
    let (Some(alg), said) = (alg, label(text).alg) else {
        return Ok(Zeroizing::new(text.to_owned()));
    };
    match said.map(|said| (Algorithm::from_name(&said), said)) {
        Some((Some(said), _)) if said.is_same_as(alg) => Ok(Zeroizing::new(text.to_owned())),
        Some((_, said)) => Err(format!("the JWK is for {said:?}, not for {}", alg.name())),
        // As text, in one piece: parsing it, or a string that grows, leaves copies of secrets.
        None => {
            let text = text.trim_start();
            let members = text.strip_prefix('{').unwrap_or(text);
            Ok(Zeroizing::new(["{\"alg\":\"", alg.name(), "\",", members].concat()))
        }
    }
}

/// A set of public keys in which those that do not say their algorithm have this one.
fn each_labelled(text: &str, alg: Algorithm) -> String {
    let mut set: Value = serde_json::from_str(text).unwrap_or_default();
    let keys = set.get_mut("keys").and_then(Value::as_array_mut);
    for key in keys.into_iter().flatten().filter_map(Value::as_object_mut) {
        key.entry("alg").or_insert_with(|| alg.name().into());
    }
    set.to_string()
}

/// Nothing of what is not JSON: the library will say so.
fn label(text: &str) -> Label {
    serde_json::from_str(text).unwrap_or_default()
}
