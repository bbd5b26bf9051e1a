//! Says it loudly when the list is full.

use std::time::Duration;

use jeton::RevocationList;
use tokio::time::{Instant, MissedTickBehavior, interval};
use tracing::error;

/// How often to look.
const LOOK: Duration = Duration::from_secs(1);

/// How often to say it, while it goes on.
const AGAIN: Duration = Duration::from_mins(1);

/// Looks without end. From then on more is refused than was revoked: nothing that was revoked gets
/// through, but clients whose tokens are good have to refresh.
pub(super) async fn watch(list: &RevocationList) {
    let (mut known, mut said) = (0, None::<Instant>);
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let coarsened = list.coarsened();
        if coarsened > known && said.is_none_or(|said| said.elapsed() >= AGAIN) {
            let (entries, bound) = (list.len(), list.bound().entries);
            error!(event = "revocation_list_full", entries, bound, coarsened);
            (known, said) = (coarsened, Some(Instant::now()));
        }
    }
}
