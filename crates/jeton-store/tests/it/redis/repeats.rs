//! Who asks again for what was done, but not acknowledged, is told that it is done. Then it must be
//! as safe as if it had been acknowledged at once.

use std::path::PathBuf;

use jeton::{Reason, Timestamp};
use jeton_session::{RefreshError, SessionStore as _, TokenPair};
use jeton_store::Acknowledge;
use rusqlite::Connection;

use crate::redis::pair::{Node, Pair, beats, logged_in};
use crate::redis::proxy::Fault;

/// The node is gone, Redis has lost it, and it comes back with what it has written down.
async fn stays_ended_after_everything_was_lost(
    mut pair: Pair,
    node: Node,
    acknowledge: Acknowledge,
    (session, now): (&TokenPair, Timestamp),
) {
    drop(node);
    pair.fail_over();
    let node = pair.node(0, acknowledge).await;
    beats(&node).await;

    let refreshed = node.refresh(&session.refresh_token, now).await;

    assert!(matches!(refreshed, Err(RefreshError::Ended(_))), "{refreshed:?}");
}

fn journal(pair: &Pair, number: usize) -> Connection {
    let folder: PathBuf = pair.settings(number, Acknowledge::Journal).folder;
    Connection::open(folder.join("journal.db")).unwrap()
}

/// INV1, R4: the first answer was that the journal cannot be written.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_acknowledged_the_second_time_is_in_the_journal() {
    let pair = Pair::start(&[]);
    let (node, now) = (pair.node(0, Acknowledge::Journal).await, pair.now());
    let session = logged_in(&node, "alice", 1, now).await.remove(0);
    pair.cut();
    let locked = journal(&pair, 0);
    locked.execute_batch("BEGIN IMMEDIATE").unwrap();
    let first = node.end(session.session, Reason::LoggedOut, now).await;
    assert!(first.is_err(), "{first:?}");
    locked.execute_batch("ROLLBACK").unwrap();
    drop(locked);

    let again = node.end(session.session, Reason::LoggedOut, now).await;

    assert_eq!(again, Ok(false), "it was done");
    let safe = (&session, now);
    stays_ended_after_everything_was_lost(pair, node, Acknowledge::Journal, safe).await;
}

/// INV1, R4: the first answer was that the journal cannot be written, and then another node is
/// asked.
#[tokio::test(flavor = "multi_thread")]
async fn what_another_node_acknowledges_is_in_its_journal() {
    let pair = Pair::start(&[]);
    let [first, second] = [1, 0].map(|number| pair.node(number, Acknowledge::Journal));
    let (first, second, now) = (first.await, second.await, pair.now());
    let session = logged_in(&first, "alice", 1, now).await.remove(0);
    pair.cut();
    let locked = journal(&pair, 1);
    locked.execute_batch("BEGIN IMMEDIATE").unwrap();
    assert!(first.end(session.session, Reason::LoggedOut, now).await.is_err());

    let again = second.end(session.session, Reason::LoggedOut, now).await;

    assert_eq!(again, Ok(false), "it was done");
    drop(first);
    let safe = (&session, now);
    stays_ended_after_everything_was_lost(pair, second, Acknowledge::Journal, safe).await;
}

/// INV1, R4: the first answer was that no replica has it; nor has one the second time, whoever is
/// asked.
#[tokio::test(flavor = "multi_thread")]
async fn what_no_replica_has_is_not_acknowledged_the_second_time_either() {
    let pair = Pair::start(&[]);
    let [node, other] = [0, 1].map(|number| pair.node(number, Acknowledge::Replica));
    let (node, other, now) = (node.await, other.await, pair.now());
    let session = logged_in(&node, "alice", 1, now).await.remove(0);
    let key = session.session.subject();
    // The replica is there, and hears nothing.
    pair.between.set(Fault::Swallow);
    let first = node.end(session.session, Reason::LoggedOut, now).await;
    assert!(first.is_err(), "{first:?}");
    assert!(node.store().load(key).await.unwrap().sessions.is_empty(), "it was done");

    for node in [&other, &node, &other] {
        let again = node.end(session.session, Reason::LoggedOut, now).await;
        assert!(again.is_err(), "{again:?}");
    }
}
