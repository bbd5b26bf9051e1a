//! Takes subjects out of the indexes whose records Redis has let expire.

use jeton::SubjectKey;
use jeton_session::StoreError;
use tokio::sync::Mutex;

use crate::redis::bucket::{BUCKETS, Bucket};
use crate::redis::node::Node;

/// Most subjects that one step looks at.
const STEP: usize = 500;

/// Where the next step goes on.
#[derive(Debug, Default)]
pub(super) struct Sweep(Mutex<Position>);

#[derive(Clone, Copy, Debug, Default)]
struct Position {
    bucket: usize,
    after: Option<SubjectKey>,
}

impl Node {
    /// One step through the indexes. `false` once all of them were gone through.
    pub(super) async fn sweep(&self) -> Result<bool, StoreError> {
        let mut position = self.sweep.0.lock().await;
        let mut left = STEP;
        while left > 0 {
            let Some(bucket) = Bucket::all().nth(position.bucket) else {
                *position = Position::default();
                return Ok(false);
            };
            let members = self.members(bucket, position.after, left).await?;
            self.forget_expired(bucket, &members).await?;
            *position = if members.len() < left {
                Position { bucket: position.bucket + 1, after: None }
            } else {
                Position { after: members.last().copied(), ..*position }
            };
            left -= members.len();
        }
        Ok(position.bucket < BUCKETS)
    }

    async fn forget_expired(
        &self,
        bucket: Bucket,
        members: &[SubjectKey],
    ) -> Result<(), StoreError> {
        if members.is_empty() {
            return Ok(());
        }
        let records = members.iter().map(|member| self.keys.record(*member));
        let keys: Vec<_> = [self.keys.index(bucket)].into_iter().chain(records).collect();
        let arguments: Vec<_> = members.iter().map(|member| member.as_bytes().as_slice()).collect();
        self.link.run(bucket, &self.scripts.sweep, &keys, &arguments).await.map(drop)
    }
}
