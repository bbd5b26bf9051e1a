//! Keys with their ids: one to sign with, a set to verify with.

use std::sync::Arc;

use crate::algorithm::Algorithm;
use crate::jws::Header;
use crate::key::{JwkSet, KeyError, KeyId, PrivateKey, PublicKey, SecretKey};
use crate::limits;

/// A key to sign with, and the `kid` its tokens carry. Cheap to clone.
#[derive(Clone, Debug)]
pub struct SigningKey {
    id: Option<KeyId>,
    material: SigningMaterial,
}

#[derive(Clone, Debug)]
enum SigningMaterial {
    Secret(Arc<SecretKey>),
    Private(Arc<PrivateKey>),
}

impl SigningKey {
    /// A private key under this id.
    #[must_use]
    pub fn private(id: Option<KeyId>, key: PrivateKey) -> Self {
        Self { id, material: SigningMaterial::Private(Arc::new(key)) }
    }

    /// A shared secret under this id.
    #[must_use]
    pub fn secret(id: Option<KeyId>, key: SecretKey) -> Self {
        Self { id, material: SigningMaterial::Secret(Arc::new(key)) }
    }

    /// The `kid` of tokens signed with this key.
    #[must_use]
    pub const fn id(&self) -> Option<&KeyId> {
        self.id.as_ref()
    }

    /// The algorithm this key has.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match &self.material {
            SigningMaterial::Secret(key) => key.algorithm(),
            SigningMaterial::Private(key) => key.algorithm(),
        }
    }

    /// The key that verifies what this one signs.
    #[must_use]
    pub fn verifying_key(&self) -> VerifyingKey {
        let material = match &self.material {
            SigningMaterial::Secret(key) => VerifyingMaterial::Secret(Arc::clone(key)),
            SigningMaterial::Private(key) => VerifyingMaterial::Public(key.public_key().clone()),
        };
        VerifyingKey { id: self.id.clone(), material }
    }

    /// The public half, unless the key is a shared secret.
    #[must_use]
    pub fn public_key(&self) -> Option<&PublicKey> {
        match &self.material {
            SigningMaterial::Secret(_) => None,
            SigningMaterial::Private(key) => Some(key.public_key()),
        }
    }

    pub(crate) fn sign(&self, message: &[u8]) -> Result<Vec<u8>, KeyError> {
        match &self.material {
            SigningMaterial::Secret(key) => Ok(key.sign(message)),
            SigningMaterial::Private(key) => key.sign(message),
        }
    }
}

/// A key to verify with, and the `kid` that chooses it. Cheap to clone.
#[derive(Clone, Debug)]
pub struct VerifyingKey {
    id: Option<KeyId>,
    material: VerifyingMaterial,
}

#[derive(Clone, Debug)]
enum VerifyingMaterial {
    Secret(Arc<SecretKey>),
    Public(PublicKey),
}

impl VerifyingKey {
    /// A public key. Without an id it answers to every `kid`.
    #[must_use]
    pub const fn public(id: Option<KeyId>, key: PublicKey) -> Self {
        Self { id, material: VerifyingMaterial::Public(key) }
    }

    /// A shared secret. Without an id it answers to every `kid`.
    #[must_use]
    pub fn secret(id: Option<KeyId>, key: SecretKey) -> Self {
        Self { id, material: VerifyingMaterial::Secret(Arc::new(key)) }
    }

    /// The `kid` this key answers to.
    #[must_use]
    pub const fn id(&self) -> Option<&KeyId> {
        self.id.as_ref()
    }

    /// The algorithm this key has.
    #[must_use]
    pub fn algorithm(&self) -> Algorithm {
        match &self.material {
            VerifyingMaterial::Secret(key) => key.algorithm(),
            VerifyingMaterial::Public(key) => key.algorithm(),
        }
    }

    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.material {
            VerifyingMaterial::Secret(key) => key.verify(message, signature),
            VerifyingMaterial::Public(key) => key.verify(message, signature),
        }
    }

    /// Whether a token with this header may have been signed by this key. The `alg` of the header
    /// can only disagree; a `kid` that only one side has does not.
    fn answers_to(&self, header: &Header) -> bool {
        let ids_agree = match (&self.id, header.key_id()) {
            (Some(own), Some(asked)) => own == asked,
            _ => true,
        };
        ids_agree && header.algorithm() == Some(self.algorithm())
    }
}

/// The keys of one issuer.
#[derive(Clone, Debug, Default)]
pub struct KeySet {
    keys: Vec<VerifyingKey>,
}

impl KeySet {
    /// A set of these keys.
    ///
    /// # Errors
    ///
    /// [`KeyError::Ambiguous`] if two keys of one algorithm have the same id, or one of them none,
    /// so that a token could mean either; also for more than [`limits::KEYS`].
    pub fn new(keys: impl IntoIterator<Item = VerifyingKey>) -> Result<Self, KeyError> {
        let keys: Vec<VerifyingKey> = keys.into_iter().take(limits::KEYS + 1).collect();
        let twice = keys.iter().enumerate().any(|(i, key)| {
            keys.iter().skip(i + 1).any(|other| {
                let ids_agree = key.id == other.id || key.id.is_none() || other.id.is_none();
                ids_agree && key.algorithm() == other.algorithm()
            })
        });
        if twice || keys.len() > limits::KEYS {
            return Err(KeyError::Ambiguous);
        }
        Ok(Self { keys })
    }

    /// How many keys there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.keys.len()
    }

    /// Whether there is no key, so that every token is refused.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.keys.is_empty()
    }

    /// The one key that may have signed a token with this header. Several candidates are as good
    /// as none: a token does not get to try keys.
    pub(crate) fn select(&self, header: &Header) -> Option<&VerifyingKey> {
        let mut candidates = self.keys.iter().filter(|key| key.answers_to(header));
        let candidate = candidates.next();
        if candidates.next().is_some() { None } else { candidate }
    }
}

impl TryFrom<JwkSet> for KeySet {
    type Error = KeyError;

    fn try_from(set: JwkSet) -> Result<Self, KeyError> {
        Self::new(set.into_keys().into_iter().map(|(id, key)| VerifyingKey::public(id, key)))
    }
}
