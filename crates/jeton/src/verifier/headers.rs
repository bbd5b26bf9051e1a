//! The headers that a verifier has accepted before.

use std::sync::OnceLock;

use crate::jws::Header;

/// An issuer's tokens have one header for each of its keys. So many are remembered; a token under
/// another one is read like the first.
const SLOTS: usize = 8;

/// Header texts that were signed and accepted, with what they say.
///
/// Comparing a text is much cheaper than decoding and parsing it. Only a signature gets a header in
/// here, so nobody but the issuer can fill the slots, and a slot is never written twice.
#[derive(Clone, Debug, Default)]
pub(super) struct KnownHeaders {
    slots: [OnceLock<(Box<str>, Header)>; SLOTS],
}

impl KnownHeaders {
    pub(super) fn get(&self, text: &str) -> Option<&Header> {
        let known = self.slots.iter().map_while(OnceLock::get);
        known.filter(|(known, _)| **known == *text).map(|(_, header)| header).next()
    }

    /// Remembers a header that was accepted, if there is room.
    pub(super) fn remember(&self, text: &str, header: &Header) {
        for slot in &self.slots {
            let (known, _) = slot.get_or_init(|| (text.into(), header.clone()));
            if **known == *text {
                return;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::jws::Compact;

    /// V24: the first eight stay, each itself; what comes later is not kept.
    #[test]
    fn as_many_headers_are_known_as_there_is_room_for() {
        let known = KnownHeaders::default();
        let texts: Vec<String> = (0..12)
            .map(|n| format!(r#"{{"alg":"HS256","kid":"k{n}"}}"#))
            .map(|header| crate::base64url::encode(header.as_bytes()))
            .collect();

        for text in texts.iter().chain(&texts) {
            let token = format!("{text}.e30.");
            known.remember(text, Compact::parse(&token).unwrap().header());
        }

        for (n, text) in texts.iter().enumerate() {
            let id = known.get(text).and_then(Header::key_id).map(ToString::to_string);
            assert_eq!(id, (n < SLOTS).then(|| format!("k{n}")));
        }
    }
}
