use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use jeton_session::{Cursor, SessionStore as _, Step};
use tokio::task::JoinSet;

use crate::redis::damage::record;
use crate::redis::fleet::{
    Fleet, PATIENCE, batches, count, eventually, heard, revoke, session, subject,
};
use crate::redis::servers::Redis;

/// Of many concurrent updates of one subject on three nodes, each starts where another has ended.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_two_updates_on_three_nodes_start_from_the_same_state() {
    let fleet = Fleet::start();
    let nodes = fleet.nodes::<3>().await;
    let alice = subject(0);
    let mut updates = JoinSet::new();
    for n in 0..64 {
        let node = Arc::clone(&nodes[n % 3]);
        updates.spawn(async move { node.update(alice, count).await.unwrap() });
    }

    let mut versions = updates.join_all().await;

    versions.sort_unstable();
    assert_eq!(versions, (1..=64).collect::<Vec<_>>());
    for node in &nodes {
        assert_eq!(node.load(alice).await.unwrap().version, 64);
    }
    assert!(nodes.iter().any(|node| node.stats().conflicts > 0), "they did meet");
}

/// What one node has acknowledged, another tells without being asked for proof.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_revokes_the_others_tell() {
    let fleet = Fleet::start();
    let [here, there] = fleet.nodes().await;
    let mut cursor = batches(&there, Cursor::START).await.pop().unwrap().cursor;

    for n in 0..50 {
        revoke(&here, n).await.unwrap();

        loop {
            let batch = there.tail(cursor, PATIENCE).await.unwrap();
            cursor = batch.cursor;
            if !batch.revocations.is_empty() {
                assert_eq!(batch.revocations[0].target, session(n));
                break;
            }
        }
    }
}

/// A node that starts has what was revoked within the retention, and tells it under the same name
/// and the same places as the others.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_starts_knows_what_was_revoked_before() {
    let fleet = Fleet::start();
    let first = fleet.node(0).await;
    for n in 0..200 {
        revoke(&first, n).await.unwrap();
    }

    let second = fleet.node(1).await;

    let of = |heard: Vec<jeton::Revocation>| {
        let mut targets: Vec<_> = heard.into_iter().map(|one| one.target).collect();
        targets.sort_unstable();
        targets
    };
    assert_eq!(of(heard(&second).await), of(heard(&first).await));
    assert_eq!(second.feed(), first.feed());
    let highest =
        |batches: Vec<jeton_session::Batch>| batches.into_iter().map(|one| one.highest).max();
    let [theirs, ours] = [&first, &second].map(|node| batches(node, Cursor::START));
    assert_eq!(highest(ours.await), highest(theirs.await));
}

/// Nodes that start together over an empty Redis wait for each other, not for ever.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nodes_that_start_together_all_open() {
    let fleet = Fleet::start();

    let (a, b, c) = tokio::join!(fleet.node(0), fleet.node(1), fleet.node(2));

    for node in [&a, &b, &c] {
        assert_eq!(node.stats().open_buckets, 64);
        assert_eq!(node.feed(), a.feed());
        revoke(node, 1).await.unwrap();
    }
}

/// Scripts that Redis has forgotten are loaded again, and nobody notices.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn scripts_may_be_flushed_at_any_time() {
    let fleet = Fleet::start();
    let [here, there] = fleet.nodes().await;
    let is_over = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    for (n, node) in [&here, &there].into_iter().cycle().take(8).enumerate() {
        let (node, is_over) = (Arc::clone(node), Arc::clone(&is_over));
        writers.spawn(async move {
            let mut version = 0;
            while !is_over.load(Ordering::Relaxed) {
                version = node.update(subject(n as u64), count).await.unwrap();
                assert_eq!(node.load(subject(n as u64)).await.unwrap().version, version);
            }
            version
        });
    }

    for _ in 0..20 {
        assert_eq!(fleet.redis.cli(&["script", "flush"]), "OK");
    }
    is_over.store(true, Ordering::Relaxed);

    assert!(writers.join_all().await.iter().all(|version| *version > 0));
}

/// A restart of Redis is another lineage: it is read anew, and everything goes on. This Redis syncs
/// before it answers; otherwise even a killed process loses what it has acknowledged.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restart_of_redis_is_survived() {
    let mut fleet = Fleet::over(Redis::with(&["--appendfsync", "always"]));
    let [here, there] = fleet.nodes().await;
    for n in 0..20 {
        here.update(subject(n), count).await.unwrap();
        revoke(&here, n).await.unwrap();
    }

    fleet.redis.restart();

    let again = async || revoke(&here, 20).await.ok();
    eventually("an update gets through again", again).await;
    eventually("a heartbeat gets through again", async || there.beat().await.ok()).await;
    let told = heard(&there).await;
    assert!((0..=20).all(|n| told.iter().any(|one| one.target == session(n))), "{told:?}");
    assert!(there.stats().lineages >= 128, "{:?}", there.stats());
    assert_eq!(there.update(subject(7), count).await.unwrap(), 2);
}

/// A node that has said farewell is not on the list of those that others wait for.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_closes_is_waited_for_by_nobody() {
    let fleet = Fleet::start();
    let [here, there] = fleet.nodes().await;
    let nodes = || {
        let listed = ["jeton:{10}:n", "jeton:{2c}:n"].map(|key| fleet.redis.cli(&["hlen", key]));
        listed.map(|listed| listed.trim_start_matches("(integer) ").to_owned())
    };
    assert_eq!(nodes(), ["2", "2"]);

    here.close().await;

    assert_eq!(nodes(), ["1", "1"]);
    assert!(there.beat().await.is_ok());
}

/// A step that keeps everything writes nothing, not even a new name of the record.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_step_that_keeps_everything_writes_nothing() {
    let fleet = Fleet::start();
    let node = fleet.node(0).await;
    node.update(subject(1), count).await.unwrap();
    let stored = || fleet.redis.cli(&["--no-raw", "get", &record(subject(1))]);
    let before = stored();

    node.update(subject(1), |_| Step::keep(())).await.unwrap();
    node.update(subject(1), |subject| Step::change(subject.clone(), ())).await.unwrap();

    assert_eq!(stored(), before);
}
