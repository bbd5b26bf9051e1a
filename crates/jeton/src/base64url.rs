//! Base64url without padding, one spelling for each value (RFC 7515 section 2, RFC 4648 section 5).

use base64_simd::{AsOut as _, Base64, URL_SAFE_NO_PAD};

/// Refuses padding, white space, foreign letters and unused bits that are not zero.
const ENGINE: Base64 = URL_SAFE_NO_PAD;

/// Encodes bytes.
///
/// # Examples
///
/// ```
/// assert_eq!(jeton::base64url::encode(b"\xfb\xff"), "-_8");
/// ```
#[must_use]
pub fn encode(bytes: &[u8]) -> String {
    ENGINE.encode_to_string(bytes)
}

/// Appends the encoding of `bytes` to `text`.
pub(crate) fn encode_onto(text: &mut String, bytes: &[u8]) {
    ENGINE.encode_append(bytes, text);
}

/// Decodes text, or `None` where [`encode`] could not have written it.
///
/// # Examples
///
/// ```
/// use jeton::base64url;
///
/// assert_eq!(base64url::decode("_w").as_deref(), Some(&[0xff][..]));
/// assert_eq!(base64url::decode("_x"), None); // the same byte, with unused bits set
/// assert_eq!(base64url::decode("_w=="), None);
/// ```
#[must_use]
pub fn decode(text: &str) -> Option<Vec<u8>> {
    ENGINE.decode_to_vec(text).ok()
}

/// How many bytes text of this length decodes to, if any does.
pub(crate) const fn decoded_len(text: &str) -> Option<usize> {
    match text.len() % 4 {
        1 => None,
        rest => Some(text.len() / 4 * 3 + rest * 3 / 4),
    }
}

/// Decodes text into exactly as many bytes as it has, or tells that it cannot.
pub(crate) fn decode_into(text: &str, bytes: &mut [u8]) -> Option<()> {
    if decoded_len(text) != Some(bytes.len()) {
        return None;
    }
    ENGINE.decode(text.as_bytes(), bytes.as_out()).is_ok().then_some(())
}

/// Decodes exactly `N` bytes.
pub(crate) fn decode_array<const N: usize>(text: &str) -> Option<[u8; N]> {
    decode(text)?.try_into().ok()
}
