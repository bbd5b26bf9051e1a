//! One purpose's keys in the order of their use.

use std::fmt;
use std::time::Duration;

use aws_lc_rs::rand;
use jeton::jws::{self, Compact};
use jeton::{
    Algorithm, KeyError, KeyId, KeySet, PrivateKey, SecretKey, SigningKey, Timestamp, base64url,
};
use zeroize::Zeroizing;

use crate::keyring::{KeySummary, KeyringError};

/// Keys in the order in which they become active; never empty.
#[derive(Clone, Debug)]
pub(super) struct Ring {
    first: RingKey,
    later: Vec<RingKey>,
}

/// A key and its times. Keeps the text of its material, to be written down again.
#[derive(Clone)]
pub(super) struct RingKey {
    signing: SigningKey,
    material: Zeroizing<String>,
    pub(super) created_at: Timestamp,
    pub(super) active_from: Timestamp,
}

impl Ring {
    pub(super) const fn new(first: RingKey) -> Self {
        Self { first, later: Vec::new() }
    }

    /// A ring of these keys, if there is any.
    pub(super) fn from_keys(mut keys: Vec<RingKey>) -> Option<Self> {
        // Those that are alike stay as they were: what is read is what was written.
        keys.sort_by_key(|key| (key.active_from, key.created_at));
        let mut keys = keys.into_iter();
        let first = keys.next()?;
        Some(Self { first, later: keys.collect() })
    }

    pub(super) fn with(mut self, next: RingKey) -> Self {
        self.later.push(next);
        self
    }

    pub(super) fn keys(&self) -> impl Iterator<Item = &RingKey> {
        std::iter::once(&self.first).chain(&self.later)
    }

    /// The key that signs at this time: the last that had become active; before all, the first.
    pub(super) fn active(&self, at: Timestamp) -> &SigningKey {
        let active = self.later.iter().rev().find(|key| key.active_from <= at);
        &active.unwrap_or(&self.first).signing
    }

    /// When the next key becomes active, if one is published.
    pub(super) fn pending(&self, now: Timestamp) -> Option<Timestamp> {
        self.later.last().map(|last| last.active_from).filter(|from| *from > now)
    }

    pub(super) fn verifying_keys(&self) -> Result<KeySet, KeyError> {
        KeySet::new(self.keys().map(|key| key.signing.verifying_key()))
    }

    /// Without the keys whose successor took over longer than `tail` ago.
    pub(super) fn without_dead(&self, tail: Duration, now: Timestamp) -> Self {
        let mut alive = self.clone();
        while let Some(next) = alive.later.first() {
            if now < next.active_from.after(tail) {
                break;
            }
            alive.first = alive.later.remove(0);
        }
        alive
    }

    /// Without this key; with a new one in its place if there was no other.
    pub(super) fn without(&self, id: &KeyId, now: Timestamp) -> Result<Self, KeyringError> {
        let others = self.keys().filter(|key| key.signing.id() != Some(id));
        match Self::from_keys(others.cloned().collect()) {
            Some(ring) => Ok(ring),
            None => RingKey::generate(self.algorithm(), now, now).map(Self::new),
        }
    }

    /// Of the key that has been there for longest.
    pub(super) fn algorithm(&self) -> Algorithm {
        self.first.signing.algorithm()
    }

    pub(super) fn summary(&self, purpose: &'static str) -> Vec<KeySummary> {
        let successors = self.later.iter().map(|next| Some(next.active_from));
        let summarize = |(key, active_until): (&RingKey, Option<Timestamp>)| {
            key.signing.id().cloned().map(|id| KeySummary {
                purpose,
                id,
                algorithm: key.signing.algorithm(),
                created_at: key.created_at,
                active_from: key.active_from,
                active_until,
            })
        };
        self.keys().zip(successors.chain([None])).filter_map(summarize).collect()
    }
}

impl RingKey {
    pub(super) fn generate(
        algorithm: Algorithm,
        created_at: Timestamp,
        active_from: Timestamp,
    ) -> Result<Self, KeyringError> {
        let (signing, material) = if algorithm.is_symmetric() {
            let secret = SecretKey::generate(algorithm)?;
            let text = Zeroizing::new(base64url::encode(secret.expose()));
            (SigningKey::secret(secret).with_id(random_id()?), text)
        } else {
            let private = PrivateKey::generate(algorithm)?;
            let id = KeyId::new(&private.public_key().thumbprint())?;
            let text = private.to_pem()?;
            (SigningKey::private(private).with_id(id), text)
        };
        let key = Self { signing, material, created_at, active_from };
        key.proven()
    }

    /// A key from its written form: base64url of a secret, or a PKCS#8 PEM.
    pub(super) fn read(
        (id, algorithm): (&str, &str),
        material: Zeroizing<String>,
        created_at: Timestamp,
        active_from: Timestamp,
    ) -> Result<Self, KeyringError> {
        let algorithm = Algorithm::from_name(algorithm).ok_or(KeyringError::Document)?;
        let id = KeyId::new(id)?;
        let signing = if algorithm.is_symmetric() {
            let bytes = base64url::decode(&material).map(Zeroizing::new);
            SigningKey::secret(SecretKey::new(algorithm, &bytes.ok_or(KeyringError::Document)?)?)
        } else {
            let private = PrivateKey::from_pem(&material)?.with_algorithm(algorithm);
            SigningKey::private(private.map_err(|_| KeyringError::Document)?)
        };
        let key = Self { signing: signing.with_id(id), material, created_at, active_from };
        key.proven()
    }

    /// Its `kid`; every key has one.
    pub(super) fn id(&self) -> &str {
        self.signing.id().map(KeyId::as_str).unwrap_or_default()
    }

    /// The key, if what it signs verifies: one that does not is found here, not at a login.
    fn proven(self) -> Result<Self, KeyringError> {
        let probe = jws::sign(&self.signing, "probe+jws", b"probe")?;
        let verifying = self.signing.verifying_key();
        let verified = Compact::parse(&probe).and_then(|probe| probe.verify(&verifying));
        verified.map(|_| self).map_err(|_| KeyError::Signing.into())
    }

    pub(super) const fn signing(&self) -> &SigningKey {
        &self.signing
    }

    pub(super) fn material(&self) -> &str {
        &self.material
    }
}

impl fmt::Debug for RingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RingKey")
            .field("id", &self.signing.id())
            .field("active_from", &self.active_from)
            .finish_non_exhaustive()
    }
}

/// A `kid` for a secret: random, since a thumbprint would be a hash of the secret.
fn random_id() -> Result<KeyId, KeyringError> {
    let mut bytes = [0; 16];
    rand::fill(&mut bytes).map_err(|_| KeyError::NoRandomness)?;
    Ok(KeyId::new(&base64url::encode(&bytes))?)
}
