//! The keys of an issuer over time: published before use, kept until their last token is dead.
//!
//! ```text
//!  created ── published, not used ──▶ active ── signs ──▶ next one active ── only verifies ──▶ dead
//!           lead (verifiers refetch)                                     tail (tokens die out)
//! ```
//!
//! Which key signs is a pure function of the time, so a node that knows the keyring needs no
//! message to switch, and the refresh token of one generation is the same string whenever it is
//! made again. There are two rings: one for access tokens, whose public halves are the JWK Set, and
//! one for refresh tokens, which is never published.

mod document;
mod merge;
mod ring;

use std::time::Duration;

use jeton::{Algorithm, JwkSet, KeyError, KeyId, KeySet, SigningKey, Timestamp};
use zeroize::Zeroizing;

use crate::keyring::document::Document;
use crate::keyring::ring::{Ring, RingKey};

/// How long keys are kept around their use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyTimes {
    /// From publishing a key to signing with it: longer than verifiers cache a JWK Set.
    pub lead: Duration,
    /// From an access key's last use to the death of the last token it signed.
    pub access_tail: Duration,
    /// The same for refresh keys.
    pub refresh_tail: Duration,
}

impl KeyTimes {
    /// Twice as long as our JWK Set may be cached.
    pub const LEAD: Duration = Duration::from_mins(10);
}

/// Why a keyring did not do what it was asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum KeyringError {
    /// A next key is published already and becomes active at this time.
    #[error("the next key is already published and becomes active at {0}")]
    NextIsPublished(Timestamp),
    /// The document is not a keyring, or from a later version.
    #[error("not a keyring document of version 1")]
    Document,
    /// It has no key with this `kid`.
    #[error("there is no key with this `kid`")]
    NoSuchKey,
    /// A key in it, or a new one, is not usable.
    #[error(transparent)]
    Key(#[from] KeyError),
}

/// The signing keys of an issuer, past, present and next. `Debug` and [`summary`](Self::summary)
/// show ids and times only.
#[derive(Clone, Debug)]
pub struct Keyring {
    access: Ring,
    refresh: Ring,
    withdrawn: Vec<WithdrawnKey>,
    /// Every key that was taken out, of either ring, so that no older copy brings one back.
    gone: Vec<WithdrawnKey>,
}

/// A key that was taken out because nobody should trust it any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithdrawnKey {
    /// Its `kid`.
    pub id: KeyId,
    /// When it was taken out.
    pub at: Timestamp,
}

/// One key of a keyring, without its material.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySummary {
    /// What it signs: `access` or `refresh`.
    pub purpose: &'static str,
    /// Its `kid`.
    pub id: KeyId,
    /// Its algorithm.
    pub algorithm: Algorithm,
    /// When it was made and published.
    pub created_at: Timestamp,
    /// When it starts to sign.
    pub active_from: Timestamp,
    /// When the next one takes over, if that is known.
    pub active_until: Option<Timestamp>,
}

impl Keyring {
    /// New keys, in use at once. Refresh tokens are always signed with HS256.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Key`]
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, Timestamp};
    /// use jeton_session::Keyring;
    ///
    /// let ring = Keyring::generate(Algorithm::Es256, Timestamp::from_secs(0))?;
    /// assert_eq!(ring.jwks().keys().count(), 1);
    /// # Ok::<(), jeton_session::KeyringError>(())
    /// ```
    pub fn generate(algorithm: Algorithm, now: Timestamp) -> Result<Self, KeyringError> {
        Ok(Self {
            access: Ring::new(RingKey::generate(algorithm, now, now)?),
            refresh: Ring::new(RingKey::generate(Algorithm::Hs256, now, now)?),
            withdrawn: Vec::new(),
            gone: Vec::new(),
        })
    }

    /// Publishes the next keys, which take over after the lead, and forgets the dead ones.
    ///
    /// # Errors
    ///
    /// [`KeyringError::NextIsPublished`] if that was done already; [`KeyringError::Key`], also when
    /// [too many](jeton::limits::KEYS) keys are still alive.
    pub fn rotate(
        &self,
        algorithm: Algorithm,
        times: KeyTimes,
        now: Timestamp,
    ) -> Result<Self, KeyringError> {
        if let Some(pending) = self.access.pending(now) {
            return Err(KeyringError::NextIsPublished(pending));
        }
        let from = now.after(times.lead);
        let next = RingKey::generate(algorithm, now, from)?;
        let next_refresh = RingKey::generate(Algorithm::Hs256, now, from)?;
        let alive = self.without_dead(times, now);
        let rotated = Self {
            access: alive.access.with(next),
            refresh: alive.refresh.with(next_refresh),
            withdrawn: alive.withdrawn,
            gone: alive.gone,
        };
        // No more keys than a verifier reads.
        rotated.access_keys()?;
        rotated.refresh_keys()?;
        Ok(rotated)
    }

    /// The keyring without the keys whose last token is dead.
    #[must_use]
    pub fn without_dead(&self, times: KeyTimes, now: Timestamp) -> Self {
        let is_recent = |key: &&WithdrawnKey| now < key.at.after(times.access_tail);
        let withdrawn = self.withdrawn.iter().filter(is_recent);
        Self {
            access: self.access.without_dead(times.access_tail, now),
            refresh: self.refresh.without_dead(times.refresh_tail, now),
            withdrawn: withdrawn.cloned().collect(),
            gone: self.gone.clone(),
        }
    }

    /// The keyring without a key that is no longer to be trusted: nothing is signed with it, and
    /// no token of its is accepted. Another key signs at once, a new one if there is no other.
    ///
    /// Verifiers that still hold the old JWK Set learn it from
    /// [`Sessions::withdraw_key`](crate::Sessions::withdraw_key).
    ///
    /// # Errors
    ///
    /// [`KeyringError::Key`]
    pub fn without(&self, id: &KeyId, now: Timestamp) -> Result<Self, KeyringError> {
        let (access, refresh) = (self.access.without(id, now)?, self.refresh.without(id, now)?);
        Ok(Self { access, refresh, withdrawn: self.withdrawn.clone(), gone: self.gone.clone() })
    }

    /// The same, and remembers it of an access key, so that whoever reads the keyring can tell
    /// verifiers. Doing it twice is doing it once. What a refresh key has signed simply fails: nobody
    /// but the issuer has ever known that key.
    ///
    /// # Errors
    ///
    /// [`KeyringError::NoSuchKey`], [`KeyringError::Key`]
    ///
    /// # Examples
    ///
    /// ```
    /// use jeton::{Algorithm, Timestamp};
    /// use jeton_session::Keyring;
    ///
    /// let now = Timestamp::from_secs(0);
    /// let ring = Keyring::generate(Algorithm::Es256, now)?;
    /// let stolen = ring.summary()[0].id.clone();
    /// let ring = ring.withdraw(&stolen, now)?;
    /// assert_eq!(ring.withdrawn()[0].id, stolen);
    /// assert_ne!(ring.summary()[0].id, stolen); // a new one
    /// # Ok::<(), jeton_session::KeyringError>(())
    /// ```
    pub fn withdraw(&self, id: &KeyId, now: Timestamp) -> Result<Self, KeyringError> {
        let has = |ring: &Ring| ring.keys().any(|key| key.signing().id() == Some(id));
        if self.withdrawn.iter().any(|key| key.id == *id) && !has(&self.access) {
            return Ok(self.clone());
        }
        if !has(&self.access) && !has(&self.refresh) {
            return Err(KeyringError::NoSuchKey);
        }
        let mut without = self.without(id, now)?;
        let key = WithdrawnKey { id: id.clone(), at: now };
        without.gone = merge::union(&self.gone, std::slice::from_ref(&key));
        if has(&self.access) {
            without.withdrawn.push(key);
        }
        Ok(without)
    }

    /// The access keys that were withdrawn, for as long as a token of theirs could live and until
    /// the next rotation.
    #[must_use]
    pub fn withdrawn(&self) -> &[WithdrawnKey] {
        &self.withdrawn
    }

    /// The key that signs access tokens at this time.
    #[must_use]
    pub fn access_key(&self, at: Timestamp) -> &SigningKey {
        self.access.active(at)
    }

    /// The key that signed refresh tokens at this time.
    #[must_use]
    pub fn refresh_key(&self, at: Timestamp) -> &SigningKey {
        self.refresh.active(at)
    }

    /// What verifies access tokens: every key of the ring, the next one included.
    ///
    /// # Errors
    ///
    /// [`KeyError::Ambiguous`] or [`KeyError::TooManyKeys`] for a keyring that was edited by hand.
    pub fn access_keys(&self) -> Result<KeySet, KeyError> {
        self.access.verifying_keys()
    }

    /// What verifies refresh tokens. For the issuer alone.
    ///
    /// # Errors
    ///
    /// [`KeyError::Ambiguous`] or [`KeyError::TooManyKeys`] for a keyring that was edited by hand.
    pub fn refresh_keys(&self) -> Result<KeySet, KeyError> {
        self.refresh.verifying_keys()
    }

    /// The public halves of the access keys. Empty where those are shared secrets.
    #[must_use]
    pub fn jwks(&self) -> JwkSet {
        JwkSet::new(self.access.keys().filter_map(|key| {
            key.signing().public_key().map(|public| (key.signing().id().cloned(), public))
        }))
    }

    /// Every key without its material, oldest first, access keys before refresh keys.
    #[must_use]
    pub fn summary(&self) -> Vec<KeySummary> {
        let access = self.access.summary("access");
        access.into_iter().chain(self.refresh.summary("refresh")).collect()
    }

    /// The keyring with all its secrets, as JSON, to be kept where nobody else reads it.
    #[must_use]
    pub fn to_document(&self) -> Zeroizing<String> {
        Document::of(self).to_json()
    }

    /// Reads what [`to_document`](Self::to_document) wrote.
    ///
    /// # Errors
    ///
    /// [`KeyringError::Document`] or [`KeyringError::Key`]
    pub fn from_document(text: &str) -> Result<Self, KeyringError> {
        let document = Document::from_json(text)?;
        let (withdrawn, gone) = (document.withdrawn()?, document.gone()?);
        let (access, refresh) = document.into_rings()?;
        Ok(Self { access, refresh, withdrawn, gone })
    }
}
