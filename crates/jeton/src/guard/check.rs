//! What a guard says to a token.

use std::sync::Arc;

use super::Guard;
use super::cache::Known;
use super::identity::{Identity, Unconfirmed, Verdict};
use crate::error::{Refusal, VerifyError};
use crate::jws;
use crate::moment::Moment;
use crate::revocation::{Ended, Marks};
use crate::staleness::{Judgement, Staleness};

impl Guard {
    /// Who presents this token.
    ///
    /// Synchronous, without I/O, in this order: structure, key, signature, claims, revocations,
    /// staleness. `now` is a [`Timestamp`](crate::Timestamp), or a [`Moment`] where the list follows
    /// another.
    ///
    /// # Errors
    ///
    /// The first step that refuses the token names itself in [`Refusal`]. It is
    /// [`Refusal::Stale`], and no fault of the token's, where the list is too old to tell; that goes
    /// for an unknown key as well, since keys come from where the list comes from.
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use jeton::{Guard, KeySet, Policy, Refusal, RevocationList, VerifyError};
    /// # use std::time::Duration;
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let list = Arc::new(RevocationList::new());
    /// let guard = Guard::new(keys, policy, list);
    /// assert_eq!(guard.check(&token, now)?.subject(), "alice");
    ///
    /// let later = now.after(Duration::from_hours(1));
    /// assert_eq!(guard.check(&token, later), Err(Refusal::Invalid(VerifyError::Expired)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&self, token: &str, now: impl Into<Moment>) -> Result<Identity, Refusal> {
        match self.examine(token, now, self.staleness)? {
            Verdict::Admitted(identity) => Ok(identity),
            Verdict::Unconfirmed(_) => Err(Refusal::Stale),
        }
    }

    /// The same under a staleness other than the guard's own, for a route that needs another; and for
    /// [`StalePolicy::Ask`](crate::StalePolicy::Ask), under which somebody may have to ask the issuer.
    ///
    /// # Errors
    ///
    /// As [`check`](Self::check).
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::sync::Arc;
    /// # use std::time::{Duration, Instant};
    /// # use jeton::{Guard, KeySet, Moment, Policy, Refusal, RevocationList, StalePolicy};
    /// # use jeton::{Staleness, Verdict};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let list = Arc::new(RevocationList::following());
    /// # let heard = Instant::now();
    /// # list.complete_as_of(heard);
    /// let guard = Guard::new(keys, policy, list);
    /// let now = Moment::new(now, heard + Duration::from_secs(3));
    ///
    /// let payments = Staleness { max: Duration::from_secs(2), policy: StalePolicy::Refuse };
    /// assert!(matches!(guard.examine(&token, now, guard.staleness())?, Verdict::Admitted(_)));
    /// assert_eq!(guard.examine(&token, now, payments), Err(Refusal::Stale));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn examine(
        &self,
        token: &str,
        now: impl Into<Moment>,
        staleness: Staleness,
    ) -> Result<Verdict, Refusal> {
        let now = now.into();
        let trusted = self.trusted.load();
        if let Some(known) = trusted.cache.as_ref().and_then(|cache| cache.get(token))
            && let Some(known) = known.as_ref()
        {
            trusted.verifier.policy().accept_times(known.claims.times(), now.wall())?;
            return self.admit(known, now, staleness);
        }
        let claims = trusted.verifier.verify_access_token(token, now.wall());
        let claims = claims.map_err(|error| self.name(error, token, (now, staleness)))?;
        let marks = Marks::of(&claims);
        let known = Arc::new(Known::new(token, claims, marks));
        if let Some(cache) = &trusted.cache {
            cache.insert(Arc::clone(&known));
        }
        self.admit(&known, now, staleness)
    }

    /// Resolves when what this identity was made of is revoked: its session, its token, or the key.
    /// For what outlives a request; see [`Ended`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::pin::pin;
    /// # use std::sync::Arc;
    /// # use std::task::{Context, Poll, Waker};
    /// # use jeton::{Guard, KeyId, KeySet, Policy, Refusal, Revocation, RevocationList, Target};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let guard = Guard::new(keys, policy, Arc::new(RevocationList::new()));
    /// # let mut context = Context::from_waker(Waker::noop());
    /// let identity = guard.check(&token, now)?;
    /// let mut ending = pin!(guard.ending(&identity));
    /// assert_eq!(ending.as_mut().poll(&mut context), Poll::Pending);
    ///
    /// let target = Target::Key(KeyId::new("2027")?);
    /// guard.revocations().add(&Revocation { target, until: identity.claims().expires_at });
    /// assert_eq!(ending.poll(&mut context), Poll::Ready(Refusal::KeyWithdrawn));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ending(&self, identity: &Identity) -> Ended {
        self.list.ending(identity.shared_claims())
    }

    /// What a token is refused with. A key that was withdrawn is not in the set any more, and still
    /// not unknown: nothing but that is believed of a header that nobody has signed. And one that a
    /// list has never heard of which is too old may be one of those that came since.
    fn name(&self, error: VerifyError, token: &str, asked: (Moment, Staleness)) -> Refusal {
        if error != VerifyError::UnknownKey {
            return error.into();
        }
        let parsed = jws::Compact::parse(token).ok();
        let id = parsed.as_ref().and_then(|token| token.header().key_id());
        if id.is_some_and(|id| self.list.withdraws(id)) {
            return Refusal::KeyWithdrawn;
        }
        let (now, staleness) = asked;
        let is_old = self.list.age(now).is_none_or(|age| age > staleness.max);
        if is_old { Refusal::Stale } else { error.into() }
    }

    /// Lets a verified token in, unless it was taken back or nobody can tell.
    fn admit(&self, known: &Known, now: Moment, staleness: Staleness) -> Result<Verdict, Refusal> {
        // Its age first: a list that becomes complete behind a look at it would vouch for that look.
        let age = self.list.age(now);
        self.list.check_marks(known.marks, &known.claims)?;
        let identity = Identity::new(Arc::clone(&known.claims));
        match staleness.judge(age, now.wall(), known.claims.issued_at) {
            Judgement::Accept => Ok(Verdict::Admitted(identity)),
            Judgement::Ask => Ok(Verdict::Unconfirmed(Unconfirmed::new(identity))),
            Judgement::Refuse => Err(Refusal::Stale),
        }
    }
}
