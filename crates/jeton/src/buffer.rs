//! Where payloads are decoded.

use std::fmt;

use crate::base64url;

/// Room for one decoded payload, to be used again and again.
///
/// [`Verifier::verify_with`](crate::Verifier::verify_with) decodes into it, so that claims can be
/// borrowed from it and nothing is allocated. Keep one per thread or task.
#[derive(Default)]
pub struct Buffer {
    /// As long as the longest payload so far.
    bytes: Vec<u8>,
}

impl Buffer {
    /// An empty buffer; it grows with the first payload.
    #[must_use]
    pub const fn new() -> Self {
        Self { bytes: Vec::new() }
    }

    /// Decodes strict base64url, or tells that it is none.
    pub(crate) fn decode(&mut self, text: &str) -> Option<&[u8]> {
        let len = base64url::decoded_len(text)?;
        if self.bytes.len() < len {
            self.bytes.resize(len, 0);
        }
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
