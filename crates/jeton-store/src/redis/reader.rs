//! Waits at the streams for what other nodes append.
//!
//! The reader makes the log early; rounds make it complete. So what it reads goes into the log at
//! once, but counts as *read up to here* only if the connection surely was to the lineage that the
//! bucket is read in: the same before and after.

use std::sync::Arc;
use std::time::Duration;

use jeton_session::{Place, StoreError};
use redis::{Cmd, cmd};
use tokio::time::{Instant, sleep};

use crate::redis::answer::{self, Stream};
use crate::redis::bucket::Bucket;
use crate::redis::link::Blocking;
use crate::redis::node::{Node, millis};
use crate::redis::place;

/// How long one call waits. Afterwards the streams and places to wait at are looked up again.
const BLOCK: Duration = Duration::from_secs(1);

/// How long after a failure the reader tries again.
const RETRY: Duration = Duration::from_millis(100);

/// Most entries of one stream in one answer.
const PAGE: usize = 1_000;

/// Reads these buckets, which one call can name, for ever.
pub(super) async fn run(node: Arc<Node>, buckets: Vec<Bucket>) {
    let reader = Reader { node, buckets };
    loop {
        if let Err(error) = reader.follow().await {
            tracing::debug!(%error, "the reader of the streams starts again");
        }
        sleep(RETRY).await;
    }
}

struct Reader {
    node: Arc<Node>,
    buckets: Vec<Bucket>,
}

/// What came of a stream: everything between two places.
struct News {
    bucket: Bucket,
    from: Place,
    to: Place,
}

impl Reader {
    /// Reads on one connection until it fails or turns out to be of another lineage.
    async fn follow(&self) -> Result<(), StoreError> {
        let Some(first) = self.buckets.first() else { return Ok(()) };
        let mut connection = self.node.link.blocking(*first).await?;
        let lineage = lineage(&mut connection).await?;
        loop {
            let Some(places) = self.places(&lineage).await? else { return Ok(()) };
            let block = if places.len() < self.buckets.len() { RETRY } else { BLOCK };
            let question = self.question(&places, block);
            let found = answer::streams(connection.read(&question, block).await?)?;
            if found.is_empty() {
                continue;
            }
            let news = self.take(&places, found);
            if self::lineage(&mut connection).await? != lineage {
                self.node.rounds.hurry();
                return Ok(());
            }
            for News { bucket, from, to } in news? {
                self.node.bucket(bucket)?.advance(&lineage, from, to);
            }
        }
    }

    /// Puts into the log what can be read. An error if there is something that cannot; rounds will
    /// stumble over it as well, and say so.
    fn take(
        &self,
        places: &[(Bucket, Place)],
        found: Vec<Stream>,
    ) -> Result<Vec<News>, StoreError> {
        let mut news = Ok(Vec::new());
        for (key, entries) in found {
            let of = places.iter().find(|(bucket, _)| self.node.keys.stream(*bucket) == key);
            let Some((bucket, from)) = of.copied() else { continue };
            match (entries, &mut news) {
                (Ok(entries), news) => {
                    let to = entries.last().map_or(from, |entry| entry.place);
                    self.node.log.add(bucket, entries);
                    if let Ok(news) = news {
                        news.push(News { bucket, from, to });
                    }
                }
                (Err(error), news) => *news = Err(error),
            }
        }
        news
    }

    /// Where each of the buckets was read up to that are read in a lineage of this primary; `None` if
    /// for a while none is.
    async fn places(&self, lineage: &str) -> Result<Option<Vec<(Bucket, Place)>>, StoreError> {
        let until = Instant::now() + BLOCK;
        while Instant::now() < until {
            let mut places = Vec::with_capacity(self.buckets.len());
            for bucket in &self.buckets {
                if let Some(place) = self.node.bucket(*bucket)?.read_of(lineage) {
                    places.push((*bucket, place));
                }
            }
            if !places.is_empty() {
                return Ok(Some(places));
            }
            sleep(RETRY).await;
        }
        Ok(None)
    }

    fn question(&self, places: &[(Bucket, Place)], block: Duration) -> Cmd {
        let mut question = cmd("XREAD");
        question.arg("COUNT").arg(PAGE).arg("BLOCK").arg(millis(block)).arg("STREAMS");
        for (bucket, _) in places {
            question.arg(self.node.keys.stream(*bucket));
        }
        for (_, place) in places {
            question.arg(place::id(*place));
        }
        question
    }
}

/// The lineage of whoever is at the other end.
async fn lineage(connection: &mut Blocking) -> Result<String, StoreError> {
    let mut question = cmd("INFO");
    question.arg("replication");
    let answer = answer::bytes(connection.read(&question, Duration::ZERO).await?)?;
    let answer = String::from_utf8_lossy(&answer);
    let found = answer.lines().find_map(|line| line.strip_prefix("master_replid:"));
    found.map(ToOwned::to_owned).ok_or_else(|| StoreError::new("Redis tells no replication id"))
}
