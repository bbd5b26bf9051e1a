//! The shelf of a fleet's keyring is its Redis.

use jeton_session::StoreError;
use jeton_store::{RedisDocument, RedisDocuments};

use crate::keys::shared::{Sealed, Shelf};

/// What the document is called there.
const NAME: &str = "keys";

impl Shelf for RedisDocuments {
    async fn revision(&self) -> Result<Option<String>, StoreError> {
        Self::revision(self, NAME).await
    }

    async fn read(&self) -> Result<Option<Sealed>, StoreError> {
        let document = Self::read(self, NAME).await?;
        Ok(document.map(|RedisDocument { revision, bytes }| Sealed { revision, bytes }))
    }

    async fn replace(&self, expected: Option<&str>, new: &Sealed) -> Result<bool, StoreError> {
        let Sealed { revision, bytes } = new.clone();
        Self::replace(self, NAME, expected, &RedisDocument { revision, bytes }).await
    }
}
