//! The written form of a keyring.

use jeton::{KeyId, Timestamp};
use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::keyring::ring::{Ring, RingKey};
use crate::keyring::{Keyring, KeyringError, WithdrawnKey};

const VERSION: u32 = 1;

/// `{"version":1,"access":[…],"refresh":[…],"withdrawn":[…],"gone":[…]}`, the last two where there
/// are any.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    version: u32,
    access: Vec<Entry>,
    refresh: Vec<Entry>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    withdrawn: Vec<Gone>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    gone: Vec<Gone>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Gone {
    kid: String,
    at: Timestamp,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    kid: String,
    alg: String,
    created_at: Timestamp,
    active_from: Timestamp,
    /// A PKCS#8 PEM, or the base64url of a shared secret. Wiped when dropped.
    material: Zeroizing<String>,
}

impl Document {
    pub(super) fn of(keyring: &Keyring) -> Self {
        let entries = |ring: &Ring| ring.keys().map(Entry::of).collect();
        let gone = |key: &WithdrawnKey| Gone { kid: key.id.as_str().to_owned(), at: key.at };
        Self {
            version: VERSION,
            access: entries(&keyring.access),
            refresh: entries(&keyring.refresh),
            withdrawn: keyring.withdrawn.iter().map(gone).collect(),
            gone: keyring.gone.iter().map(gone).collect(),
        }
    }

    pub(super) fn to_json(&self) -> Zeroizing<String> {
        // Room enough not to grow, which would leave copies of the secrets behind.
        let entries = self.access.iter().chain(&self.refresh);
        let room = entries.map(|entry| 2 * entry.material.len() + 512).sum::<usize>();
        let room = room + 512 * (self.withdrawn.len() + self.gone.len());
        let mut json = Vec::with_capacity(room);
        // Strings and numbers only, into memory: this cannot fail.
        let _ = serde_json::to_writer_pretty(&mut json, self);
        Zeroizing::new(String::from_utf8(json).unwrap_or_default())
    }

    pub(super) fn from_json(text: &str) -> Result<Self, KeyringError> {
        let document: Self = serde_json::from_str(text).map_err(|_| KeyringError::Document)?;
        if document.version == VERSION { Ok(document) } else { Err(KeyringError::Document) }
    }

    pub(super) fn withdrawn(&self) -> Result<Vec<WithdrawnKey>, KeyringError> {
        self.withdrawn.iter().map(Gone::read).collect()
    }

    pub(super) fn gone(&self) -> Result<Vec<WithdrawnKey>, KeyringError> {
        self.gone.iter().map(Gone::read).collect()
    }

    pub(super) fn into_rings(self) -> Result<(Ring, Ring), KeyringError> {
        let ring = |entries: Vec<Entry>| {
            let keys = entries.into_iter().map(Entry::read).collect::<Result<Vec<_>, _>>()?;
            Ring::from_keys(keys).ok_or(KeyringError::Document)
        };
        let (access, refresh) = (ring(self.access)?, ring(self.refresh)?);
        // Only a MAC makes the same refresh token twice.
        let is_symmetric = |key: &RingKey| key.signing().algorithm().is_symmetric();
        if refresh.keys().all(is_symmetric) {
            Ok((access, refresh))
        } else {
            Err(KeyringError::Document)
        }
    }
}

impl Gone {
    fn read(&self) -> Result<WithdrawnKey, KeyringError> {
        Ok(WithdrawnKey { id: KeyId::new(&self.kid)?, at: self.at })
    }
}

impl Entry {
    fn of(key: &RingKey) -> Self {
        Self {
            kid: key.signing().id().map(KeyId::as_str).unwrap_or_default().to_owned(),
            alg: key.signing().algorithm().name().to_owned(),
            created_at: key.created_at,
            active_from: key.active_from,
            material: Zeroizing::new(key.material().to_owned()),
        }
    }

    fn read(self) -> Result<RingKey, KeyringError> {
        RingKey::read((&self.kid, &self.alg), self.material, self.created_at, self.active_from)
    }
}
