//! Small documents that all processes of a fleet share, each under a revision.
//!
//! A document is a hash `{prefix}:{name}` with `revision` and `bytes`, replaced only by whoever knows
//! the revision that is there. What the bytes are is not Redis' to know.

use jeton_session::StoreError;
use redis::{Script, Value};

use crate::redis::link::Link;
use crate::redis::open::OpenRedisError;
use crate::redis::settings::RedisSettings;

/// Puts a document in the place of an expected revision, or where there is none.
const REPLACE: &str = include_str!("scripts/document.lua");

/// The longest document that is written, in bytes.
const LENGTH: usize = 1 << 20;

/// Reads and replaces documents. It needs no store: a command at the side of a service has one too.
#[derive(Debug)]
pub struct RedisDocuments {
    link: Link,
    prefix: String,
    replace: Script,
}

/// A document and its revision.
#[derive(Clone, PartialEq, Eq)]
pub struct RedisDocument {
    /// Chosen by whoever wrote it; another one for other bytes.
    pub revision: String,
    /// What it says.
    pub bytes: Vec<u8>,
}

impl std::fmt::Debug for RedisDocument {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter
            .debug_struct("RedisDocument")
            .field("revision", &self.revision)
            .finish_non_exhaustive()
    }
}

impl RedisDocuments {
    /// Connects to Redis.
    ///
    /// # Errors
    ///
    /// [`OpenRedisError`]
    pub async fn open(settings: &RedisSettings) -> Result<Self, OpenRedisError> {
        let link = Link::open(settings).await?;
        Ok(Self { link, prefix: settings.prefix.clone(), replace: Script::new(REPLACE) })
    }

    /// The revision of the document of this name, if there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if nobody knows.
    pub async fn revision(&self, name: &str) -> Result<Option<String>, StoreError> {
        let key = self.key(name);
        let command = redis::cmd("HGET").arg(&key).arg("revision").take();
        redis::from_redis_value(self.link.ask_key(&key, &command).await?).map_err(|_| strange(name))
    }

    /// The document of this name, if there is one.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if nobody knows.
    pub async fn read(&self, name: &str) -> Result<Option<RedisDocument>, StoreError> {
        let key = self.key(name);
        let command = redis::cmd("HMGET").arg(&key).arg("revision").arg("bytes").take();
        let answer = self.link.ask_key(&key, &command).await?;
        let found: (Option<String>, Option<Vec<u8>>) =
            redis::from_redis_value(answer).map_err(|_| strange(name))?;
        match found {
            (Some(revision), Some(bytes)) => Ok(Some(RedisDocument { revision, bytes })),
            (None, None) => Ok(None),
            _ => Err(strange(name)),
        }
    }

    /// Puts a document in the place of the one with the expected revision, or with `None` where there
    /// is none. Answers whether that was so.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if nobody knows which is there now.
    pub async fn replace(
        &self,
        name: &str,
        expected: Option<&str>,
        new: &RedisDocument,
    ) -> Result<bool, StoreError> {
        if new.bytes.len() > LENGTH {
            return Err(StoreError::new(format!("{name} is longer than {LENGTH} bytes")));
        }
        let key = self.key(name);
        let expected = expected.unwrap_or_default().as_bytes();
        let args = [expected, new.revision.as_bytes(), &new.bytes];
        match self.link.run_key(&key, &self.replace, &args).await? {
            Value::Int(replaced) => Ok(replaced == 1),
            _ => Err(strange(name)),
        }
    }

    fn key(&self, name: &str) -> Vec<u8> {
        format!("{}:{name}", self.prefix).into_bytes()
    }
}

/// Something else is kept under the name of a document.
fn strange(name: &str) -> StoreError {
    StoreError::new(format!("Redis has something else under the key `{name}`"))
}
