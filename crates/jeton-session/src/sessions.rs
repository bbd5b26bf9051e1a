//! Logins, refreshes and revocations behind tokens.

mod client;
mod introspect;
mod knowledge;
mod open;
mod refresh;
mod revoke;

use std::sync::Arc;
use std::time::{Duration, Instant};

use arc_swap::ArcSwap;
use aws_lc_rs::rand;
use jeton::{
    Guard, Identity, JwkSet, KeyError, KeyId, Refusal, Revocation, RevocationList, SignError,
    StalePolicy, Staleness, SubjectKey, Timestamp, Verdict, Verifier, base64url,
};
use tokio::sync::Mutex;

pub use self::knowledge::Knowledge;
pub use self::refresh::{Outcome, Refreshed};
pub use self::revoke::Revocable;

use crate::canary::Canary;
use crate::error::NO_RANDOMNESS;
use crate::issue::{Issue, TokenPair};
use crate::keyring::Keyring;
use crate::refresh_token;
use crate::rules::{Granted, Step};
use crate::stall::Stalls;
use crate::store::{Batch, Cursor, SessionStore, StoreError};
use crate::subject::{Session, Subject};
use crate::terms::{Terms, TermsError};

/// Opens, refreshes and ends sessions over a store, and guards with what it knows.
///
/// What this process revokes, its own [`guard`](Self::guard) refuses before the call returns.
///
/// # Examples
///
/// ```
/// use jeton::{Algorithm, Timestamp};
/// use jeton_session::{Keyring, Login, MemoryStore, Sessions, Terms};
///
/// # tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(async {
/// let now = Timestamp::from_secs(1_800_000_000);
/// let terms = Terms::new("https://login.example", "https://api.example");
/// let keyring = Keyring::generate(Algorithm::Es256, now)?;
/// let sessions = Sessions::start(MemoryStore::new(), terms, keyring).await?;
///
/// let pair = sessions.open(Login::of("alice"), now).await?;
/// assert_eq!(sessions.guard().check(&pair.access_token, now)?.subject(), "alice");
///
/// let next = sessions.refresh(&pair.refresh_token, now).await?.pair;
/// sessions.end(next.session, jeton::Reason::LoggedOut, now).await?;
/// let refusal = sessions.guard().check(&next.access_token, now).unwrap_err();
/// assert_eq!(refusal.code(), "logged_out");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
pub struct Sessions<S> {
    store: S,
    terms: Terms,
    keys: ArcSwap<Keys>,
    guard: Arc<Guard>,
    /// How far the guard has followed the store's feed.
    followed: Mutex<Cursor>,
    stalls: Arc<Stalls>,
}

/// What is replaced whole when the keyring changes.
#[derive(Debug)]
struct Keys {
    ring: Keyring,
    refresh: Verifier,
}

/// Why sessions could not be started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StartError {
    /// The terms are out of bounds.
    #[error(transparent)]
    Terms(#[from] TermsError),
    /// The keyring is not usable.
    #[error(transparent)]
    Keys(#[from] KeyError),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl<S: SessionStore> Sessions<S> {
    /// Reads the store's revocations, so that what was revoked before a restart stays revoked.
    ///
    /// # Errors
    ///
    /// [`StartError`]
    pub async fn start(store: S, terms: Terms, keyring: Keyring) -> Result<Self, StartError> {
        let list = RevocationList::new();
        list.set_retention(terms.retention());
        Self::start_with(store, terms, keyring, list).await
    }

    /// The same with a list of the caller's, such as one [with a
    /// bound](RevocationList::with_bound); or, where other processes revoke as well, one that
    /// [follows](RevocationList::following) and has to be told how complete it is.
    ///
    /// # Errors
    ///
    /// [`StartError`]
    pub async fn start_with(
        store: S,
        terms: Terms,
        keyring: Keyring,
        knowledge: impl Into<Knowledge>,
    ) -> Result<Self, StartError> {
        terms.check()?;
        let Knowledge { list, staleness } = knowledge.into();
        let guard = Guard::new(keyring.access_keys()?, terms.access_policy(), Arc::new(list));
        let guard = guard.with_staleness(staleness);
        let sessions = Self {
            keys: ArcSwap::from_pointee(Keys::new(&terms, keyring)?),
            guard: Arc::new(guard),
            followed: Mutex::new(Cursor::START),
            stalls: Arc::default(),
            store,
            terms,
        };
        sessions.catch_up().await?;
        Ok(sessions)
    }

    /// Has the guard refuse everything that the store has revoked by now.
    ///
    /// A call that was given up halfway may have revoked something that its guard has not heard of.
    /// Whoever finds the work done by somebody else catches up before answering so; a service does
    /// it now and then as well.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if there may be more.
    pub async fn catch_up(&self) -> Result<(), StoreError> {
        let mut followed = self.followed.lock().await;
        loop {
            let batch = self.store.tail(*followed, Duration::ZERO).await?;
            let is_end = batch.revocations.is_empty() && batch.cursor == *followed;
            self.refuse(&batch.revocations);
            *followed = batch.cursor;
            if is_end {
                return Ok(());
            }
        }
    }

    /// The same, and everything that any process has revoked of a subject before this call.
    pub(crate) async fn catch_up_with(&self, subject: SubjectKey) -> Result<(), StoreError> {
        self.store.beat_of(subject).await?;
        self.catch_up().await
    }

    /// Has the guard refuse what somebody has read behind this place of the store's feed, so that
    /// [`catch_up`](Self::catch_up) need not read it again: for a service that follows the feed anyway.
    pub fn heard(&self, after: Cursor, batch: &Batch) {
        self.refuse(&batch.revocations);
        // Whoever holds it is catching up just now, and moves it on.
        if let Ok(mut followed) = self.followed.try_lock()
            && after <= *followed
        {
            *followed = (*followed).max(batch.cursor);
        }
    }

    /// Sends a [heartbeat](SessionStore::beat) through the store. A service does so all the time; so a
    /// store that fails while nobody refreshes is known to have failed when they come back.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it did not get through.
    pub async fn beat(&self) -> Result<Cursor, StoreError> {
        let since = Instant::now();
        let beaten = self.store.beat().await;
        self.stalls.heard(since, beaten.is_ok());
        beaten
    }

    /// The place in the store's feed up to which the guard has heard of everything.
    pub async fn followed(&self) -> Cursor {
        *self.followed.lock().await
    }

    /// A subject's living sessions, oldest first.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if they could not be read.
    pub async fn list(
        &self,
        subject: SubjectKey,
        now: Timestamp,
    ) -> Result<Vec<Session>, StoreError> {
        let mut sessions = self.store.load(subject).await?.sessions;
        sessions.retain(|session| !session.has_expired(now));
        Ok(sessions)
    }

    /// What checks access tokens against the same keys and revocations.
    #[must_use]
    pub const fn guard(&self) -> &Arc<Guard> {
        &self.guard
    }

    /// The store underneath.
    #[must_use]
    pub const fn store(&self) -> &S {
        &self.store
    }

    /// On what terms tokens are issued.
    #[must_use]
    pub const fn terms(&self) -> &Terms {
        &self.terms
    }

    /// The public keys, to be published.
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        self.keys.load().ring.jwks()
    }

    /// Whether a token that names this key can be judged with the keyring of the moment.
    #[must_use]
    pub fn knows_key(&self, id: &KeyId) -> bool {
        self.keys.load().ring.has(id)
    }

    /// Takes another keyring, after a rotation.
    ///
    /// # Errors
    ///
    /// [`KeyError::Ambiguous`] or [`KeyError::TooManyKeys`] for a keyring edited by hand; the old
    /// one stays.
    pub fn set_keyring(&self, keyring: Keyring) -> Result<(), KeyError> {
        let access = keyring.access_keys()?;
        let keys = Keys::new(&self.terms, keyring)?;
        // The guard first: what is signed with the new keys must not be refused for a moment.
        self.guard.set_keys(access);
        self.keys.store(Arc::new(keys));
        Ok(())
    }

    /// Commits a rule's step, and refuses here at once what it revoked.
    async fn update<T, F>(&self, subject: SubjectKey, rule: F) -> Result<T, StoreError>
    where
        T: Send + 'static,
        F: Fn(&Subject) -> Step<T> + Send + Sync + 'static,
    {
        let step = move |subject: &Subject| {
            let step = rule(subject);
            let revocations: Vec<Revocation> = step.revocations.clone();
            step.map(|answer| (answer, revocations))
        };
        let waiting = self.stalls.wait(subject);
        let updated = self.store.update(subject, step).await;
        waiting.ends(updated.is_ok());
        let (answer, revocations) = updated?;
        self.refuse(&revocations);
        Ok(answer)
    }

    /// What the guard says of a token where it does not matter how old its list is: because the store
    /// was asked, or will be.
    fn check(&self, token: &str, now: Timestamp) -> Result<Identity, Refusal> {
        let any_age = Staleness { max: Duration::MAX, policy: StalePolicy::AcceptRecent };
        match self.guard.examine(token, now, any_age)? {
            Verdict::Admitted(identity) => Ok(identity),
            Verdict::Unconfirmed(_) => Err(Refusal::Stale),
        }
    }

    fn refuse(&self, revocations: &[Revocation]) {
        let refusing = revocations.iter().filter(|revocation| Canary::of(revocation).is_none());
        for revocation in refusing {
            self.guard.revocations().add(revocation);
        }
    }

    fn issue(
        &self,
        subject: &str,
        granted: &Granted,
        now: Timestamp,
    ) -> Result<TokenPair, SignError> {
        let token_id = base64url::encode(&random::<16>()?);
        let keys = self.keys.load();
        let (terms, keyring) = (&self.terms, &keys.ring);
        Issue { terms, keyring, subject, granted, token_id: &token_id }.sign(now)
    }
}

impl Keys {
    fn new(terms: &Terms, ring: Keyring) -> Result<Self, KeyError> {
        let refresh = refresh_token::verifier(terms, ring.refresh_keys()?);
        Ok(Self { ring, refresh })
    }
}

fn random<const N: usize>() -> Result<[u8; N], SignError> {
    let mut bytes = [0; N];
    rand::fill(&mut bytes).map_err(|_| NO_RANDOMNESS)?;
    Ok(bytes)
}
