//! Vectors of other kinds: tokens to be made again, and thumbprints.

use jeton::{Algorithm, PrivateKey, SecretKey, SigningKey, base64url, jws};
use serde_json::Value;

use crate::keys::bytes;

/// Whether the token that is made from the recorded parts is the recorded one; with what it is
/// called if not.
pub(crate) fn signing(vector: &Value) -> Result<(), String> {
    let name = format!("{} {}", vector["source"], vector["id"]);
    let made = sign(vector).ok_or_else(|| format!("{name}: nothing was signed"))?;
    if vector["expect_token"] == *made { Ok(()) } else { Err(format!("{name}: another token")) }
}

fn sign(vector: &Value) -> Option<String> {
    let algorithm = Algorithm::from_name(vector["alg"].as_str()?)?;
    let key = &vector["key"];
    let key = if let Some(hex) = key["hex"].as_str() {
        let bytes = bytes(hex);
        let secret = SecretKey::new(algorithm, &bytes);
        SigningKey::secret(secret.or_else(|_| SecretKey::legacy_short(algorithm, &bytes)).ok()?)
    } else if let Some(pem) = key["pem"].as_str() {
        SigningKey::private(PrivateKey::from_pem(pem).ok()?.with_algorithm(algorithm).ok()?)
    } else {
        SigningKey::from_jwk(&key["jwk"].to_string()).ok()?
    };
    let header = base64url::decode(vector["protected_b64u"].as_str()?)?;
    let payload = bytes(vector["payload_hex"].as_str()?);
    jws::sign_under(&key, str::from_utf8(&header).ok()?, &payload).ok()
}

/// Whether a JWK has the recorded thumbprint (RFC 7638).
pub(crate) fn thumbprint(vector: &Value) -> Result<(), String> {
    let thumbprint = jeton::jwk_thumbprint(&vector["jwk"].to_string())
        .map_err(|error| format!("{}: {error}", vector["source"]))?;
    if vector["sha256"] == *thumbprint {
        Ok(())
    } else {
        Err(format!("{}: another thumbprint", vector["source"]))
    }
}
