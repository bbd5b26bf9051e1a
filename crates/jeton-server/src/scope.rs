//! Scopes: the table of those that this service asks for itself, and what any may look like.
//!
//! A scope of ours is for clients alone, and only where the settings give it to them: no session has
//! one, so no login and no backend can make a user into somebody who reads the feed or ends sessions.

/// Reading the feed of revocations.
pub const REVOCATIONS_READ: &str = "revocations:read";
/// Asking about tokens (RFC 7662).
pub const TOKENS_INTROSPECT: &str = "tokens:introspect";
/// Opening, listing, ending and recalling sessions of any subject.
pub const SESSIONS_MANAGE: &str = "sessions:manage";
/// Ending everything of a subject, and nothing else.
pub const SESSIONS_REVOKE_ALL: &str = "sessions:revoke-all";

/// Every scope of ours.
pub const OURS: [&str; 4] =
    [REVOCATIONS_READ, TOKENS_INTROSPECT, SESSIONS_MANAGE, SESSIONS_REVOKE_ALL];

/// What scopes of ours begin with, those of later versions included. An application's own do not.
const RESERVED: [&str; 4] = ["revocations:", "tokens:", "sessions:", "jeton:"];

/// Longest scope of a token, all together, in bytes.
pub const LENGTH: usize = 2_048;

/// Whether this is one scope (`scope-token` of RFC 6749 section 3.3).
#[must_use]
pub fn is_scope(text: &str) -> bool {
    let is_letter = |byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e);
    !text.is_empty() && text.bytes().all(is_letter)
}

/// Whether an application may not use this scope as its own.
#[must_use]
pub fn is_reserved(scope: &str) -> bool {
    RESERVED.iter().any(|prefix| scope.starts_with(prefix))
}

/// The scopes of a list with single spaces between them, each once; `None` if it is not well-formed.
#[must_use]
pub fn split(text: &str) -> Option<Vec<&str>> {
    if text.len() > LENGTH {
        return None;
    }
    let mut scopes = Vec::new();
    for scope in text.split(' ') {
        if !is_scope(scope) {
            return None;
        }
        if !scopes.contains(&scope) {
            scopes.push(scope);
        }
    }
    Some(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_of_scopes_is_read_to_the_letter() {
        let cases: [(&str, Option<&[&str]>); 11] = [
            ("a", Some(&["a"])),
            ("orders:read orders:write", Some(&["orders:read", "orders:write"])),
            ("a b a", Some(&["a", "b"])),
            ("", None),
            (" a", None),
            ("a  b", None),
            ("a\tb", None),
            ("a\"b", None),
            ("a\\b", None),
            ("ä", None),
            ("a\r\nb", None),
        ];
        for (text, expected) in cases {
            assert_eq!(split(text).as_deref(), expected, "{text:?}");
        }
        assert_eq!(split(&"a".repeat(LENGTH + 1)), None);
    }

    #[test]
    fn every_scope_of_ours_is_reserved() {
        assert!(OURS.iter().all(|scope| is_scope(scope) && is_reserved(scope)));
        assert!(!is_reserved("orders:read") && !is_reserved("session"));
    }
}
