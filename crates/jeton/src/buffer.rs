//! Where payloads are decoded.

use std::fmt;

use crate::base64url;

/// Room for one decoded payload, to be used again and again.
///
/// [`Verifier::verify_with`](crate::Verifier::verify_with) decodes into it, so that claims can be
/// borrowed from it and nothing is allocated. Keep one per thread or task.
///
/// # Examples
///
/// ```
/// use jeton::{Buffer, KeySet, Policy, Timestamp, Verifier, VerifyError};
///
/// #[derive(Debug, PartialEq, serde::Deserialize)]
/// struct Subject<'b> {
///     sub: &'b str,
/// }
///
/// let verifier = Verifier::new(KeySet::default(), Policy::jwt());
/// let mut buffer = Buffer::new();
/// for token in ["a", "b"] {
///     let refused = verifier.verify_with::<Subject>(token, Timestamp::from_secs(0), &mut buffer);
///     assert_eq!(refused, Err(VerifyError::Malformed));
/// }
/// ```
#[derive(Default)]
pub struct Buffer {
    /// As long as the longest payload so far.
    bytes: Vec<u8>,
}

impl Buffer {
    /// An empty buffer; it grows with the first payload.
    ///
    /// # Examples
    ///
    /// ```
    /// assert_eq!(format!("{:?}", jeton::Buffer::new()), "Buffer { len: 0, .. }");
    /// ```
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Grows once, if this text will not fit.
    pub(crate) fn make_room(&mut self, text: &str) {
        let len = base64url::decoded_len(text).unwrap_or_default();
        if self.bytes.len() < len {
            self.bytes.resize(len, 0);
        }
    }

    /// Decodes strict base64url, or tells that it is none.
    pub(crate) fn decode(&mut self, text: &str) -> Option<&[u8]> {
        self.make_room(text);
        let len = base64url::decoded_len(text)?;
        let bytes = self.bytes.get_mut(..len)?;
        base64url::decode_into(text, bytes)?;
        Some(bytes)
    }
}

/// Its length only: payloads are not for logs.
impl fmt::Debug for Buffer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Buffer").field("len", &self.bytes.len()).finish_non_exhaustive()
    }
}
