//! Everything at once.

use std::time::Duration;

use bytes::Bytes;
use tokio::task::spawn_blocking;
use tracing::{info, warn};

use super::http::{Answer, Call, Failure};
use super::run::Runner;
use super::token::Held;
use crate::follow::{NotUnderstood, Taken};
use crate::wire::{MEDIA_TYPE, Snapshot};

/// How long a snapshot may take.
const WITHIN: Duration = Duration::from_mins(1);

const ROUTE: &str = "/v1/revocations/snapshot";

/// Either form, and which is liked better.
const ANY: &str = "application/vnd.jeton.revocations, application/json;q=0.5";

impl Runner {
    /// Takes the snapshot: in the binary form, or in JSON where that cannot be read.
    pub(super) async fn snapshot(&mut self, token: &Held) -> Result<(), Failure> {
        let call = Call {
            route: ROUTE,
            authorization: Some(token.authorization.clone()),
            accept: if self.prefers_json { "application/json" } else { ANY },
            body: None,
        };
        let answer = self.shared.http.fetch(call, self.snapshot_limit, WITHIN).await?;
        let Answer { media_type, body } = answer;
        let is_binary = media_type == MEDIA_TYPE;
        if !is_binary && media_type != "application/json" {
            return Err(Failure::ContentType);
        }
        let Ok(Taken { keys, retention, now }) = self.read(is_binary, body).await else {
            // What is new in it can be told apart in JSON only.
            self.prefers_json = is_binary;
            return Err(Failure::NotUnderstood);
        };
        self.shared.told(now);
        self.shared.retain(retention);
        self.shared.take_keys(keys);
        self.note_outdated();
        self.shared.snapshot_taken.notify_one();
        info!(event = "snapshot", entries = self.shared.list.len());
        Ok(())
    }

    /// Reads a snapshot where it may take its time: a million entries are a tenth of a second.
    async fn read(&mut self, is_binary: bool, body: Bytes) -> Result<Taken, NotUnderstood> {
        // Should that thread fail, a follower without a cursor begins anew.
        let another = self.shared.follower();
        let mut follower = std::mem::replace(&mut self.follower, another);
        let reading = spawn_blocking(move || {
            let taken = if is_binary {
                let snapshot = Snapshot::from_binary(&body);
                snapshot.map(|snapshot| follower.take_snapshot(snapshot)).map_err(|error| {
                    warn!(%error, "the binary snapshot cannot be read");
                    NotUnderstood
                })
            } else {
                follower.snapshot(&body)
            };
            (follower, taken)
        });
        let (follower, taken) = reading.await.map_err(|_| NotUnderstood)?;
        self.follower = follower;
        taken
    }
}
