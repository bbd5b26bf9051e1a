//! PEM blocks (RFC 7468), strictly.

use pem_rfc7468::LineEnding;
use zeroize::Zeroizing;

use crate::key::KeyError;
use crate::limits;

pub(super) const PUBLIC: &str = "PUBLIC KEY";
pub(super) const PRIVATE: &str = "PRIVATE KEY";

/// The DER inside the one PEM block of this label.
pub(super) fn decode(text: &str, label: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    if text.len() > limits::KEY_FILE {
        return Err(KeyError::Pem);
    }
    let (found, der) =
        pem_rfc7468::decode_vec(text.trim().as_bytes()).map_err(|_| KeyError::Pem)?;
    if found == label { Ok(Zeroizing::new(der)) } else { Err(KeyError::Pem) }
}

/// Writes DER as one PEM block.
pub(super) fn encode(der: &[u8], label: &str) -> String {
    // Only a label outside of RFC 7468 makes this fail, and ours are the two constants above.
    pem_rfc7468::encode_string(label, LineEnding::LF, der).unwrap_or_default()
}
