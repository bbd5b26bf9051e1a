//! Hands over what the store has committed, in order.

use std::time::Duration;

use jeton::Revocation;
use jeton_feed::wire::WireEntry;
use jeton_session::{Batch, Canary, Cursor, Place, SessionStore, Sessions};
use tokio::time::{Instant, sleep};

use crate::feed::Feed;
use crate::feed::outage::Outage;

/// How long to wait for something to be revoked before asking again.
const PATIENCE: Duration = Duration::from_secs(30);

/// The wait after a first error; doubled after each, up to the last.
const FIRST_WAIT: Duration = Duration::from_millis(50);
const LAST_WAIT: Duration = Duration::from_secs(2);

/// Follows the store without end.
pub(super) async fn follow<S: SessionStore>(feed: &Feed, sessions: &Sessions<S>) {
    let mut cursor = Cursor::at(*feed.followed.borrow());
    let mut outage = Outage::of("following the store");
    let mut wait = FIRST_WAIT;
    loop {
        let asked = Instant::now();
        let told = match sessions.store().tail(cursor, PATIENCE).await {
            Ok(batch) => {
                // With their names, of which a full list makes more, and before anybody is told.
                sessions.heard(cursor, &batch);
                tell(feed, &batch).map_err(|error| error.to_string())
            }
            Err(error) => Err(error.to_string()),
        };
        match told {
            // No news, and no wait for any: the store is hasty, and must not keep a core busy.
            Ok(next) if next == cursor && asked.elapsed() < FIRST_WAIT => sleep(FIRST_WAIT).await,
            Ok(next) => {
                cursor = next;
                feed.followed.send_replace(cursor.position());
                outage.ends();
                wait = FIRST_WAIT;
            }
            Err(cause) => {
                outage.begins(&cause);
                sleep(wait).await;
                wait = (wait * 2).min(LAST_WAIT);
            }
        }
    }
}

/// Tells everybody, and says where to go on.
fn tell(feed: &Feed, batch: &Batch) -> Result<Cursor, serde_json::Error> {
    let entry = |revocation: &Revocation| entry(revocation, feed.sender);
    let entries: Vec<_> = batch.revocations.iter().filter_map(entry).collect();
    let [highest, complete] = [batch.highest, batch.complete].map(Place::position);
    feed.publisher.publish(&entries, highest, complete)?;
    Ok(batch.cursor)
}

/// What verifiers are told; nothing of a canary of another process, or from before a restart.
fn entry(revocation: &Revocation, sender: u64) -> Option<WireEntry> {
    match Canary::of(revocation) {
        None => Some(WireEntry::Refused(revocation.into())),
        Some(canary) if canary.sender == sender => {
            Some(WireEntry::Canary { until: revocation.until, t: canary.t })
        }
        Some(_) => None,
    }
}
