use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jeton_session::{Cursor, Place, SessionStore as _, Step};
use tokio::task::JoinSet;

use crate::redis::damage::bucket;
use crate::redis::fleet::{Fleet, PATIENCE, batches, count, heard, revoke, session, subject};

/// A heartbeat on one node is behind everything that any node has acknowledged before it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_heartbeat_proves_what_other_nodes_have_acknowledged() {
    let fleet = Fleet::start();
    let [here, there] = fleet.nodes().await;

    for n in 0..100 {
        revoke(&here, n).await.unwrap();
        let beaten = if n % 2 == 0 {
            there.beat_of(subject(n)).await.unwrap()
        } else {
            there.beat().await.unwrap()
        };

        let told = batches(&there, Cursor::START).await;
        let told =
            told.iter().take_while(|batch| batch.cursor <= beaten || !batch.revocations.is_empty());
        let is_told = told.flat_map(|batch| &batch.revocations).any(|one| one.target == session(n));
        assert!(is_told, "{n}");
    }
}

/// The same while others write all the time; each revocation is told once, by every node.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn heartbeats_hold_under_load() {
    let fleet = Fleet::start();
    let [a, b, observer] = fleet.nodes().await;
    let (is_over, next) = (Arc::new(AtomicBool::new(false)), Arc::new(AtomicU64::new(0)));
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let mut writers = JoinSet::new();
    for node in [&a, &b].into_iter().cycle().take(16) {
        let (node, is_over) = (Arc::clone(node), Arc::clone(&is_over));
        let (next, acknowledged) = (Arc::clone(&next), Arc::clone(&acknowledged));
        writers.spawn(async move {
            while !is_over.load(Ordering::Relaxed) {
                let n = next.fetch_add(1, Ordering::Relaxed);
                revoke(&node, n).await.unwrap();
                acknowledged.lock().unwrap().push(session(n));
            }
        });
    }

    for _ in 0..20 {
        let before = acknowledged.lock().unwrap().clone();
        let beaten = observer.beat().await.unwrap();

        let told: HashSet<_> = batches(&observer, Cursor::START)
            .await
            .into_iter()
            .take_while(|batch| batch.cursor <= beaten || !batch.revocations.is_empty())
            .flat_map(|batch| batch.revocations)
            .map(|one| format!("{:?}", one.target))
            .collect();
        assert!(before.iter().all(|target| told.contains(&format!("{target:?}"))));
    }
    is_over.store(true, Ordering::Relaxed);
    writers.join_all().await;

    let expected = acknowledged.lock().unwrap().len();
    for node in [a, b, observer] {
        node.beat().await.unwrap();
        let heard = heard(&node).await;
        let once: HashSet<_> = heard.iter().map(|one| format!("{:?}", one.target)).collect();
        assert_eq!((heard.len(), once.len()), (expected, expected), "each once");
    }
}

/// Whoever follows from cursor to cursor is never told something at or before a place that was
/// claimed to be complete, and neither cursors nor claims go back.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_told_at_or_before_a_place_that_was_complete() {
    let fleet = Fleet::start();
    let [a, b, observer] = fleet.nodes().await;
    let writers = async {
        for n in 0..400 {
            revoke(if n % 2 == 0 { &a } else { &b }, n).await.unwrap();
        }
    };
    let prover = async {
        for _ in 0..40 {
            observer.beat().await.unwrap();
        }
    };
    let follower = async {
        let (mut cursor, mut complete, mut told) = (Cursor::START, Place::default(), 0);
        while told < 400 {
            let batch = observer.tail(cursor, PATIENCE).await.unwrap();
            assert!(batch.cursor > cursor && batch.complete >= complete, "{batch:?}");
            assert!(batch.revocations.is_empty() || batch.highest > complete, "{batch:?}");
            told += batch.revocations.len();
            (cursor, complete) = (batch.cursor, batch.complete);
        }
    };

    tokio::join!(writers, prover, follower);
}

/// What is claimed complete is the least of all buckets: one whose clock is ahead claims nothing for
/// the others, and its own entries are behind its clock.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_bucket_whose_clock_is_ahead_claims_nothing_for_others() {
    let fleet = Fleet::start();
    let node = fleet.node(0).await;
    let ahead = 1 << 41;
    fleet.redis.cli(&["hset", &bucket(subject(1)), "ms", &ahead.to_string()]);
    let beaten = node.beat().await.unwrap();

    revoke(&node, 1).await.unwrap();
    revoke(&node, 2).await.unwrap();

    let batches = batches(&node, Cursor::START).await;
    let claimed = batches.iter().map(|batch| batch.complete).max().unwrap();
    assert!(claimed < Place::at(ahead << 22), "{claimed:?}");
    let [first, second] = [1, 2].map(|n| {
        let of = |batch: &&jeton_session::Batch| {
            batch.revocations.iter().any(|one| one.target == session(n))
        };
        batches.iter().find(of).unwrap()
    });
    assert!(first.highest > Place::at(ahead << 22) && second.cursor > beaten);
    assert_ne!(bucket(subject(1)), bucket(subject(2)));
}

/// Many who ask for proof at once share rounds.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_who_ask_at_once_share_a_round() {
    let fleet = Fleet::start();
    let node = fleet.node(0).await;
    let before = node.stats().rounds;
    let mut questions = JoinSet::new();
    for _ in 0..500 {
        let node = Arc::clone(&node);
        questions.spawn(async move { node.beat().await.unwrap() });
    }

    questions.join_all().await;

    assert!(node.stats().rounds - before < 100, "{:?}", node.stats());
}

/// While Redis hangs, no heartbeat gets through and no call waits for longer than it may; afterwards
/// everything goes on.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_proved_while_redis_hangs() {
    let fleet = Fleet::start();
    let mut settings = fleet.settings(0);
    settings.deadline = Duration::from_millis(300);
    let node = jeton_store::RedisStore::connect(settings).await.unwrap();

    fleet.redis.freeze();
    let (beat, update, load) = tokio::join!(node.beat(), revoke(&node, 1), node.load(subject(1)));
    fleet.redis.thaw();

    assert!(beat.is_err() && update.is_err() && load.is_err());
    let again = async || revoke(&node, 2).await.ok();
    crate::redis::fleet::eventually("an update gets through again", again).await;
    let again = async || node.beat().await.ok();
    crate::redis::fleet::eventually("a heartbeat gets through again", again).await;
    assert!(heard(&node).await.iter().any(|one| one.target == session(2)));
}

/// A primary without the replicas it needs has been cut off: somewhere else others may decide by now.
/// It answers nothing, not even how things were.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_primary_that_was_cut_off_answers_nobody() {
    let fleet = Fleet::start();
    let node = fleet.node(0).await;
    node.update(subject(1), count).await.unwrap();
    fleet.redis.cli(&["config", "set", "min-replicas-to-write", "1"]);

    let change = node.update(subject(1), count).await;
    let keep = node.update(subject(1), |_| Step::keep(())).await;
    let load = node.load(subject(1)).await;
    let (beat, beat_of) = (node.beat().await, node.beat_of(subject(1)).await);

    assert!(change.is_err() && keep.is_err() && load.is_err());
    assert!(beat.is_err() && beat_of.is_err());
    fleet.redis.cli(&["config", "set", "min-replicas-to-write", "0"]);
    assert_eq!(node.update(subject(1), count).await, Ok(2));
}
