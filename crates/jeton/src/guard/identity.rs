//! Who presents a token.

use std::sync::Arc;

use crate::claims::AccessClaims;
use crate::id::SessionId;

/// Who presented an access token that was good a moment ago. Only
/// [`Guard::check`](crate::Guard::check) makes one.
///
/// # Examples
///
/// ```
/// # use std::sync::Arc;
/// # use jeton::{Guard, KeySet, Policy, RevocationList};
/// # let (key, token, now) =
/// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
/// # let keys = KeySet::new([key.verifying_key()])?;
/// # let policy = Policy::access_token("https://login.example", "https://api.example");
/// # let list = Arc::new(RevocationList::new());
/// # let guard = Guard::new(keys, policy, list);
/// let identity = guard.check(&token, now)?;
/// assert_eq!(identity.subject(), "alice");
/// assert!(identity.has_scope("write"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Identity {
    claims: Arc<AccessClaims>,
}

impl Identity {
    pub(super) const fn new(claims: Arc<AccessClaims>) -> Self {
        Self { claims }
    }

    /// `sub`: whom the token speaks of.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::{Guard, KeySet, Policy, RevocationList};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let list = Arc::new(RevocationList::new());
    /// # let guard = Guard::new(keys, policy, list);
    /// assert_eq!(guard.check(&token, now)?.subject(), "alice");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn subject(&self) -> &str {
        &self.claims.subject
    }

    /// `sid`: the session the token was issued in, if any.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::{Guard, KeySet, Policy, RevocationList};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let list = Arc::new(RevocationList::new());
    /// # let guard = Guard::new(keys, policy, list);
    /// let session = guard.check(&token, now)?.session();
    /// assert!(session.is_some_and(|session| session.belongs_to("alice")));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn session(&self) -> Option<SessionId> {
        self.claims.session
    }

    /// Whether the token's `scope` contains this one. No token has an empty one.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::{Guard, KeySet, Policy, RevocationList};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let list = Arc::new(RevocationList::new());
    /// # let guard = Guard::new(keys, policy, list);
    /// let identity = guard.check(&token, now)?; // `"scope": "read write"`
    /// assert!(identity.has_scope("read") && !identity.has_scope("rea"));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn has_scope(&self, scope: &str) -> bool {
        let scopes = self.claims.scope.as_deref().unwrap_or_default();
        !scope.is_empty() && scopes.split(' ').any(|granted| granted == scope)
    }

    /// Everything the token says.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::{Guard, KeySet, Policy, RevocationList};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let list = Arc::new(RevocationList::new());
    /// # let guard = Guard::new(keys, policy, list);
    /// assert_eq!(guard.check(&token, now)?.claims().other["role"], "admin");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn claims(&self) -> &AccessClaims {
        &self.claims
    }
}
