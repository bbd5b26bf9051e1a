use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use redis::{Script, Value, cmd};
use tokio::task::JoinSet;
use tokio::time::Instant;

use super::clusters::Cluster;
use super::servers::Redis;
use super::{PATIENCE, open, standalone};
use crate::redis::OpenRedisError;
use crate::redis::bucket::Bucket;
use crate::redis::link::{Link, slot_of};
use crate::redis::settings::{Deployment, RedisSettings};

fn settings(nodes: Vec<String>) -> RedisSettings {
    RedisSettings { deployment: Deployment::Cluster { nodes }, ..standalone("") }
}

fn key(bucket: Bucket) -> String {
    format!("jeton:{{{}}}:n", bucket.tag())
}

#[tokio::test]
async fn every_bucket_and_every_key_beside_them_has_its_server() {
    let cluster = Cluster::start(3);
    let link = open(&settings(cluster.addresses())).await;

    for bucket in Bucket::all() {
        let answer = link.ask(bucket, cmd("INCR").arg(key(bucket))).await;
        assert_eq!(answer, Ok(Value::Int(1)), "{bucket:?}");
    }
    let beside = link.ask_key(b"jeton:cfg", cmd("INCR").arg("jeton:cfg")).await;

    assert_eq!(beside, Ok(Value::Int(1)));
    assert_eq!(link.infos().await.unwrap().len(), 3);
    assert_eq!(link.groups().len(), 64);
}

/// C4: a primary dies, and only its own buckets wait for the election.
#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_dies_is_replaced_and_the_others_do_not_notice() {
    let mut cluster = Cluster::with(3, 1, &["--cluster-require-full-coverage", "no"]);
    let link = open(&settings(cluster.addresses())).await;
    let dead = cluster.owner(0, 0).unwrap();
    let asked = (dead + 1) % 3;
    let is_dead = |bucket: &Bucket| cluster.owner(slot(*bucket), asked) == Some(dead);
    let (theirs, others): (Vec<_>, Vec<_>) = Bucket::all().partition(is_dead);

    cluster.nodes[dead].kill();
    let start = Instant::now();
    let mut replaced = None;
    while replaced.is_none() {
        assert!(start.elapsed() < PATIENCE);
        let answer = link.ask(theirs[0], cmd("INCR").arg(key(theirs[0]))).await;
        replaced = answer.is_ok().then(|| start.elapsed());
        for bucket in &others {
            let answer = link.ask(*bucket, cmd("INCR").arg(key(*bucket))).await;
            assert!(answer.is_ok(), "{bucket:?}: {answer:?}");
        }
    }

    for bucket in theirs {
        assert!(link.ask(bucket, cmd("INCR").arg(key(bucket))).await.is_ok(), "{bucket:?}");
    }
    println!("another node took a write after {replaced:?}");
}

/// C4: a server that hangs takes nobody else's connection with it, and is found again.
#[tokio::test(flavor = "multi_thread")]
async fn a_primary_that_hangs_holds_up_its_own_buckets_alone() {
    let cluster = Cluster::with(3, 0, &["--cluster-require-full-coverage", "no"]);
    let deadline = Duration::from_millis(400);
    let link = open(&RedisSettings { deadline, ..settings(cluster.addresses()) }).await;
    let (theirs, others): (Vec<_>, Vec<_>) =
        Bucket::all().partition(|bucket| cluster.owner(slot(*bucket), 0) == Some(1));

    cluster.nodes[1].freeze();
    let hanging = link.ask(theirs[0], cmd("INCR").arg(key(theirs[0]))).await;
    let mut failed = Vec::new();
    for bucket in others {
        let answer = link.ask(bucket, cmd("INCR").arg(key(bucket))).await;
        failed.extend(answer.err());
    }
    cluster.nodes[1].thaw();

    assert!(hanging.is_err());
    assert_eq!(failed, []);
    let start = Instant::now();
    while link.ask(theirs[0], cmd("INCR").arg(key(theirs[0]))).await.is_err() {
        assert!(start.elapsed() < PATIENCE);
    }
}

/// C4: keys that have moved are found before their slot has.
#[tokio::test(flavor = "multi_thread")]
async fn a_slot_that_is_on_its_way_is_served_from_both_sides() {
    let mut cluster = Cluster::start(3);
    cluster.grow();
    let link = open(&settings(cluster.addresses()[..3].to_vec())).await;
    let bucket = Bucket::all().next().unwrap();
    let script = Script::new("return redis.call('INCR', KEYS[1])");
    let keys = [key(bucket).into_bytes()];
    let before = link.run(bucket, &script, &keys, &[]).await;

    cluster.begin_to_move(slot(bucket), &key(bucket), 0, 3);
    let moved = link.run(bucket, &script, &keys, &[]).await;
    let read = link.ask(bucket, cmd("GET").arg(key(bucket))).await;

    assert_eq!((before, moved), (Ok(Value::Int(1)), Ok(Value::Int(2))));
    assert_eq!(read, Ok(Value::BulkString(b"2".to_vec())));
}

/// C1, C4: buckets move to other servers, a new one among them, and nobody gets an error or loses a
/// write.
#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_and_nothing_fails_while_slots_move() {
    let mut cluster = Cluster::start(3);
    let link = open(&settings(cluster.addresses())).await;
    let stop = Arc::new(AtomicBool::new(false));
    let mut writers = JoinSet::new();
    for bucket in Bucket::all().take(24) {
        let (link, stop) = (link.clone(), Arc::clone(&stop));
        writers.spawn(async move { (bucket, count_up(&link, bucket, &stop).await) });
    }

    let moves = tokio::task::spawn_blocking(move || {
        cluster.reshard(0, 1, 1_500);
        cluster.grow();
        cluster.reshard(1, 3, 1_500);
        cluster
    });
    let cluster = moves.await.unwrap();
    stop.store(true, Ordering::Relaxed);

    let mut all = 0;
    while let Some(counted) = writers.join_next().await {
        let (bucket, acknowledged) = counted.unwrap();
        let stored = link.ask(bucket, cmd("GET").arg(key(bucket))).await.unwrap();
        assert_eq!(stored, Value::BulkString(acknowledged.to_string().into_bytes()));
        all += acknowledged;
    }
    assert_eq!(cluster.owner(0, 0), Some(3), "the first slots have moved twice");
    println!("{all} writes while 3,000 slots moved");
}

/// Counts in a script until it shall stop; the count is how often it was told that it did.
async fn count_up(link: &Link, bucket: Bucket, stop: &AtomicBool) -> u64 {
    let script = Script::new("return redis.call('INCR', KEYS[1])");
    let key = key(bucket).into_bytes();
    let count = AtomicU64::new(0);
    while !stop.load(Ordering::Relaxed) {
        let answer = link.run(bucket, &script, std::slice::from_ref(&key), &[]).await;
        let before = count.fetch_add(1, Ordering::Relaxed);
        assert_eq!(answer, Ok(Value::Int(i64::try_from(before + 1).unwrap())));
    }
    count.into_inner()
}

/// C4: a reader on a slot that moves is told so.
#[tokio::test(flavor = "multi_thread")]
async fn a_reader_does_not_stay_where_its_slot_was() {
    let cluster = Cluster::start(3);
    let link = open(&settings(cluster.addresses())).await;
    let bucket = Bucket::all().next().unwrap();
    let mut blocking = link.blocking(bucket).await.unwrap();
    let stream = format!("jeton:{{{}}}:r", bucket.tag());
    let mut read = cmd("XREAD");
    read.arg("BLOCK").arg(60_000).arg("STREAMS").arg(stream).arg("0");
    let reading = tokio::spawn(async move { blocking.read(&read, PATIENCE * 2).await });
    tokio::time::sleep(Duration::from_millis(100)).await;

    tokio::task::spawn_blocking(move || {
        cluster.reshard(0, 1, usize::from(slot(bucket)) + 1);
        cluster
    })
    .await
    .unwrap();
    let ended = tokio::time::timeout(PATIENCE, reading).await;

    assert!(ended.unwrap().unwrap().is_err());
}

#[tokio::test]
async fn what_is_wrong_with_a_cluster_is_said() {
    let single = Redis::start();
    let empty = Redis::with(&["--cluster-enabled", "yes"]);

    let none = Link::open(&settings(vec![single.address()])).await.unwrap_err();
    let down = Link::open(&settings(vec![empty.address()])).await.unwrap_err();

    assert!(none.to_string().contains("is no node of a Cluster"), "{none}");
    assert!(matches!(down, OpenRedisError::ClusterDown(_)), "{down}");
}

fn slot(bucket: Bucket) -> u16 {
    slot_of(bucket.tag().as_bytes())
}
