//! Which scopes a request needs.

use std::fmt;
use std::sync::Arc;

/// Scopes that are needed together, in the order they were named.
///
/// # Examples
///
/// ```
/// use jeton_tower::Scopes;
///
/// let both = Scopes::from("orders:read orders:write");
/// assert_eq!(both.iter().count(), 2);
/// assert_eq!(both.to_string(), "orders:read orders:write");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scopes {
    names: Arc<[Box<str>]>,
}

impl Scopes {
    /// Each of them.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton_tower::Scopes;
    ///
    /// assert_eq!(Scopes::from("a b").iter().last(), Some("b"));
    /// ```
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// Whether nothing is needed.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(jeton_tower::Scopes::default().is_empty());
    /// ```
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.names.is_empty()
    }

    /// These and the others.
    #[must_use]
    pub(crate) fn and(&self, others: &Self) -> Self {
        let new = others.names.iter().filter(|name| !self.names.contains(name));
        Self { names: self.names.iter().chain(new).cloned().collect() }
    }

    /// As a challenge names them (RFC 6750 section 3), if it can: without those that no token has.
    pub(crate) fn challenge(&self) -> Option<String> {
        let fit: Vec<&str> = self.iter().filter(|name| is_token(name)).collect();
        (!fit.is_empty()).then(|| fit.join(" "))
    }
}

impl From<&str> for Scopes {
    /// Names separated by spaces, as in a token (RFC 8693 section 4.2). A text without any is a scope
    /// that no token has: a setting that was left empty closes a route, and does not open it.
    fn from(names: &str) -> Self {
        let each = names.split(' ').filter(|name| !name.is_empty());
        let mut names: Vec<Box<str>> = Vec::new();
        for name in each {
            if !names.iter().any(|known| **known == *name) {
                names.push(name.into());
            }
        }
        if names.is_empty() {
            names.push("".into());
        }
        Self { names: names.into() }
    }
}

impl fmt::Display for Scopes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.names.join(" "))
    }
}

/// `scope-token` (RFC 6749 section 3.3).
fn is_token(name: &str) -> bool {
    let is_fit = |byte| matches!(byte, b'!' | b'#'..=b'[' | b']'..=b'~');
    !name.is_empty() && name.bytes().all(is_fit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_without_a_scope_asks_for_one_that_nobody_has() {
        for text in ["", " ", "  "] {
            let scopes = Scopes::from(text);

            assert!(!scopes.is_empty(), "{text:?}");
            assert_eq!(scopes.iter().collect::<Vec<_>>(), [""], "{text:?}");
            assert_eq!(scopes.challenge(), None, "{text:?}");
        }
    }
}
