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

/// What a guard found.
///
/// # Examples
///
/// ```
/// # use std::sync::Arc;
/// # use jeton::{Guard, KeySet, Policy, RevocationList, StalePolicy, Staleness, Verdict};
/// # let (key, token, now) =
/// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
/// # let keys = KeySet::new([key.verifying_key()])?;
/// # let policy = Policy::access_token("https://login.example", "https://api.example");
/// # let list = Arc::new(RevocationList::following()); // and never heard
/// # let guard = Guard::new(keys, policy, list);
/// # let issuer_says_active = |_: &str| true;
/// let ask = Staleness { policy: StalePolicy::Ask, ..guard.staleness() };
/// let identity = match guard.examine(&token, now, ask)? {
///     Verdict::Admitted(identity) => identity,
///     Verdict::Unconfirmed(unconfirmed) if issuer_says_active(&token) => unconfirmed.confirmed(),
///     Verdict::Unconfirmed(_) => return Err("401".into()),
/// };
/// assert_eq!(identity.subject(), "alice");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// The token is good.
    Admitted(Identity),
    /// The token is good as far as a list knows that is too old, under
    /// [`StalePolicy::Ask`](crate::StalePolicy::Ask): somebody has to ask the issuer.
    Unconfirmed(Unconfirmed),
}

/// An identity that its issuer has yet to confirm: by an answer of its introspection (RFC 7662) that
/// the token is active. See [`Verdict`].
#[derive(Clone, Debug, PartialEq)]
pub struct Unconfirmed {
    identity: Identity,
}

impl Unconfirmed {
    pub(super) const fn new(identity: Identity) -> Self {
        Self { identity }
    }

    /// The identity, once the issuer has said that its token is active.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::{Guard, KeySet, Policy, RevocationList, StalePolicy, Staleness, Verdict};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let list = Arc::new(RevocationList::following()); // and never heard
    /// # let guard = Guard::new(keys, policy, list);
    /// let ask = Staleness { policy: StalePolicy::Ask, ..guard.staleness() };
    /// if let Verdict::Unconfirmed(unconfirmed) = guard.examine(&token, now, ask)? {
    ///     // … `POST /oauth2/introspect` answers `{"active":true,…}` …
    ///     assert_eq!(unconfirmed.confirmed().subject(), "alice");
    /// }
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn confirmed(self) -> Identity {
        self.identity
    }
}

impl Identity {
    pub(super) fn shared_claims(&self) -> Arc<AccessClaims> {
        Arc::clone(&self.claims)
    }

    /// Whether a client presents it for itself (RFC 6749 section 4.4): its `sub` is its `client_id`
    /// and there is no session. No client is a user, whatever it is called.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::{Guard, KeySet, Policy, RevocationList, Signer};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let guard = Guard::new(keys, policy, Arc::new(RevocationList::new()));
    /// assert!(!guard.check(&token, now)?.is_client()); // Alice, in a session of hers
    ///
    /// let claims = serde_json::json!({ // of a grant of client credentials
    ///     "iss": "https://login.example", "sub": "reports", "client_id": "reports",
    ///     "aud": "https://api.example", "jti": "t2", "iat": now, "exp": now.as_secs() + 600,
    /// });
    /// let token = Signer::new(key).sign("at+jwt", &claims)?;
    /// assert!(guard.check(&token, now)?.is_client());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn is_client(&self) -> bool {
        self.claims.session.is_none() && self.claims.subject == self.claims.client_id
    }

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
