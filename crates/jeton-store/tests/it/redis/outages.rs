//! Redis, or the way to it, fails for a while and has lost nothing.

use std::sync::Arc;
use std::time::Duration;

use jeton::Reason;
use jeton_session::{RefreshError, SessionStore as _};
use jeton_store::Acknowledge;
use rusqlite::Connection;
use tokio::time::Instant;

use crate::redis::pair::{Pair, all_told, beats, logged_in, told};
use crate::redis::proxy::Fault;
use crate::redis::servers::pause;

/// What may be wrong between a node and its primary.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    Network(Fault),
    Frozen,
    Paused,
    Restarted,
}

/// INV4, C4: whatever happens to the way to Redis, no session ends by it and no client is refused:
/// the answer is an outage, within the deadline, until it is over.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn no_trouble_is_a_refusal_and_each_ends_by_itself() {
    let mut pair = Pair::start(&[]);
    let now = pair.now();
    let node = pair.node(0, Acknowledge::Journal).await;
    let mut token = logged_in(&node, "alice", 1, now).await.remove(0).refresh_token;
    let troubles = [
        Trouble::Network(Fault::Late(Duration::from_millis(50))),
        Trouble::Network(Fault::Cut),
        Trouble::Network(Fault::Swallow),
        Trouble::Network(Fault::SwallowAnswers),
        Trouble::Network(Fault::SwallowQuestions),
        Trouble::Paused,
        Trouble::Frozen,
        Trouble::Restarted,
    ];
    for trouble in troubles {
        let lineages = node.store().stats().lineages;
        match trouble {
            Trouble::Network(fault) => pair.front.set(fault),
            Trouble::Frozen => pair.primary.freeze(),
            Trouble::Paused => assert_eq!(pair.primary.cli(&["client", "pause", "1500"]), "OK"),
            Trouble::Restarted => pair.primary.kill(),
        }
        let begun = Instant::now();
        while begun.elapsed() < Duration::from_millis(1_500) {
            let asked = Instant::now();
            match node.refresh(&token, now).await {
                Ok(refreshed) => token = refreshed.pair.refresh_token,
                Err(RefreshError::Unavailable(_)) => {}
                Err(refused) => panic!("{trouble:?}: {refused}"),
            }
            // Its own deadline, and that of the machine that runs the tests.
            assert!(asked.elapsed() < Duration::from_secs(10), "{trouble:?}");
        }
        match trouble {
            Trouble::Network(_) => pair.front.set(Fault::None),
            Trouble::Frozen => pair.primary.thaw(),
            Trouble::Paused => {}
            Trouble::Restarted => pair.primary.restart(),
        }
        beats(&node).await;
        token = node.refresh(&token, now).await.expect("goes on").pair.refresh_token;
        let settled = node.store().stats().lineages - lineages;
        let is_new = matches!(trouble, Trouble::Restarted);
        assert_eq!(settled > 0, is_new, "{trouble:?}: a new lineage after a restart alone");
    }
}

/// INV5: a primary that was cut off from its replicas goes on answering, and nobody takes it for
/// fresh: heartbeats, updates and loads are refused until it is one again.
#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_was_cut_off_proves_nothing() {
    let pair = Pair::start(&["--min-replicas-to-write", "1", "--min-replicas-max-lag", "1"]);
    let now = pair.now();
    let node = pair.node(0, Acknowledge::Journal).await;
    let alice = logged_in(&node, "alice", 1, now).await.remove(0);

    pair.between.set(Fault::Swallow);
    let begun = Instant::now();
    while node.store().beat().await.is_ok() {
        assert!(begun.elapsed() < Duration::from_secs(10), "it is still taken for fresh");
    }

    for _ in 0..2 {
        assert!(node.store().beat().await.is_err());
        assert!(node.store().beat_of(alice.session.subject()).await.is_err());
        assert!(node.store().load(alice.session.subject()).await.is_err());
        let refreshed = node.refresh(&alice.refresh_token, now).await;
        assert!(matches!(refreshed, Err(RefreshError::Unavailable(_))), "{refreshed:?}");
    }
    pair.between.set(Fault::None);
    beats(&node).await;
    assert!(node.refresh(&alice.refresh_token, now).await.is_ok());
}

/// INV1: a node dies, and Redis loses what it had acknowledged: the others wait for the node, and
/// its journal brings it back.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn what_a_dead_node_had_revoked_is_in_its_journal() {
    let mut pair = Pair::start(&[]);
    let now = pair.now();
    let node = pair.node(0, Acknowledge::Journal).await;
    let pairs = logged_in(&node, "alice", 20, now).await;
    beats(&node).await;
    pair.cut();
    for one in &pairs {
        assert!(node.end(one.session, Reason::LoggedOut, now).await.unwrap());
    }
    drop(node);
    pair.fail_over();

    // It has a longer way than the other, who has nothing to remember.
    let pair = Arc::new(pair);
    let others = Arc::clone(&pair);
    let stranger = tokio::spawn(async move { others.node(1, Acknowledge::Memory).await });
    pause(Duration::from_millis(500));
    let node = pair.node(0, Acknowledge::Journal).await;
    let stranger = stranger.await.unwrap();

    beats(&stranger).await;
    let sessions: Vec<_> = pairs.iter().map(|one| one.session).collect();
    assert!(all_told(&told(&stranger).await, &sessions));
    for one in &pairs {
        let refused = stranger.refresh(&one.refresh_token, now).await;
        assert!(matches!(refused, Err(RefreshError::Ended(_))), "{refused:?}");
    }
    assert_eq!(node.store().stats().pushed_back, 20);
}

/// INV1: what cannot be written down is not acknowledged.
#[tokio::test(flavor = "multi_thread")]
async fn a_journal_that_cannot_be_written_is_an_outage() {
    let pair = Pair::start(&[]);
    let now = pair.now();
    let node = pair.node(0, Acknowledge::Journal).await;
    let pairs = logged_in(&node, "alice", 2, now).await;
    let journal = pair.settings(0, Acknowledge::Journal).folder.join("journal.db");
    let other = Connection::open(journal).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();

    let ended = node.end(pairs[0].session, Reason::LoggedOut, now).await;
    other.execute_batch("ROLLBACK").unwrap();

    assert!(ended.is_err(), "Redis alone has it, and may lose it");
    let again = Instant::now();
    while node.end(pairs[1].session, Reason::LoggedOut, now).await.is_err() {
        assert!(again.elapsed() < Duration::from_secs(20));
    }
    let refused = node.refresh(&pairs[0].refresh_token, now).await;
    assert!(matches!(refused, Err(RefreshError::Ended(_))), "{refused:?}");
}
