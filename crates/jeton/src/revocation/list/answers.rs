//! What a list answers.

use std::sync::Arc;
use std::sync::atomic::Ordering;

use super::RevocationList;
use crate::claims::AccessClaims;
use crate::error::Refusal;
use crate::id::SessionId;
use crate::key::KeyId;
use crate::revocation::{Ended, Entry, Fingerprint, Marks, Reason};

impl RevocationList {
    /// Everything it holds, in no order. What is added meanwhile may be missing.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Entry, Fingerprint, Refused, RevocationList, SubjectKey, Timestamp};
    ///
    /// let alice = Fingerprint::of_subject(SubjectKey::of("alice"));
    /// let entry = Entry { refused: Refused::Versions(alice, 4), until: Timestamp::from_secs(700) };
    /// let list = RevocationList::new();
    /// list.apply(&entry);
    /// assert_eq!(list.entries(), [entry]);
    /// ```
    #[must_use]
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries = Vec::with_capacity(self.len());
        self.for_each_entry(|entry| entries.push(entry));
        entries
    }

    /// Visits everything it holds, likewise: for who writes it down anyway, and needs no copy.
    ///
    /// Holds nobody up, however long the visits take.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Entry, Refused, RevocationList, Timestamp};
    ///
    /// let list = RevocationList::new();
    /// let refused = Refused::All(Timestamp::from_secs(10));
    /// list.apply(&Entry { refused: refused.clone(), until: Timestamp::from_secs(700) });
    /// list.for_each_entry(|entry| assert_eq!(entry.refused, refused));
    /// ```
    pub fn for_each_entry(&self, visit: impl FnMut(Entry)) {
        let tables = Arc::clone(&self.holdings.tables()); // for long: a loaded one is for a moment
        tables.for_each(visit);
    }

    /// Whether a token with these claims is refused, and why: five probes at most.
    ///
    /// A [`Guard`](crate::Guard) asks it for every token.
    ///
    /// # Errors
    ///
    /// [`Refusal::KeyWithdrawn`] if its key was, [`Refusal::Ended`] if its session was or the token
    /// itself, [`Refusal::Recalled`] if its `ver` is lower than its subject's, or its `iat` not later
    /// than a full list has come to ask.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Refusal, Revocation, RevocationList, SubjectKey, Target};
    /// # use jeton::{KeySet, Policy, Verifier};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// let claims = Verifier::new(keys, policy).verify_access_token(&token, now)?; // of version 3
    ///
    /// let list = RevocationList::new();
    /// assert_eq!(list.check(&claims), Ok(()));
    /// let target = Target::Subject(SubjectKey::of("alice"), 4);
    /// list.add(&Revocation { target, until: claims.expires_at });
    /// assert_eq!(list.check(&claims), Err(Refusal::Recalled));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn check(&self, claims: &AccessClaims) -> Result<(), Refusal> {
        if self.is_empty() { Ok(()) } else { self.check_marks(Marks::of(claims), claims) }
    }

    /// Resolves once the session, the token or the key behind these claims is revoked: see [`Ended`].
    ///
    /// # Examples
    ///
    /// ```
    /// # use std::pin::pin;
    /// # use std::sync::Arc;
    /// # use std::task::{Context, Poll, Waker};
    /// # use jeton::{KeySet, Policy, Refusal, Reason, Revocation, RevocationList, Target, Verifier};
    /// # let (key, token, now) =
    /// #     include!(concat!(env!("CARGO_MANIFEST_DIR"), "/examples/doc/alice.rs"));
    /// # let keys = KeySet::new([key.verifying_key()])?;
    /// # let policy = Policy::access_token("https://login.example", "https://api.example");
    /// # let claims = Verifier::new(keys, policy).verify_access_token(&token, now)?;
    /// # let mut context = Context::from_waker(Waker::noop());
    /// let list = Arc::new(RevocationList::new());
    /// let mut ending = pin!(list.ending(Arc::new(claims.clone())));
    /// assert_eq!(ending.as_mut().poll(&mut context), Poll::Pending);
    ///
    /// let target = Target::Token("t1".to_owned(), Reason::Revoked); // its `jti`
    /// list.add(&Revocation { target, until: claims.expires_at });
    /// assert_eq!(ending.poll(&mut context), Poll::Ready(Refusal::Ended(Reason::Revoked)));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn ending(self: &Arc<Self>, claims: Arc<AccessClaims>) -> Ended {
        Ended::new(Arc::clone(self), claims)
    }

    /// Why this session ended, while any of its access tokens could still live. A session for which a
    /// full list had no room is not known.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Reason, Revocation, RevocationList, SessionId, SubjectKey, Target, Timestamp};
    /// let list = RevocationList::new();
    /// let session = SessionId::new(SubjectKey::of("alice"), [7; 8]);
    /// assert_eq!(list.ended(session), None);
    ///
    /// let target = Target::Session(session, Reason::Banned);
    /// list.add(&Revocation { target, until: Timestamp::from_secs(700) });
    /// assert_eq!(list.ended(session), Some(Reason::Banned));
    /// ```
    #[must_use]
    pub fn ended(&self, session: SessionId) -> Option<Reason> {
        self.holdings.tables().session(Fingerprint::of_session(session))
    }

    /// Whether this key is withdrawn.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{KeyId, Revocation, RevocationList, Target, Timestamp};
    ///
    /// let (list, stolen) = (RevocationList::new(), KeyId::new("2027")?);
    /// let target = Target::Key(stolen.clone());
    /// list.add(&Revocation { target, until: Timestamp::from_secs(700) });
    /// assert!(list.withdraws(&stolen) && !list.withdraws(&KeyId::new("2028")?));
    /// # Ok::<(), jeton::KeyError>(())
    /// ```
    #[must_use]
    pub fn withdraws(&self, key: &KeyId) -> bool {
        !self.is_empty() && self.holdings.tables().keys.contains_key(key)
    }

    /// How many entries there are.
    ///
    /// # Examples
    ///
    /// ```
    /// # use jeton::{Reason, Revocation, RevocationList, Target, Timestamp};
    /// let list = RevocationList::new();
    /// let target = Target::Token("t1".to_owned(), Reason::Revoked);
    /// let revocation = Revocation { target, until: Timestamp::from_secs(700) };
    /// list.add(&revocation);
    /// list.add(&revocation);
    /// assert_eq!(list.len(), 1);
    /// ```
    #[must_use]
    pub fn len(&self) -> usize {
        self.holdings.len()
    }

    /// Whether nothing is refused.
    ///
    /// # Examples
    ///
    /// ```
    /// assert!(jeton::RevocationList::default().is_empty());
    /// ```
    #[must_use]
    #[inline]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// How many entries it could not take as they were, for it was full: see
    /// [`Bound`](crate::Bound). More than 0 is worth an alarm.
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Bound, Entry, Fingerprint, Refused, RevocationList, SubjectKey, Timestamp};
    ///
    /// let list = RevocationList::new().with_bound(Bound { entries: 1, ..Bound::default() });
    /// for subject in ["alice", "bob"] {
    ///     let id = Fingerprint::of_subject(SubjectKey::of(subject));
    ///     let until = Timestamp::from_secs(700);
    ///     list.apply(&Entry { refused: Refused::Versions(id, 4), until });
    /// }
    /// assert_eq!(list.coarsened(), 1); // instead of Bob's: every token issued until now
    /// ```
    #[must_use]
    pub fn coarsened(&self) -> u64 {
        self.coarsened.load(Ordering::Relaxed)
    }

    /// The same as [`check`](Self::check) for claims whose marks are known.
    #[inline]
    pub(crate) fn check_marks(&self, marks: Marks, claims: &AccessClaims) -> Result<(), Refusal> {
        if self.is_empty() { Ok(()) } else { self.holdings.tables().check(marks, claims) }
    }

    /// Likewise, but for recalls.
    pub(in crate::revocation) fn check_ending(
        &self,
        marks: Marks,
        claims: &AccessClaims,
    ) -> Result<(), Refusal> {
        let tables = self.holdings.tables();
        tables.check_ended(marks, claims)?;
        tables.check_issued(marks, claims)
    }
}
