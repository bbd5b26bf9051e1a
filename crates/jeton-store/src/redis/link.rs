//! The connection to Redis: one command in, one answer out, within the deadline.
//!
//! ```text
//! ask ─▶ slot ─▶ routes: whose is it? ─▶ primary: one connection, shared ─▶ answer
//!                  ▲                        │ MOVED, READONLY, no connection
//!                  └──── topology: asks ◀───┘
//! ```
//!
//! Always true:
//!
//! 1. every call ends within its deadline, whatever the network does;
//! 2. a command that may have run is not sent again: its caller hears that nobody knows. It is sent
//!    again only where a server said that it did not run, or where no connection was there;
//! 3. a connection that has missed a deadline is given to nobody any more, so no answer can come to
//!    whom it does not belong; healthy servers keep theirs;
//! 4. errors name servers, never passwords, keys' contents or values.

mod address;
mod blocking;
mod dial;
mod failure;
mod node;
mod primary;
mod routes;
mod shared;
mod slot;
#[cfg(test)]
mod tests;
mod topology;
mod work;

use std::sync::Arc;

use jeton_session::StoreError;
use redis::{Cmd, Script, Value};

use crate::redis::bucket::Bucket;
pub(super) use crate::redis::link::address::Address;
pub(super) use crate::redis::link::blocking::Blocking;
pub(super) use crate::redis::link::failure::{DialError, Lost};
use crate::redis::link::shared::Shared;
pub(super) use crate::redis::link::slot::slot_of;
use crate::redis::link::work::Work;
use crate::redis::open::OpenRedisError;
use crate::redis::settings::RedisSettings;

/// The way to all primaries of one deployment.
#[derive(Clone, Debug)]
pub(super) struct Link {
    shared: Arc<Shared>,
}

impl Link {
    /// Finds every primary and connects to it.
    ///
    /// # Errors
    ///
    /// [`OpenRedisError`] for the first that cannot be reached.
    pub(super) async fn open(settings: &RedisSettings) -> Result<Self, OpenRedisError> {
        Ok(Self { shared: Shared::open(settings).await? })
    }

    /// Sends a command about keys of a bucket to its primary.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it was refused, or if nobody knows whether it ran.
    pub(super) async fn ask(&self, bucket: Bucket, command: &Cmd) -> Result<Value, StoreError> {
        Ok(self.shared.perform(slot(bucket), &Work::command(command)).await?)
    }

    /// Runs a script about keys of a bucket, and loads it where it is not known.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it was refused, or if nobody knows whether it ran.
    pub(super) async fn run(
        &self,
        bucket: Bucket,
        script: &Script,
        keys: &[Vec<u8>],
        args: &[&[u8]],
    ) -> Result<Value, StoreError> {
        let command = evaluate(script, keys, args);
        Ok(self.shared.perform(slot(bucket), &Work::script(&command, script)).await?)
    }

    /// The same, answered when so many replicas have what was written.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it was refused, if nobody knows whether it ran, or if too few replicas had
    /// it in time.
    #[expect(clippy::too_many_arguments, reason = "what `run` has, and one more")]
    pub(super) async fn run_and_wait(
        &self,
        bucket: Bucket,
        script: &Script,
        keys: &[Vec<u8>],
        args: &[&[u8]],
        replicas: u32,
    ) -> Result<Value, StoreError> {
        let command = evaluate(script, keys, args);
        let work = Work::script(&command, script).replicated(replicas);
        Ok(self.shared.perform(slot(bucket), &work).await?)
    }

    /// Which buckets may stand in one command: all of them, or in a Cluster each alone.
    pub(super) fn groups(&self) -> Vec<Vec<Bucket>> {
        if self.shared.topology.is_one_server() {
            vec![Bucket::all().collect()]
        } else {
            Bucket::all().map(|bucket| vec![bucket]).collect()
        }
    }

    /// A connection of one's own to the primary of a bucket, for commands that wait.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if there was none within the deadline.
    pub(super) async fn blocking(&self, bucket: Bucket) -> Result<Blocking, StoreError> {
        Blocking::open(&self.shared, slot(bucket)).await
    }

    /// Sends a command about a key that is in no bucket.
    ///
    /// # Errors
    ///
    /// [`StoreError`] if it was refused, or if nobody knows whether it ran.
    pub(super) async fn ask_key(&self, key: &[u8], command: &Cmd) -> Result<Value, StoreError> {
        Ok(self.shared.perform(slot_of(key), &Work::command(command)).await?)
    }

    /// Runs a script about a key that is in no bucket.
    ///
    /// # Errors
    ///
    /// [`Lost`] if it was refused, or if nobody knows whether it ran.
    pub(super) async fn run_key(
        &self,
        key: &[u8],
        script: &Script,
        args: &[&[u8]],
    ) -> Result<Value, Lost> {
        let command = evaluate(script, &[key.to_vec()], args);
        self.shared.perform(slot_of(key), &Work::script(&command, script)).await
    }

    /// Where every primary is, and what `INFO` says of it.
    ///
    /// # Errors
    ///
    /// [`Lost`] if one of them did not answer.
    pub(super) async fn infos(&self) -> Result<Vec<(Address, String)>, Lost> {
        self.shared.infos().await
    }
}

fn slot(bucket: Bucket) -> u16 {
    slot_of(bucket.tag().as_bytes())
}

fn evaluate(script: &Script, keys: &[Vec<u8>], args: &[&[u8]]) -> Cmd {
    let mut command = redis::cmd("EVALSHA");
    command.arg(script.get_hash()).arg(keys.len()).arg(keys).arg(args);
    command
}
