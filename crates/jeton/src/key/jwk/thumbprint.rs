//! What a key is called by anybody who has it (RFC 7638).

use zeroize::Zeroizing;

use super::{Jwk, Members, thumbprint};
use crate::key::KeyError;

/// The members that make a key of this type (RFC 7638 section 3.2, RFC 8037 section 2).
fn required(kty: &str) -> Option<&'static [&'static str]> {
    match kty {
        "RSA" => Some(&["e", "kty", "n"]),
        "EC" => Some(&["crv", "kty", "x", "y"]),
        "OKP" => Some(&["crv", "kty", "x"]),
        "oct" => Some(&["k", "kty"]),
        "AKP" => Some(&["alg", "kty", "pub"]),
        _ => None,
    }
}

/// The SHA-256 thumbprint of any JWK, base64url (RFC 7638): of keys for encryption too, of which
/// jeton makes no other use. Only the members that make the key count.
///
/// # Errors
///
/// [`KeyError::Jwk`] if it is not a JWK or lacks one of them, [`KeyError::Unsupported`] for a `kty`
/// that is not known.
///
/// # Examples
///
/// ```
/// let jwk = r#"{"kty":"OKP","crv":"X25519","use":"enc",
///     "x":"3p7bfXt9wbTTW2HC7OQ1Nz-DQ8hbeGdNrfx-FG-IK08"}"#;
/// assert_eq!(jeton::jwk_thumbprint(jwk)?.len(), 43);
/// # Ok::<(), jeton::KeyError>(())
/// ```
pub fn jwk_thumbprint(text: &str) -> Result<String, KeyError> {
    let jwk = Jwk::parse(text)?;
    let names = required(jwk.text("kty")?.ok_or(KeyError::Jwk)?).ok_or(KeyError::Unsupported)?;
    let members = names.iter().map(|name| {
        let value = jwk.text(name)?.filter(|value| !value.contains(['"', '\\']));
        Ok((*name, Zeroizing::new(value.ok_or(KeyError::Jwk)?.to_owned())))
    });
    members.collect::<Result<Members, KeyError>>().map(thumbprint)
}
