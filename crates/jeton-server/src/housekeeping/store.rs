//! Says what becomes of the store of a fleet: once when it changes, for whoever is called at night.

use std::time::Duration;

use jeton_store::{RedisStats, RedisStore};
use tokio::time::{MissedTickBehavior, interval};
use tracing::{error, info, warn};

use crate::app::App;
use crate::app::state::BUCKETS;

/// How often to look.
const LOOK: Duration = Duration::from_secs(1);

/// How the store stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    /// Every part of it takes updates.
    Open,
    /// Some parts do not yet, after a failover.
    Settling,
    /// Some parts will not until an operator has decided.
    RolledBack,
}

/// Looks without end, where there is something to look at.
pub(super) async fn watch(app: &App) {
    let Some(store) = app.sessions().store().redis() else { return };
    let (mut stood, mut pushed_back) = (Standing::Open, 0);
    let mut looks = interval(LOOK);
    looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    loop {
        looks.tick().await;
        let stats = store.stats();
        let stands = standing(store, &stats);
        if stands != stood {
            tell(stands, &stats);
            stood = stands;
        }
        if stats.pushed_back > pushed_back {
            let count = stats.pushed_back - pushed_back;
            warn!(event = "revocations_pushed_back", count, "Redis had lost what it acknowledged");
            pushed_back = stats.pushed_back;
        }
    }
}

fn standing(store: &RedisStore, stats: &RedisStats) -> Standing {
    if store.is_rolled_back() {
        Standing::RolledBack
    } else if stats.open_buckets < BUCKETS {
        Standing::Settling
    } else {
        Standing::Open
    }
}

fn tell(standing: Standing, stats: &RedisStats) {
    let open = stats.open_buckets;
    match standing {
        Standing::Open => info!(event = "store_settled"),
        Standing::Settling => warn!(event = "store_settling", open, "Redis has failed over"),
        Standing::RolledBack => error!(
            event = "store_rolled_back",
            open,
            "Redis has older data than this node has seen: restore the right data, or run \
             `jeton store accept`"
        ),
    }
}
