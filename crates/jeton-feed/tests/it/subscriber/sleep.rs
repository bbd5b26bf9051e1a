//! A machine that sleeps: the clock that ages are told by stands still, the time of day does not.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use jeton::{StalePolicy, Staleness, Timestamp};
use jeton_feed::subscribe::{Credentials, Settings};

use super::given::{Case, MOST, ended, session};
use crate::issuer::{NOW, eventually};

/// INV5: before anything has come from the issuer, and although its heartbeats of before are young by
/// the clock that stood still.
#[tokio::test]
async fn a_list_is_stale_as_soon_as_the_machine_wakes_up() {
    static SLEPT: AtomicU64 = AtomicU64::new(0);
    let wall = || Timestamp::from_secs(NOW + SLEPT.load(Ordering::SeqCst));
    let case = Case::start(|issuer| {
        let client = Credentials::client("orders", "jcs_s:cret");
        let staleness = Staleness { max: Duration::from_secs(5), policy: StalePolicy::Refuse };
        Settings::new(&issuer.url, client, wall).with_staleness(staleness)
    });
    let case = case.await;
    case.subscriber.wait_ready(MOST).await.unwrap();
    case.issuer.revoke(ended(session(1)));
    eventually("refused", || case.code(session(1)) == "logged_out").await;
    assert_eq!(case.code(session(2)), "accepted");

    case.issuer.world().no_beats = true;
    SLEPT.store(60, Ordering::SeqCst);

    assert_eq!(case.code(session(2)), "stale");
    assert_eq!(case.code(session(1)), "logged_out", "what is refused stays refused");
    assert!(!case.subscriber.status().fresh);

    // The connection of before has its own idea of the server's clock: another has to come.
    let connections = case.issuer.asked("/v1/revocations/feed");
    case.issuer.change(|world| world.no_beats = false);
    eventually("fresh", || case.code(session(2)) == "accepted").await;
    assert!(case.issuer.asked("/v1/revocations/feed") > connections);
}
