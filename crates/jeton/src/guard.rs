//! From a token to an identity: signature, claims, revocation list.

mod cache;
mod check;
mod identity;

use std::fmt;
use std::sync::Arc;

use arc_swap::ArcSwap;

use self::cache::Cache;
pub use self::identity::{Identity, Unconfirmed, Verdict};
use crate::key::KeySet;
use crate::limits::Limits;
use crate::policy::Policy;
use crate::revocation::RevocationList;
use crate::staleness::Staleness;
use crate::verifier::Verifier;

/// Tokens a guard remembers as verified, unless told otherwise.
const CACHED_TOKENS: usize = 8 * 1024;

/// Turns access tokens into identities. Share one among all threads of a service.
///
/// Clients send the same access token hundreds of times, so a guard remembers the tokens it has
/// verified. What cannot change is skipped for those: the signature, the JSON, and what the policy
/// asks of claims other than times. Times and the revocation list are asked every time. A hit
/// compares the whole token, and the memory is this guard's own, so another policy never profits
/// from it.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use jeton::{Guard, KeySet, Policy, RevocationList, Timestamp};
///
/// let keys = KeySet::default(); // none yet: everything is refused
/// let policy = Policy::access_token("https://login.example", "https://api.example");
/// let guard = Guard::new(keys, policy, Arc::new(RevocationList::new()));
///
/// let refusal = guard.check("eyJhbGciOiJub25lIn0.e30.", Timestamp::from_secs(0)).unwrap_err();
/// assert_eq!(refusal.code(), "key_unknown");
/// ```
pub struct Guard {
    list: Arc<RevocationList>,
    trusted: ArcSwap<Trusted>,
    cached_tokens: usize,
    staleness: Staleness,
}

/// What is replaced whole when the keys change: a token verified by a key that is gone must not be
/// remembered.
struct Trusted {
    verifier: Verifier,
    cache: Option<Cache>,
}

impl Guard {
    /// A guard that remembers up to 8,192 verified tokens.
    ///
    /// Start from [`Policy::access_token`], or give the policy a [longest life]: without one, a
    /// token can outlive the revocation that ends it.
    ///
    /// [longest life]: Policy::with_longest_life
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
    /// let guard = Guard::new(keys, policy, list);
    /// assert!(guard.check(&token, now).is_ok());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn new(keys: KeySet, policy: Policy, list: Arc<RevocationList>) -> Self {
        Self::with_cache(keys, policy, list, CACHED_TOKENS)
    }

    /// A guard that remembers about this many verified tokens, a million at most; 0 verifies every
    /// one afresh. So does a token over 2 KiB, as all with ML-DSA signatures are.
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
    /// let forgetful = Guard::with_cache(keys, policy, list, 0);
    /// assert_eq!(forgetful.check(&token, now), forgetful.check(&token, now));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub fn with_cache(
        keys: KeySet,
        policy: Policy,
        list: Arc<RevocationList>,
        cached_tokens: usize,
    ) -> Self {
        let trusted = Trusted::new(Verifier::new(keys, policy), cached_tokens);
        let staleness = Staleness::default();
        Self { list, trusted: ArcSwap::from_pointee(trusted), cached_tokens, staleness }
    }

    /// The same guard with other limits, for tokens that are large by nature. It forgets the ones it
    /// has verified.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::{Guard, KeySet, Policy, RevocationList, limits::Limits};
    /// # let keys = KeySet::default();
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let list = Arc::new(RevocationList::new());
    /// let guard = Guard::new(keys, policy, list)
    ///     .with_limits(Limits::default().with_token(32 * 1024));
    /// # let _ = guard;
    /// ```
    #[must_use]
    pub fn with_limits(self, limits: Limits) -> Self {
        let verifier = self.trusted.load().verifier.clone().with_limits(limits);
        let trusted = Trusted::new(verifier, self.cached_tokens);
        Self { trusted: ArcSwap::from_pointee(trusted), ..self }
    }

    /// The same guard with another staleness; that of [`Staleness::default`] unless told otherwise. Of
    /// no matter to a list that follows nobody.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use std::time::Duration;
    /// # use jeton::{Guard, KeySet, Policy, RevocationList, StalePolicy, Staleness};
    /// # let keys = KeySet::default();
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let list = Arc::new(RevocationList::following());
    /// let strict = Staleness { max: Duration::from_secs(2), policy: StalePolicy::Refuse };
    /// let guard = Guard::new(keys, policy, list).with_staleness(strict);
    /// assert_eq!(guard.staleness(), strict);
    /// ```
    #[must_use]
    pub fn with_staleness(self, staleness: Staleness) -> Self {
        Self { staleness, ..self }
    }

    /// How old its list may be, and what happens past that.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::{Guard, KeySet, Policy, RevocationList, Staleness};
    /// # let keys = KeySet::default();
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let list = Arc::new(RevocationList::following());
    /// let guard = Guard::new(keys, policy, list);
    /// assert_eq!(guard.staleness(), Staleness::default());
    /// ```
    #[must_use]
    pub const fn staleness(&self) -> Staleness {
        self.staleness
    }

    /// Takes another set of keys, after a rotation, and forgets what the old one vouched for.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::{Guard, KeySet, Policy, RevocationList, VerifyError};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let list = Arc::new(RevocationList::new());
    /// let guard = Guard::new(keys, policy, list);
    /// assert!(guard.check(&token, now).is_ok());
    ///
    /// guard.set_keys(KeySet::default()); // the key is gone, and so is its token
    /// assert_eq!(guard.check(&token, now), Err(VerifyError::UnknownKey.into()));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn set_keys(&self, keys: KeySet) {
        let verifier = self.trusted.load().verifier.with_keys(keys);
        self.trusted.store(Arc::new(Trusted::new(verifier, self.cached_tokens)));
    }

    /// What this guard refuses beyond signature and claims.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::{Guard, KeySet, Policy, Reason, Refusal, Revocation, RevocationList, Target};
    /// # use std::time::Duration;
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let list = Arc::new(RevocationList::new());
    /// let guard = Guard::new(keys, policy, list);
    /// let session = guard.check(&token, now)?.session().ok_or("no session")?;
    ///
    /// guard.revocations().add(&Revocation {
    ///     target: Target::Session(session, Reason::Kicked),
    ///     until: now.after(Duration::from_secs(690)), // the last token it reaches, and leeway
    /// });
    /// assert_eq!(guard.check(&token, now), Err(Refusal::Ended(Reason::Kicked)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[must_use]
    pub const fn revocations(&self) -> &Arc<RevocationList> {
        &self.list
    }
}

impl Trusted {
    fn new(verifier: Verifier, cached_tokens: usize) -> Self {
        let cache = (cached_tokens > 0).then(|| Cache::new(cached_tokens));
        Self { verifier, cache }
    }
}

impl fmt::Debug for Guard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guard")
            .field("policy", self.trusted.load().verifier.policy())
            .field("list", &self.list)
            .finish_non_exhaustive()
    }
}
