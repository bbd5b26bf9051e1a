//! Thumbprints straight from the members of a JWK (RFC 7638 section 3).

use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use jeton::base64url;

/// The SHA-256 thumbprint of the key with these members, if it has all that its type needs.
pub fn of(members: &Map<String, Value>) -> Option<String> {
    let required: &[&str] = match members.get("kty")?.as_str()? {
        "EC" => &["crv", "kty", "x", "y"],
        "RSA" => &["e", "kty", "n"],
        "OKP" => &["crv", "kty", "x"],
        "oct" => &["k", "kty"],
        "AKP" => &["alg", "kty", "pub"],
        _ => return None,
    };
    let text = |name: &&str| Some(format!("\"{name}\":{}", members.get(*name)?));
    let texts: Option<Vec<String>> = required.iter().map(text).collect();
    let object = format!("{{{}}}", texts?.join(","));
    Some(base64url::encode(&Sha256::digest(object.as_bytes())))
}
