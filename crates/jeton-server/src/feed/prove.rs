//! Proves each second that everything was published, and says so.

use std::time::Duration;

use jeton_session::{SessionStore, Sessions, StoreError};
use tokio::time::{Instant, MissedTickBehavior, interval, timeout};
use tracing::error;

use crate::feed::Feed;
use crate::feed::outage::Outage;

/// How often verifiers are told how good their knowledge is.
const SECOND: Duration = Duration::from_secs(1);

/// How long a heartbeat waits for the proof that makes it younger.
const MOMENT: Duration = Duration::from_millis(250);

/// Sends a heartbeat each second, whether or not there is a proof: one that takes long is waited
/// for beside them, while their age grows.
pub(super) async fn beat<S: SessionStore>(feed: &Feed, sessions: &Sessions<S>) {
    let mut outage = Outage::of("proving that everything was published");
    let mut seconds = interval(SECOND);
    seconds.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut proof = None;
    loop {
        seconds.tick().await;
        let pending = proof.get_or_insert_with(|| Box::pin(prove(feed, sessions)));
        if let Ok(proven) = timeout(MOMENT, pending).await {
            proof = None;
            match proven {
                Ok(()) => outage.ends(),
                Err(error) => outage.begins(&error),
            }
        }
        if let Err(error) = feed.publisher.heartbeat() {
            error!(%error, "no heartbeat could be written");
        }
    }
}

/// Whatever was acknowledged before this call is at or before the place that the store's heartbeat
/// has passed; once that place has been published, the feed is complete as of the call. So is the list
/// of this process: where others revoke as well, it is one that follows, and has to be told.
async fn prove<S: SessionStore>(feed: &Feed, sessions: &Sessions<S>) -> Result<(), StoreError> {
    let as_of = Instant::now();
    let place = sessions.beat().await?.position();
    let mut followed = feed.followed.subscribe();
    // The sender is the feed's own: it is there as long as the feed.
    let _ = followed.wait_for(|followed| *followed >= place).await;
    sessions.guard().revocations().complete_as_of(as_of.into_std());
    feed.publisher.complete(as_of);
    Ok(())
}
